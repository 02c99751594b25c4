using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Core.Telemetry;
using Prometheus.Grid.Grains.Messages;

namespace Prometheus.Grid.Grains.Storage;

/// <summary>Vectors read and written by many callers at once: see <see cref="Batcher{TKey,TCall,TAnswer}"/>.</summary>
internal sealed class SharedVectors : DelegatingVectorStore
{
    private readonly Batcher<PartitionKey, bool, VectorPartition?> _partitions;
    private readonly Batcher<PartitionKey, string, VectorPartition?> _rows;
    private readonly Batcher<(PartitionKey Key, int Of, string? Since), IReadOnlyList<int>, VectorChanges?> _changes;
    private readonly Batcher<bool, IReadOnlyList<PartitionKey>, IReadOnlyList<VectorPartition?>> _headers;
    private readonly Batcher<(BranchKind?, string?), bool, IReadOnlyList<PartitionKey>> _listings;
    private readonly Batcher<PutShape, IReadOnlyList<VectorPut>, IReadOnlyList<WriteOutcome>?> _writes;
    private readonly Batcher<PutShape, IReadOnlyList<VectorPut>, IReadOnlyList<WriteOutcome>?> _sends;
    private readonly Dictionary<PartitionKey, WeakReference<VectorPartition>> _recent = [];
    private readonly GrainsOf<IGroupWriterGrain>? _writers;

    /// <param name="vectors">The store.</param>
    /// <param name="grains">Reaches the writer of a date; null has every put written here.</param>
    public SharedVectors(IVectorStore vectors, IGrainFactory? grains)
        : base(vectors)
    {
        _writers = grains is null ? null : new GrainsOf<IGroupWriterGrain>(grains);
        Buckets = base.Buckets is { } buckets ? new SharedBuckets(buckets) : null;
        _partitions = new("read partition", async (key, calls) => Same(await ReadPartitionAsync(key), calls));
        _rows = new("read rows", ReadRowsAsync);
        _changes = new("read changes", ReadChangesAsync);
        _headers = new("read versions", (_, calls) => ReadHeadersAsync(calls));
        _listings = new("list partitions", async (key, calls) => Same(await base.ListAsync(key.Item1, key.Item2, CancellationToken.None), calls));
        _writes = new("commit puts", (shape, calls) => WriteAsync(calls, shape.Expected));
        // The next message is on its way, and may share the next commit, while the one before it is answered.
        _sends = new("send puts", (shape, calls) => SendAsync(calls, shape.Expected), atOnce: 2);
    }

    public override IBucketStore? Buckets { get; }

    public override async Task<VectorPartition?> ReadAsync(
        PartitionKey key, IReadOnlyCollection<string>? entityIds, DateTimeOffset? asKnown, CancellationToken cancellationToken) => (asKnown, entityIds) switch
        {
            (null, null) => await _partitions.RunAsync(key, true, cancellationToken),
            (null, { Count: 0 }) => (await HeadersAsync([key], cancellationToken))[0],
            // Rows of one entity are not read together with those of others: the answer says when its newest row became known.
            _ => await base.ReadAsync(key, entityIds, asKnown, cancellationToken),
        };

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
        (await HeadersAsync([key], cancellationToken))[0]?.Version;

    public override Task<IReadOnlyList<VectorPartition?>> HeadersAsync(IReadOnlyList<PartitionKey> keys, CancellationToken cancellationToken) =>
        _headers.RunAsync(true, keys, cancellationToken);

    public override Task<IReadOnlyList<PartitionKey>> ListAsync(BranchKind? kind, string? modelId, CancellationToken cancellationToken) =>
        _listings.RunAsync((kind, modelId), true, cancellationToken);

    public override async Task<WriteOutcome> PutAsync(PartitionKey key, VectorBatch rows, string origin, CancellationToken cancellationToken) =>
        (await PutTogetherAsync([new VectorPut(key, rows, origin)], cancellationToken))[0];

    /// <summary>Live puts, of one row into each of some partitions of a date, go to the writer of the date, wherever it is; others are written here.</summary>
    public override async Task<IReadOnlyList<WriteOutcome>> PutTogetherAsync(IReadOnlyList<VectorPut> puts, CancellationToken cancellationToken) =>
        (await SendOrWriteAsync(puts, null, cancellationToken))!;

    /// <inheritdoc cref="PutTogetherAsync(IReadOnlyList{VectorPut}, CancellationToken)"/>
    public override Task<IReadOnlyList<WriteOutcome>?> TryPutTogetherAsync(
        IReadOnlyList<VectorPut> puts, IReadOnlyList<PartitionRecipe> expected, CancellationToken cancellationToken) =>
        SendOrWriteAsync(puts, expected, cancellationToken);

