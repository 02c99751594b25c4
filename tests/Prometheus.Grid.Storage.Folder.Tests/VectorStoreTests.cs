using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Xunit;

namespace Prometheus.Grid.Storage.Folder.Tests;

public sealed class VectorStoreTests
{
    private static readonly PartitionKey s_key = new(BranchKind.Numeric, "num-test-v1", new DateOnly(2024, 3, 1));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_writer_that_stopped_is_taken_up_after_its_last_chunk()
    {
        using var folder = new TestFolder();
        await using FolderStore store = await folder.OpenAsync();
        await using (IPartitionWriter first = await store.Vectors.BeginAsync(s_key, 2, "o", "f", Token))
        {
            await first.CommitAsync(Batch(("A", 1), ("B", 2)), [new SkippedEntity("X", new SkipReason("no data", "none"))], Token);
        }
        Assert.Null(await store.Vectors.ReadAsync(s_key, null, null, Token));
        await using IPartitionWriter second = await store.Vectors.BeginAsync(s_key, 2, "o", "f", Token);
        Assert.Equal(1, second.CommittedChunks);
        await second.CommitAsync(Batch(("C", 3)), [], Token);
        (WriteOutcome outcome, IReadOnlyList<SkippedEntity> skipped) = await second.CompleteAsync(Token);

        Assert.Equal(new WriteOutcome(3, 0), outcome);
        Assert.Equal([new SkippedEntity("X", new SkipReason("no data", "none"))], skipped);
        VectorPartition partition = (await store.Vectors.ReadAsync(s_key, null, null, Token))!;
        Assert.Equal(["A", "B", "C"], partition.Rows.Headers.Select(row => row.EntityId));
        Assert.Equal([1, 1, 2, 2, 3, 3], partition.Rows.Values.ToArray());
    }

    private static VectorBatch Batch(params (string Id, float Value)[] rows) => new(
        [.. rows.Select(row => new RowHeader(row.Id))], rows.SelectMany(row => new[] { row.Value, row.Value }).ToArray(), 2);
}
