using Prometheus.Grid.Core.Fusion;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Search;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Core.Telemetry;
using Prometheus.Grid.Embedded.Snapshots;

namespace Prometheus.Grid.Embedded.Search;

/// <summary>
/// The rows of a shard: of every partition that searches scan the entities of some buckets, kept in memory, coded and ready, as long as the store says
/// that they are still true; then only what changed is read.
/// </summary>
/// <param name="store">Where the rows are.</param>
/// <param name="buckets">Whose joint rows are kept.</param>
/// <param name="memory">Keeps them between queries.</param>
/// <param name="snapshots">Keeps them over a restart, where the store can tell what changed since; null for not at all.</param>
public sealed class ShardRows(IGridStore store, EntityBuckets buckets, RowMemory memory, SnapshotFolder? snapshots = null)
{
    private const string JointCache = "shard_rows";

    private readonly SpaceReader _spaces = new(store);
    private readonly JointRowReader _joint = new(store, buckets, snapshots);

    /// <summary>The dates of a space whose joint rows are here, the most recently used first.</summary>
    public IReadOnlyList<DateOnly> DatesOf(SpaceManifest space) => memory.DatesOf(this, space.ModelId);

    /// <summary>Reads the joint rows of a date, for searches to come.</summary>
    /// <exception cref="Core.Errors.NotFoundException">The space has none on the date.</exception>
    public Task PrepareAsync(SpaceManifest space, DateOnly asOf, CancellationToken cancellationToken) => JointAsync(space, asOf, null, null, cancellationToken);

    /// <summary>Forgets the rows.</summary>
    public void Clear() => memory.Forget(this);

    /// <summary>The rows of a date that a scan compares, each set with the factors of its parts; null for rows that are compared as they are.</summary>
    internal async Task<IReadOnlyList<(RowSet Rows, double[]? Factors)>> OfAsync(CandidateScan scan, DateOnly date, CancellationToken cancellationToken)
    {
        // A single branch has all of the weight whatever its share.
        if (scan.Shares.Count == 0 || scan.Space.Fusion == FusionKind.Identity)
            return [(await JointAsync(scan.Space, date, scan.AsKnown, date == scan.Target.AsOf ? scan.Version : null, cancellationToken), null)];
        var fused = await _spaces.AsFusedAsync(scan.Space, date, scan.AsKnown, cancellationToken);
        var sets = await BranchesAsync(fused, date, scan.AsKnown, cancellationToken);
        return [.. sets.Select(set => (set, (double[]?)BranchRows.Factors(scan, fused, set.Present)))];
    }

    /// <summary>The stored joint rows of a date.</summary>
    /// <param name="space">The space.</param>
    /// <param name="asOf">The date.</param>
    /// <param name="asKnown">Rows as known at this time; null for now.</param>
    /// <param name="version">A version that is known to be no older than the question; null has the store asked.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    private async Task<RowSet> JointAsync(SpaceManifest space, DateOnly asOf, DateTimeOffset? asKnown, string? version, CancellationToken cancellationToken)
    {
        if (asKnown is not null)
            return RowSet.Of(await ReadJointAsync(space, asOf, asKnown, cancellationToken), cancellationToken);
        var rows = memory.Of(SlotOf(space, asOf, ""));
        if (rows.OfVersion(version) is [var ready])
        {
            GridMetrics.Looked(JointCache, isHit: true);
            return ready;
        }
        await rows.Gate.WaitAsync(cancellationToken);
        try
        {
            string? before = rows.Version;
            var set = await _joint.UpdateAsync(rows, space, asOf, version, cancellationToken);
            GridMetrics.Looked(JointCache, rows.Version == before);
            if (rows.Version != before)
                memory.Trim();
            return set;
        }
        finally
        {
            rows.Gate.Release();
        }
    }

    /// <summary>The branch vectors behind the joint rows of a date, a set for each combination of branches that rows have.</summary>
    /// <param name="fused">The space with the branch models that the rows of the date were fused from.</param>
    /// <param name="asOf">The date.</param>
    /// <param name="asKnown">Rows as known at this time; null for now.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    private async Task<IReadOnlyList<RowSet>> BranchesAsync(
        SpaceManifest fused, DateOnly asOf, DateTimeOffset? asKnown, CancellationToken cancellationToken)
    {
        if (asKnown is not null)
            return await ReadBranchesAsync(fused, asOf, asKnown, cancellationToken);
        var rows = memory.Of(SlotOf(fused, asOf, JointOrigin.Of(fused)));
        await rows.Gate.WaitAsync(cancellationToken);
        try
        {
            // Read before the rows: rows that are newer than their version are read again, never the other way round.
            string version = await VersionOfBranchesAsync(fused, asOf, cancellationToken);
            GridMetrics.Looked("shard_branches", version == rows.Version);
            if (version != rows.Version)
            {
                rows.Become(version, await ReadBranchesAsync(fused, asOf, null, cancellationToken));
                memory.Trim();
            }
            return rows.Sets;
        }
        finally
        {
            rows.Gate.Release();
        }
    }

    private async Task<VectorPartition> ReadJointAsync(SpaceManifest space, DateOnly asOf, DateTimeOffset? asKnown, CancellationToken cancellationToken)
    {
        if (asKnown is null && await store.Vectors.ReadChangesAsync(KeyOf(space, asOf), buckets, null, cancellationToken) is { } now)
            return now.Partition;
        var joint = await _spaces.JointAsync(space, asOf, null, asKnown, cancellationToken);
        return joint with { Rows = buckets.Select(joint.Rows) };
    }

    private async Task<IReadOnlyList<RowSet>> ReadBranchesAsync(
        SpaceManifest fused, DateOnly asOf, DateTimeOffset? asKnown, CancellationToken cancellationToken)
    {
        var joint = await ReadJointAsync(fused, asOf, asKnown, cancellationToken);
        var branches = await _spaces.BranchesAsync(fused, asOf, joint.Rows.Headers, allRows: true, asKnown, cancellationToken);
        return BranchRows.Of(BranchFusion.For(fused), joint, branches, cancellationToken);
    }

    private async Task<string> VersionOfBranchesAsync(SpaceManifest fused, DateOnly asOf, CancellationToken cancellationToken)
    {
        PartitionKey[] keys = [KeyOf(fused, asOf), .. fused.Branches.Select(branch => new PartitionKey(branch.Kind, branch.ModelId, asOf))];
        return string.Join('\n', (await store.Vectors.HeadersAsync(keys, cancellationToken)).Select(header => header?.Version));
    }

    private static PartitionKey KeyOf(SpaceManifest space, DateOnly asOf) => new(BranchKind.Joint, space.ModelId, asOf);

    private RowMemory.Slot SlotOf(SpaceManifest space, DateOnly asOf, string branches) => new(this, space.ModelId, asOf, branches);
}