    /// <summary>
    /// Writes from this silo. Puts into the same partitions share a transaction; one that is refused, for its recipe say, takes others like it along and
    /// nobody else.
    /// </summary>
    /// <param name="puts">The puts.</param>
    /// <param name="expected">What must be so, or nothing is written and the answer is null; null where all is to be written anyway.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<IReadOnlyList<WriteOutcome>?> WriteHereAsync(
        IReadOnlyList<VectorPut> puts, IReadOnlyList<PartitionRecipe>? expected, CancellationToken cancellationToken) =>
        _writes.RunAsync(new PutShape(puts, expected), puts, cancellationToken);

    private Task<IReadOnlyList<WriteOutcome>?> SendOrWriteAsync(
        IReadOnlyList<VectorPut> puts, IReadOnlyList<PartitionRecipe>? expected, CancellationToken cancellationToken) =>
        _writers is null || puts.Any(put => put.Rows.Count != 1 || put.Key.AsOf != puts[0].Key.AsOf)
            ? WriteHereAsync(puts, expected, cancellationToken)
            : _sends.RunAsync(new PutShape(puts, expected), puts, cancellationToken);

    private static IReadOnlyList<TAnswer> Same<TAnswer>(TAnswer answer, IReadOnlyList<bool> calls) => [.. calls.Select(_ => answer)];

    private async Task<IReadOnlyList<IReadOnlyList<VectorPartition?>>> ReadHeadersAsync(IReadOnlyList<IReadOnlyList<PartitionKey>> calls)
    {
        PartitionKey[] keys = [.. calls.SelectMany(call => call).Distinct()];
        var headers = await base.HeadersAsync(keys, CancellationToken.None);
        var byKey = keys.Zip(headers).ToDictionary(pair => pair.First, pair => pair.Second);
        return [.. calls.Select(call => (VectorPartition?[])[.. call.Select(key => byKey[key])])];
    }

    private async Task<IReadOnlyList<VectorPartition?>> ReadRowsAsync(PartitionKey key, IReadOnlyList<string> entityIds)
    {
        var partition = await base.ReadAsync(key, [.. entityIds.Distinct(StringComparer.Ordinal)], null, CancellationToken.None);
        return [.. entityIds.Select(id => partition is null ? null : partition with { Rows = Only(partition.Rows, id) })];
    }

    private async Task<IReadOnlyList<VectorChanges?>> ReadChangesAsync((PartitionKey Key, int Of, string? Since) wanted, IReadOnlyList<IReadOnlyList<int>> calls)
    {
        var together = new EntityBuckets(wanted.Of, [.. calls.SelectMany(numbers => numbers).Distinct().Order()]);
        return VectorChangesOf.Divide(await base.ReadChangesAsync(wanted.Key, together, wanted.Since, CancellationToken.None), wanted.Of, calls);
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
        VectorPartition? recent = null;
        bool isTrue = reference?.TryGetTarget(out recent) == true && recent.Version == await base.VersionAsync(key, CancellationToken.None);
        GridMetrics.Looked("partitions", isTrue);
        if (isTrue)
            return recent;
        var partition = await base.ReadAsync(key, null, null, CancellationToken.None);
        lock (_recent)
        {
            foreach (var gone in _recent.Where(entry => !entry.Value.TryGetTarget(out _)).Select(entry => entry.Key).ToArray())
                _recent.Remove(gone);
            if (partition is not null)
                _recent[key] = new WeakReference<VectorPartition>(partition);
        }
        return partition;
    }

    /// <summary>Sends what waits in this silo to the writer of its date.</summary>
    private async Task<IReadOnlyList<IReadOnlyList<WriteOutcome>?>> SendAsync(
        IReadOnlyList<IReadOnlyList<VectorPut>> calls, IReadOnlyList<PartitionRecipe>? expected)
    {
        var writer = _writers!.Of(DateRange.Text(calls[0][0].Key.AsOf));
        bool[] changed = await writer.WriteAsync(PutGroup.Of(calls, expected), CancellationToken.None);
        if (changed.Length == 0)
            return new IReadOnlyList<WriteOutcome>?[calls.Count];
        int row = 0;
        return [.. calls.Select(puts => (WriteOutcome[])[.. puts.Select(_ => changed[row++] ? new WriteOutcome(1, 0) : new WriteOutcome(0, 1))])];
    }

    /// <summary>Group commit. Two writes of one entity are two transactions, in their order.</summary>
    private async Task<IReadOnlyList<IReadOnlyList<WriteOutcome>?>> WriteAsync(
        IReadOnlyList<IReadOnlyList<VectorPut>> writes, IReadOnlyList<PartitionRecipe>? expected)
    {
        var outcomes = new IReadOnlyList<WriteOutcome>?[writes.Count];
        List<int> waiting = [.. Enumerable.Range(0, writes.Count)];
        while (waiting.Count > 0)
        {
            int[] together = Independent(waiting, writes);
            VectorPut[] puts = [.. together.SelectMany(write => writes[write])];
            var written = expected is not null
                ? await base.TryPutTogetherAsync(puts, expected, CancellationToken.None)
                : await base.PutTogetherAsync(puts, CancellationToken.None);
            GridMetrics.PutTogether(together.Length);
            int first = 0;
            foreach (int write in together)
            {
                outcomes[write] = written is null ? null : [.. written.Skip(first).Take(writes[write].Count)];
                first += writes[write].Count;
            }
            waiting = together.Length == waiting.Count ? [] : [.. waiting.Except(together)];
        }
        return outcomes;
    }

    /// <summary>Those of the waiting writes that share no row with one that waits before them; the first is always among them.</summary>
    private static int[] Independent(List<int> waiting, IReadOnlyList<IReadOnlyList<VectorPut>> writes)
    {
        var independent = new List<int>(waiting.Count);
        var taken = new HashSet<(PartitionKey, string)>();
        foreach (int write in waiting)
        {
            (PartitionKey, string)[] rows = [.. writes[write].SelectMany(put => put.Rows.Headers.Select(header => (put.Key, header.EntityId)))];
            if (!taken.Overlaps(rows))
                independent.Add(write);
            // Rows of a write that must wait are taken too, or one behind it would overtake it.
            taken.UnionWith(rows);
        }
        return [.. independent];
    }
}
