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
[GrainType("grid-shard")]
[Reentrant] // Scans do not touch the grain; the rows order what they must.
[CollectionAgeLimit(AlwaysActive = true)] // Its rows are dropped when they are not used; the grain itself is a name.
[SpreadShards]
public sealed class SimilarityShardGrain(SiloGrid silo) : Orleans.Grain, ISimilarityShardGrain
{
    private ShardKey _shard;
    private ShardRows? _rows;
    private bool _isMoving;

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
        if (!_isMoving && !silo.Handover.BelongsHere(_shard))
            MoveAsync().Ignore();
        return silo.Shards.ScanAsync([_rows!], scan, cancellationToken);
    }

    /// <summary>Moves, once the rows are where the shard goes; until then it answers here.</summary>
    private async Task MoveAsync()
    {
        _isMoving = true;
        await silo.Handover.PrepareAsync([_shard], silo.Homes.Now, CancellationToken.None);
        _isMoving = false;
        if (!silo.Handover.BelongsHere(_shard))
            this.MigrateOnIdle();
    }
}
