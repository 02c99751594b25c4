using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Tests;
using Xunit;

namespace Prometheus.Grid.Storage.Folder.Tests;

/// <summary>A disk that fills up while vectors are written, on a file system of four megabytes.</summary>
public sealed class FullDiskTests
{
    private const int Dimension = 1024;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Committed_work_survives_and_goes_on_once_there_is_space()
    {
        using var disk = await SmallDisk.MountAsync(megabytes: 4);
        await using var store = await FolderStore.OpenAsync(disk.Path, null, Token);
        await store.Vectors.PutAsync(ChildProcess.Key, Rows(0, 1), "o", Token);
        await disk.TakeMegabyteAsync();

        var key = ChildProcess.Key with { ModelId = "num-big-v1" };
        int committed = 0;
        var error = await Assert.ThrowsAsync<GridFaultException>(async () =>
        {
            await using var writer = await store.Vectors.BeginAsync(key, Dimension, "o", "f", Token);
            for (; ; committed++)
                await writer.CommitAsync(Rows(committed, 100), [], Token);
        });
        Assert.Contains("disk is full", error.Message, StringComparison.Ordinal);
        Assert.True(error.CanRetry);
        Assert.True(committed > 0, "not even one chunk fitted");
        Assert.Null(await store.Vectors.ReadAsync(key, null, null, Token));
        Assert.Equal(1, (await store.Vectors.ReadAsync(ChildProcess.Key, null, null, Token))!.Rows.Count);
        await Assert.ThrowsAsync<GridFaultException>(() => store.Vectors.PutAsync(ChildProcess.Key, Rows(1, 600), "o", Token));
        Assert.Equal(1, (await store.Vectors.ReadAsync(ChildProcess.Key, null, null, Token))!.Rows.Count);

        disk.GiveBack();
        await using var again = await store.Vectors.BeginAsync(key, Dimension, "o", "f", Token);
        Assert.Equal(committed, again.CommittedChunks);
        await again.CommitAsync(Rows(committed, 100), [], Token);
        Assert.Equal(new WriteOutcome(100 * (committed + 1), 0), (await again.CompleteAsync(Token)).Outcome);
        Assert.All(await store.Vectors.VerifyAsync(Token).ToListAsync(Token), finding => Assert.Null(finding.Problem));
    }

    private static VectorBatch Rows(int chunk, int count)
    {
        float[] values = new float[count * Dimension];
        Array.Fill(values, chunk + 0.5f);
        return new VectorBatch([.. Enumerable.Range(0, count).Select(i => new RowHeader($"E{chunk:D3}{i:D4}"))], values, Dimension);
    }
}
