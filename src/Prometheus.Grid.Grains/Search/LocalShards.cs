using System.Collections.Concurrent;
using Prometheus.Grid.Core.Fusion;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Search;
using Prometheus.Grid.Embedded.Search;
using Prometheus.Grid.Embedded.Snapshots;
using Prometheus.Grid.Grains.Messages;
using Prometheus.Grid.Grains.Storage;
using Prometheus.Grid.Similarity;

namespace Prometheus.Grid.Grains.Search;

/// <summary>The rows of the shards that live in this silo.</summary>
/// <param name="store">The store of the silo.</param>
/// <param name="catalog">Models and spaces.</param>
/// <param name="scans">The threads that scan.</param>
/// <param name="memory">What all shards of the silo share.</param>
/// <param name="snapshots">Where the silo keeps rows over a restart; null for nowhere.</param>
internal sealed class LocalShards(SharedStore store, ModelCatalog catalog, ScanScheduler scans, RowMemory memory, SnapshotFolder? snapshots)
{
    private readonly ConcurrentDictionary<ShardKey, ShardRows> _shards = new();
    private readonly ConcurrentDictionary<ShardKey, ShardRows> _prepared = new();
    private readonly SharedScans _queue = new(scans);

    /// <summary>The shards that live here.</summary>
    public IReadOnlyCollection<ShardKey> Keys => [.. _shards.Keys];

    /// <summary>A shard has come to live here.</summary>
    public ShardRows Enter(ShardKey shard) => _shards[shard] = _prepared.TryRemove(shard, out var rows) ? rows : NewRows(shard);

    /// <summary>Reads the rows of a shard that is to come.</summary>
    public async Task PrepareAsync(ShardKey shard, IReadOnlyList<DateOnly> dates, CancellationToken cancellationToken)
    {
        var rows = Find(shard) ?? _prepared.GetOrAdd(shard, NewRows);
        foreach (var date in dates)
            await rows.PrepareAsync(catalog.Space(shard.ModelId), date, cancellationToken);
    }

    /// <summary>Forgets rows of shards that were to come and do not belong here any more.</summary>
    public void ForgetPrepared(Predicate<ShardKey> belongsHere)
    {
        foreach (var shard in _prepared.Keys.Where(shard => !belongsHere(shard)))
        {
            if (_prepared.TryRemove(shard, out var rows))
                rows.Clear();
        }
    }

    /// <summary>The dates whose rows a shard has here, the most recently used first.</summary>
    public DateOnly[] DatesOf(ShardKey shard) => Find(shard) is { } rows ? [.. rows.DatesOf(catalog.Space(shard.ModelId))] : [];

    private ShardRows NewRows(ShardKey shard) => new(store, shard.Entities, memory, snapshots);

    /// <summary>A shard has left.</summary>
    public void Leave(ShardKey shard, ShardRows rows)
    {
        _shards.TryRemove(KeyValuePair.Create(shard, rows));
        rows.Clear();
    }

    /// <summary>The rows of a shard; null when it does not live here.</summary>
    public ShardRows? Find(ShardKey shard) => _shards.GetValueOrDefault(shard);

    /// <summary>The best candidates of some shards, off the turn of the grain that asks: a scan computes for milliseconds, on the bounded threads of the silo.</summary>
    public async Task<ShardAnswer> ScanAsync(IReadOnlyList<ShardRows> shards, ShardScan scan, CancellationToken cancellationToken)
    {
        var space = JointOrigin.Apply(catalog.Space(scan.ModelId), scan.Origin);
        var candidates = new CandidateScan
        {
            Space = space,
            Dates = scan.Dates,
            Target = new SearchTarget(scan.Target.Values, null, scan.TargetEntityId, scan.TargetAsOf),
            Shares = scan.Shares,
            Filter = scan.Filter is null ? null : new CandidateFilter(scan.Filter, space, await store.Inputs.ReadUniverseAsync(cancellationToken)),
            TopK = scan.TopK,
            AsKnown = scan.AsKnown,
            Version = scan.Version,
        };
        var scanner = new ShardScanner(shards, _queue);
        var answer = await Task.Run(() => scanner.ScanAsync(candidates, cancellationToken), cancellationToken);
        return new ShardAnswer([.. answer.Best], answer.Candidates, []);
    }
}
