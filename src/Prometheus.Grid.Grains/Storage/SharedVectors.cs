using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Grains.Storage;

/// <summary>Vectors read and written by many callers at once: see <see cref="Batcher{TKey,TCall,TAnswer}"/>.</summary>
internal sealed class SharedVectors : DelegatingVectorStore
{
    private readonly Batcher<PartitionKey, bool, VectorPartition?> _headers;
    private readonly Batcher<PartitionKey, bool, VectorPartition?> _partitions;
    private readonly Batcher<PartitionKey, string, VectorPartition?> _rows;
    private readonly Batcher<(PartitionKey Key, int Of, string? Since), IReadOnlyList<int>, VectorChanges?> _changes;
    private readonly Batcher<bool, IReadOnlyList<PartitionKey>, IReadOnlyList<string?>> _versions;
    private readonly Batcher<(BranchKind?, string?), bool, IReadOnlyList<PartitionKey>> _listings;
    private readonly Batcher<(PartitionKey Key, string Origin, int Dimension), VectorBatch, WriteOutcome> _writes;
    private readonly Dictionary<PartitionKey, WeakReference<VectorPartition>> _recent = [];

    public SharedVectors(IVectorStore vectors)
        : base(vectors)
    {
        _headers = new(async (key, calls) => Same(await base.ReadAsync(key, [], null, CancellationToken.None), calls));
        _partitions = new(async (key, calls) => Same(await ReadPartitionAsync(key), calls));
        _rows = new(ReadRowsAsync);
        _changes = new(ReadChangesAsync);
        _versions = new((_, calls) => ReadVersionsAsync(calls));
        _listings = new(async (key, calls) => Same(await base.ListAsync(key.Item1, key.Item2, CancellationToken.None), calls));
        _writes = new(WriteAsync);
    }

    public override Task<VectorPartition?> ReadAsync(
        PartitionKey key, IReadOnlyCollection<string>? entityIds, DateTimeOffset? asKnown, CancellationToken cancellationToken)
    {
        if (asKnown is null && entityIds is null)
            return _partitions.RunAsync(key, true, cancellationToken);
        // Rows of one entity are not read together with those of others: the answer says when its newest row became known.
        return asKnown is null && entityIds!.Count == 0
            ? _headers.RunAsync(key, true, cancellationToken)
            : base.ReadAsync(key, entityIds, asKnown, cancellationToken);
    }

    /// <summary>The shards of a silo lack the rows of the same partition at the same time: one query reads them for all.</summary>
    public override Task<VectorChanges?> ReadChangesAsync(PartitionKey key, EntityBuckets buckets, string? since, CancellationToken cancellationToken) =>
        _changes.RunAsync((key, buckets.Of, since), buckets.Numbers, cancellationToken);

    /// <summary>
    /// One row of a partition, read together with those that others want of it. The time at which it became known is that of the newest row
    /// of that read, so this is not for answers that tell it.
    /// </summary>
    public Task<VectorPartition?> ReadRowAsync(PartitionKey key, string entityId, CancellationToken cancellationToken) =>
        _rows.RunAsync(key, entityId, cancellationToken);

    public override async Task<string?> VersionAsync(PartitionKey key, CancellationToken cancellationToken) =>
        (await VersionsAsync([key], cancellationToken))[0];

    public override Task<IReadOnlyList<string?>> VersionsAsync(IReadOnlyList<PartitionKey> keys, CancellationToken cancellationToken) =>
        _versions.RunAsync(true, keys, cancellationToken);

    public override Task<IReadOnlyList<PartitionKey>> ListAsync(BranchKind? kind, string? modelId, CancellationToken cancellationToken) =>
        _listings.RunAsync((kind, modelId), true, cancellationToken);

    public override Task<WriteOutcome> PutAsync(PartitionKey key, VectorBatch rows, string origin, CancellationToken cancellationToken) =>
        _writes.RunAsync((key, origin, rows.Dimension), rows, cancellationToken);

    private static IReadOnlyList<TAnswer> Same<TAnswer>(TAnswer answer, IReadOnlyList<bool> calls) => [.. calls.Select(_ => answer)];

