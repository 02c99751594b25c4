using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Grains.Storage;

/// <summary>A store as one shard sees it: of joint vectors only the rows of its bucket.</summary>
/// <param name="store">The whole store; stays the caller's.</param>
/// <param name="shard">The bucket.</param>
internal sealed class BucketStore(IGridStore store, ShardKey shard) : IGridStore
{
    public string Description => $"{store.Description}, {shard}";

    public IGridInputs Inputs => store.Inputs;

    public IVectorStore Vectors { get; } = new BucketVectors(store.Vectors, shard);

    public IArtifactStore Artifacts => store.Artifacts;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class BucketVectors(IVectorStore vectors, ShardKey shard) : DelegatingVectorStore(vectors)
    {
        public override async Task<VectorPartition?> ReadAsync(
            PartitionKey key, IReadOnlyCollection<string>? entityIds, DateTimeOffset? asKnown, CancellationToken cancellationToken)
        {
            VectorPartition? partition = await base.ReadAsync(key, entityIds, asKnown, cancellationToken);
            return partition is null || key.Kind != BranchKind.Joint ? partition : partition with { Rows = OfBucket(partition.Rows) };
        }

        private VectorBatch OfBucket(VectorBatch rows)
        {
            int[] mine = [.. Enumerable.Range(0, rows.Count).Where(row => shard.Holds(rows.Headers[row].EntityId))];
            var values = new float[mine.Length * rows.Dimension];
            for (int i = 0; i < mine.Length; i++)
                rows.Row(mine[i]).CopyTo(values.AsMemory(i * rows.Dimension));
            return new VectorBatch([.. mine.Select(row => rows.Headers[row])], values, rows.Dimension);
        }
    }
}
