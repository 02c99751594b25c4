using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Search;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Embedded.Snapshots;

namespace Prometheus.Grid.Embedded.Search;

/// <summary>
/// Brings the joint rows of some buckets up to date: from a snapshot and what changed since, where there is one; else from the store, bucket by bucket where it
/// can. Codes of rows that were read are made while others are being read.
/// </summary>
/// <param name="store">Where the rows are.</param>
/// <param name="buckets">Whose rows.</param>
/// <param name="snapshots">Where rows are kept over a restart; null for nowhere.</param>
internal sealed class JointRowReader(IGridStore store, EntityBuckets buckets, SnapshotFolder? snapshots)
{
    private readonly SpaceReader _spaces = new(store);

    /// <summary>Makes the rows those of the version that the store has; under their gate.</summary>
    /// <param name="rows">Of any version, or none.</param>
    /// <param name="space">The space.</param>
    /// <param name="asOf">The date.</param>
    /// <param name="version">A version that is known to be no older than the question; null has the store asked.</param>
    /// <param name="cancellationToken">Ends the work early; the rows are then as they were.</param>
    public async Task<RowSet> UpdateAsync(RowMemory.Rows rows, SpaceManifest space, DateOnly asOf, string? version, CancellationToken cancellationToken)
    {
        var key = new PartitionKey(BranchKind.Joint, space.ModelId, asOf);
        var one = buckets is { AreAll: false, Numbers: [_] } ? store.Vectors.Buckets : null;
        if (rows.Version is null && one is not null && snapshots is not null)
            await RecallAsync(rows, new SnapshotKey(await one.HistoryAsync(cancellationToken), key, buckets.Numbers[0], buckets.Of), cancellationToken);
        if (rows.Version is not null && (rows.Version == version || rows.Version == await store.Vectors.VersionAsync(key, cancellationToken)))
            return rows.Sets[0];
        var set = one is null
            ? await ReadAsync(rows, key, space, cancellationToken)
            : await ReadAsync(rows, key, one, cancellationToken) ?? throw await _spaces.NoVectorsAsync(space, asOf, null, cancellationToken);
        if (rows.Saved.Key is { } saved && rows.Saved.IsDue(set.Headers.Length, snapshots!.Now))
            Keep(rows, saved, set);
        return set;
    }

    /// <summary>Of a store that reads partitions.</summary>
    private async Task<RowSet> ReadAsync(RowMemory.Rows rows, PartitionKey key, SpaceManifest space, CancellationToken cancellationToken)
    {
        var changes = await ChangesAsync(rows.Version);
        if (rows.Sets is [var known] && known.Shard.Shape.Dimensions == changes.Partition.Rows.Dimension)
            known.Update(changes);
        else
            known = RowSet.Of((changes.AreAll ? changes : await ChangesAsync(null)).Partition, cancellationToken);
        rows.Become(changes.Partition.Version, [known]);
        return known;

        async Task<VectorChanges> ChangesAsync(string? since) => await store.Vectors.ReadChangesAsync(key, buckets, since, cancellationToken)
            ?? throw await _spaces.NoVectorsAsync(space, key.AsOf, null, cancellationToken);
    }

    /// <summary>Of a store that finds buckets; null when the partition does not exist.</summary>
    private async Task<RowSet?> ReadAsync(RowMemory.Rows rows, PartitionKey key, IBucketStore one, CancellationToken cancellationToken)
    {
        if (rows is { Version: { } since, Sets: [var known] }
            && await one.ReadChangedAsync(key, buckets, since, cancellationToken) is { } changes && changes.Partition.Rows.Dimension == known.Shard.Shape.Dimensions)
        {
            known.Update(changes);
            rows.Become(changes.Partition.Version, [known]);
            rows.Saved.Changed(changes.Partition.Rows.Count);
            return known;
        }
        var builder = new RowSetBuilder(key.AsOf);
        VectorPartition? partition;
        using (snapshots?.Pause())
            partition = await one.ReadBucketAsync(key, buckets.Numbers[0], buckets.Of, builder, cancellationToken);
        if (partition is null)
            return null;
        var set = builder.ToRowSet();
        rows.Become(partition.Version, [set]);
        rows.Saved.Forget();
        CodeMaker.Offer(set.Shard);
        return set;
    }

    private async Task RecallAsync(RowMemory.Rows rows, SnapshotKey saved, CancellationToken cancellationToken)
    {
        rows.Saved.Key = saved;
        var builder = new RowSetBuilder(saved.Partition.AsOf);
        if (await Task.Run(() => snapshots!.Read(saved, builder, cancellationToken), cancellationToken) is not { } version)
            return;
        var set = builder.ToRowSet();
        rows.Become(version, [set]);
        rows.Saved.Keep(snapshots!.Now);
        CodeMaker.Offer(set.Shard);
    }

    private void Keep(RowMemory.Rows rows, SnapshotKey saved, RowSet set)
    {
        (var headers, var frozen) = set.Freeze();
        rows.Saved.Keep(snapshots!.Now);
        snapshots.Offer(saved, rows.Version!, headers, frozen);
    }
}