    private async Task<IReadOnlyList<IReadOnlyList<string?>>> ReadVersionsAsync(IReadOnlyList<IReadOnlyList<PartitionKey>> calls)
    {
        PartitionKey[] keys = [.. calls.SelectMany(call => call).Distinct()];
        IReadOnlyList<string?> versions = await base.VersionsAsync(keys, CancellationToken.None);
        Dictionary<PartitionKey, string?> byKey = keys.Zip(versions).ToDictionary(pair => pair.First, pair => pair.Second);
        return [.. calls.Select(call => (string?[])[.. call.Select(key => byKey[key])])];
    }

    private async Task<IReadOnlyList<VectorPartition?>> ReadRowsAsync(PartitionKey key, IReadOnlyList<string> entityIds)
    {
        VectorPartition? partition = await base.ReadAsync(key, [.. entityIds.Distinct(StringComparer.Ordinal)], null, CancellationToken.None);
        return [.. entityIds.Select(id => partition is null ? null : partition with { Rows = Only(partition.Rows, id) })];
    }

    private async Task<IReadOnlyList<VectorChanges?>> ReadChangesAsync((PartitionKey Key, int Of, string? Since) wanted, IReadOnlyList<IReadOnlyList<int>> calls)
    {
        var together = new EntityBuckets(wanted.Of, [.. calls.SelectMany(numbers => numbers).Distinct().Order()]);
        VectorChanges? changes = await base.ReadChangesAsync(wanted.Key, together, wanted.Since, CancellationToken.None);
        return [.. calls.Select(numbers => changes is null ? null : changes with { Partition = changes.Partition with { Rows = Of(numbers) } })];

        VectorBatch Of(IReadOnlyList<int> numbers) =>
            numbers.Count == together.Numbers.Count ? changes.Partition.Rows : new EntityBuckets(wanted.Of, numbers).Select(changes.Partition.Rows);
    }

    private static VectorBatch Only(VectorBatch rows, string entityId) => rows.IndexOf(entityId) is var row and >= 0
        ? new VectorBatch([rows.Headers[row]], rows.Row(row), rows.Dimension)
        : new VectorBatch([], default, rows.Dimension);

    /// <summary>A space's shards in one silo want the same partition one after the other; it is read once, as long as it stays true.</summary>
    private async Task<VectorPartition?> ReadPartitionAsync(PartitionKey key)
    {
        WeakReference<VectorPartition>? reference;
        lock (_recent)
            reference = _recent.GetValueOrDefault(key);
        if (reference?.TryGetTarget(out VectorPartition? recent) == true && recent.Version == await base.VersionAsync(key, CancellationToken.None))
            return recent;
        VectorPartition? partition = await base.ReadAsync(key, null, null, CancellationToken.None);
        lock (_recent)
        {
            foreach (PartitionKey gone in _recent.Where(entry => !entry.Value.TryGetTarget(out _)).Select(entry => entry.Key).ToArray())
                _recent.Remove(gone);
            if (partition is not null)
                _recent[key] = new WeakReference<VectorPartition>(partition);
        }
        return partition;
    }

    /// <summary>Group commit. Two writes of one entity are two transactions, in their order.</summary>
    private async Task<IReadOnlyList<WriteOutcome>> WriteAsync((PartitionKey Key, string Origin, int Dimension) target, IReadOnlyList<VectorBatch> writes)
    {
        var outcomes = new WriteOutcome[writes.Count];
        List<int> left = [.. Enumerable.Range(0, writes.Count)];
        while (left.Count > 0)
        {
            var entities = new HashSet<string>(StringComparer.Ordinal);
            ILookup<bool, int> isNow = left.ToLookup(write => writes[write].Headers.All(header => entities.Add(header.EntityId)));
            int[] together = [.. isNow[true]];
            IReadOnlyList<WriteOutcome> written = await base.PutTogetherAsync(
                target.Key, [.. together.Select(write => writes[write])], target.Origin, CancellationToken.None);
            for (int i = 0; i < together.Length; i++)
                outcomes[together[i]] = written[i];
            left = [.. isNow[false]];
        }
        return outcomes;
    }
}
