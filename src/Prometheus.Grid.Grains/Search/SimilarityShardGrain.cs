using Orleans.Concurrency;
using Prometheus.Grid.Core.Fusion;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Search;
using Prometheus.Grid.Embedded.Search;
using Prometheus.Grid.Grains.Messages;
using Prometheus.Grid.Grains.Placement;

namespace Prometheus.Grid.Grains.Search;

/// <summary>
/// A shard. It pulls rows: before each scan it compares the versions of its partitions with the store's, so no write has to find it, and
/// neither a lost message nor a silo that was frozen for a while can make an answer stale.
/// </summary>
/// <param name="silo">The grid of this silo.</param>
/// <param name="membership">The silos there are.</param>
/// <param name="here">This silo.</param>
[GrainType("grid-shard")]
[Reentrant] // Scans do not touch the grain; the scanner orders what it must.
[SpreadShards]
public sealed class SimilarityShardGrain(SiloGrid silo, IClusterMembershipService membership, ILocalSiloDetails here)
    : Orleans.Grain, ISimilarityShardGrain
{
    private ShardKey _shard;
    private ShardScanner? _scanner;
    private MembershipVersion _checked;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _shard = ShardKey.Parse(this.GetPrimaryKeyString());
        _scanner = silo.ScannerOf(_shard);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<ShardAnswer> ScanAsync(ShardScan scan, CancellationToken cancellationToken)
    {
        MoveIfSilosChanged();
        SpaceManifest space = JointOrigin.Apply(silo.Catalog.Space(scan.ModelId), scan.Origin);
        var candidates = new CandidateScan
        {
            Space = space,
            Dates = scan.Dates,
            Target = new SearchTarget(scan.Target.Values, null, scan.TargetEntityId, scan.TargetAsOf),
            Shares = scan.Shares,
            Filter = scan.Filter is null ? null : new CandidateFilter(scan.Filter, space, await silo.Store.Inputs.ReadUniverseAsync(cancellationToken)),
            TopK = scan.TopK,
            AsKnown = scan.AsKnown,
        };
        ShardScanner scanner = _scanner!;
        // A scan computes for milliseconds: off the grain's turn, on the bounded threads of the silo.
        ScanAnswer answer = await Task.Run(() => scanner.ScanAsync(candidates, cancellationToken), cancellationToken);
        return new ShardAnswer([.. answer.Best], answer.Candidates);
    }

    /// <summary>A silo that came or went gives shards other homes; the rows are read again there.</summary>
    private void MoveIfSilosChanged()
    {
        ClusterMembershipSnapshot silos = membership.CurrentSnapshot;
        if (silos.Version == _checked)
            return;
        _checked = silos.Version;
        SiloAddress[] active = [.. silos.Members.Values.Where(member => member.Status == SiloStatus.Active).Select(member => member.SiloAddress)];
        if (active.Length > 0 && !SpreadShards.HomeOf(_shard, active).Equals(here.SiloAddress))
            this.MigrateOnIdle();
    }
}
