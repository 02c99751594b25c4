using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Grains.Storage;

/// <summary>Buckets read by the shards of a silo, which lack what changed in a partition at the same time: one query reads that for all.</summary>
internal sealed class SharedBuckets : IBucketStore
{
    private readonly IBucketStore _buckets;
    private readonly Batcher<(PartitionKey Key, int Of, string Since), IReadOnlyList<int>, VectorChanges?> _changes;
    private readonly Batcher<bool, bool, string> _histories;

    public SharedBuckets(IBucketStore buckets)
    {
        _buckets = buckets;
        _changes = new("read bucket changes", ReadChangedAsync);
        _histories = new("read history", async (_, calls) =>
        {
            string history = await buckets.HistoryAsync(CancellationToken.None);
            return [.. calls.Select(_ => history)];
        });
    }

    public Task<VectorPartition?> ReadBucketAsync(PartitionKey key, int bucket, int count, IRowSink sink, CancellationToken cancellationToken) =>
        _buckets.ReadBucketAsync(key, bucket, count, sink, cancellationToken);

    public Task<VectorChanges?> ReadChangedAsync(PartitionKey key, EntityBuckets buckets, string since, CancellationToken cancellationToken) =>
        _changes.RunAsync((key, buckets.Of, since), buckets.Numbers, cancellationToken);

    public Task<string> HistoryAsync(CancellationToken cancellationToken) => _histories.RunAsync(true, true, cancellationToken);

    private async Task<IReadOnlyList<VectorChanges?>> ReadChangedAsync((PartitionKey Key, int Of, string Since) wanted, IReadOnlyList<IReadOnlyList<int>> calls)
    {
        var together = new EntityBuckets(wanted.Of, [.. calls.SelectMany(numbers => numbers).Distinct().Order()]);
        return VectorChangesOf.Divide(await _buckets.ReadChangedAsync(wanted.Key, together, wanted.Since, CancellationToken.None), wanted.Of, calls);
    }
}
