using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Storage.Postgres.Tests;

/// <summary>The disk under the server's staging table fills up, on a tablespace of four megabytes.</summary>
public sealed class FullDiskTests
{
    private const int RowsInChunk = 200;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Committed_work_survives_and_goes_on_once_there_is_space()
    {
        Assert.SkipWhen(PrivatePostgres.WhyNot is not null, PrivatePostgres.WhyNot ?? "");
        using var disk = await SmallDisk.MountAsync(megabytes: 4);
        await using var server = await PrivatePostgres.StartAsync(cancellationToken: Token);
        await server.CreateTablespaceAsync("small", disk.Path, Token);
        string database = await server.CreateDatabaseAsync("on_small_disk", cancellationToken: Token);
        await PostgresStore.MigrateAsync(database, isDryRun: false, Token);
        await ServerFixture.SqlAsync(database, "ALTER TABLE grid_pending_vectors SET TABLESPACE small; ALTER INDEX grid_pending_vectors_pkey SET TABLESPACE small; ALTER TABLE text_embeddings SET TABLESPACE small");
        await using var store = await PostgresStore.OpenAsync(database, ServerFixture.Catalog, null, Token);
        await store.Vectors.PutAsync(Samples.Text, Samples.Rows(Samples.Text, 0, 1), "o", Token);
        await disk.TakeMegabyteAsync();

        int committed = 0;
        var error = await Assert.ThrowsAsync<GridFaultException>(async () =>
        {
            await using var writer = await store.Vectors.BeginAsync(Samples.Numeric, Samples.Dimension, "o", "f", Token);
            for (; ; committed++)
                await writer.CommitAsync(Chunk(committed), [], Token);
        });
        Assert.Contains("the disk of Postgres", error.Message, StringComparison.Ordinal);
        Assert.True(error.CanRetry);
        Assert.True(committed > 0, "not even one chunk fitted");
        Assert.Null(await store.Vectors.ReadAsync(Samples.Numeric, null, null, Token));
        await Assert.ThrowsAsync<GridFaultException>(() => store.Vectors.PutAsync(Samples.Text, Samples.Rows(Samples.Text, 1, 3 * RowsInChunk), "o", Token));
        Samples.Same(Samples.Rows(Samples.Text, 0, 1), (await store.Vectors.ReadAsync(Samples.Text, null, null, Token))?.Rows);

        disk.GiveBack();
        await using var again = await store.Vectors.BeginAsync(Samples.Numeric, Samples.Dimension, "o", "f", Token);
        Assert.Equal(committed, again.CommittedChunks);
        await again.CommitAsync(Chunk(committed), [], Token);
        int rows = RowsInChunk * (committed + 1);
        Assert.Equal(new WriteOutcome(rows, 0), (await again.CompleteAsync(Token)).Outcome);
        Samples.Same(Samples.Rows(Samples.Numeric, 0, rows), (await store.Vectors.ReadAsync(Samples.Numeric, null, null, Token))?.Rows);
    }

    private static VectorBatch Chunk(int chunk) => Samples.Rows(Samples.Numeric, chunk * RowsInChunk, RowsInChunk);
}
