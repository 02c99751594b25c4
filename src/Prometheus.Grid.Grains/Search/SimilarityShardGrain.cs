using Orleans.Concurrency;
using Prometheus.Grid.Embedded.Search;
using Prometheus.Grid.Grains.Messages;
using Prometheus.Grid.Grains.Placement;

namespace Prometheus.Grid.Grains.Search;

/// <summary>
/// A shard. It pulls rows: before each scan it compares the versions of its partitions with the store's, so no write has to find it, and
/// neither a lost message nor a silo that was frozen for a while can make an answer stale.
/// </summary>
/// <param name="silo">The grid of this silo.</param>
/// <param name="here">This silo.</param>
[GrainType("grid-shard")]
[Reentrant] // Scans do not touch the grain; the rows order what they must.
[CollectionAgeLimit(AlwaysActive = true)] // Its rows are dropped when they are not used; the grain itself is a name.
[SpreadShards]
public sealed class SimilarityShardGrain(SiloGrid silo, ILocalSiloDetails here) : Orleans.Grain, ISimilarityShardGrain
{
    private ShardKey _shard;
    private ShardRows? _rows;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _shard = ShardKey.Parse(this.GetPrimaryKeyString());
        _rows = silo.Shards.Enter(_shard);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        silo.Shards.Leave(_shard, _rows!);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<ShardAnswer> ScanAsync(ShardScan scan, CancellationToken cancellationToken)
    {
        // A silo that came or went gives shards other homes. Hosts ask a shard that is not in its home, so it comes here to be told.
        if (silo.Homes.Now is { Count: > 0 } homes && !homes[_shard.Bucket].Equals(here.SiloAddress))
            this.MigrateOnIdle();
        return silo.Shards.ScanAsync([_rows!], scan, cancellationToken);
    }
}
