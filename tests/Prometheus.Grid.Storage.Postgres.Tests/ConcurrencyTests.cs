using Npgsql;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Storage.Postgres.Tests;

/// <summary>Writers of one date at once end with the rows of one.</summary>
public sealed class ConcurrencyTests(ServerFixture server)
{
    private const int Chunks = 12, RowsInChunk = 25;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_process_that_may_write_no_more_leaves_the_rows_as_they_are()
    {
        var fence = new Fence();
        var options = new PostgresOptions { Fence = fence };
        (var store, _) = await server.OpenAsync(options);
        await using var _store = store;
        await store.Vectors.PutAsync(Samples.Joint, Samples.Rows(Samples.Joint, 0, 2), "o", Token);
        await using var writer = await store.Vectors.BeginAsync(Samples.Joint, Samples.Dimension, "o", "work", Token);
        await writer.CommitAsync(Samples.Rows(Samples.Joint, 0, 2, seed: 2), [], Token);
        fence.IsUp = true;
        var put = await Assert.ThrowsAsync<GridFaultException>(
            () => store.Vectors.PutAsync(Samples.Joint, Samples.Rows(Samples.Joint, 0, 2, seed: 3), "o", Token));
        var completed = await Assert.ThrowsAsync<GridFaultException>(() => writer.CompleteAsync(Token));
        Assert.Equal(("fenced", "fenced"), (put.Message, completed.Message));
        Samples.Same(Samples.Rows(Samples.Joint, 0, 2), (await store.Vectors.ReadAsync(Samples.Joint, null, null, Token))?.Rows);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Two_backfills_of_one_date_end_with_the_rows_of_one(bool isSameWork)
    {
        (var first, string database) = await server.OpenAsync();
        await using var _first = first;
        await using var second = await PostgresStore.OpenAsync(database, ServerFixture.Catalog, null, Token);
        for (int day = 0; day < 5; day++)
        {
            var key = Samples.Joint with { AsOf = Samples.AsOf.AddDays(day) };
            var outcomes = await Task.WhenAll(
                BackfillAsync(first, key, "one"), BackfillAsync(second, key, isSameWork ? "one" : "two"));
            Assert.All(outcomes, outcome => Assert.Equal(Chunks * RowsInChunk, outcome.Written + outcome.Unchanged));
            Assert.Equal(Chunks * RowsInChunk, outcomes.Max(outcome => outcome.Written));
            Samples.Same(Samples.Rows(key, 0, Chunks * RowsInChunk), (await first.Vectors.ReadAsync(key, null, null, Token))?.Rows);
        }
        Assert.Equal(5L * Chunks * RowsInChunk, await ServerFixture.SqlAsync(database, "SELECT count(*) FROM joint_embeddings"));
        Assert.Equal(0L, await ServerFixture.SqlAsync(database, "SELECT (SELECT count(*) FROM grid_pending_vectors) + (SELECT count(*) FROM grid_jobs)"));
        Assert.Equal(0L, await ServerFixture.SqlAsync(database, "SELECT count(*) FROM grid_superseded_vectors"));
    }

    [Fact]
    public async Task Puts_from_many_sides_are_all_there_and_their_times_differ()
    {
        (var store, string database) = await server.OpenAsync();
        await using var _store = store;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(side => Task.Run(
            async () =>
            {
                for (int round = 0; round < 10; round++)
                    await store.Vectors.PutAsync(Samples.Text, Samples.Rows(Samples.Text, 0, 5, seed: 100 * side + round), "o", Token);
            },
            Token)));
        Assert.Equal(5, (await store.Vectors.ReadAsync(Samples.Text, null, null, Token))!.Rows.Count);
        Assert.Equal(80L, await ServerFixture.SqlAsync(
            database, "SELECT count(DISTINCT known_at) FROM (SELECT known_at FROM text_embeddings UNION ALL SELECT known_at FROM grid_superseded_vectors) r"));
        Assert.Equal(400L, await ServerFixture.SqlAsync(database, "SELECT (SELECT count(*) FROM text_embeddings) + (SELECT count(*) FROM grid_superseded_vectors)"));
    }

    private static async Task<WriteOutcome> BackfillAsync(PostgresStore store, PartitionKey key, string fingerprint)
    {
        await using var writer = await store.Vectors.BeginAsync(key, 384, "o", fingerprint, Token);
        for (int chunk = writer.CommittedChunks; chunk < Chunks; chunk++)
            await writer.CommitAsync(Samples.Rows(key, chunk * RowsInChunk, RowsInChunk), [], Token);
        return (await writer.CompleteAsync(Token)).Outcome;
    }

    private sealed class Fence : IWriteFence
    {
        public bool IsUp { get; set; }

        public NpgsqlBatchCommand Question() => new($"SELECT {!IsUp}");

        public GridFaultException Refusal() => new("fenced", canRetry: true);
    }
}
