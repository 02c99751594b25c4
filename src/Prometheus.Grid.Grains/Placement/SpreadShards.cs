using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace Prometheus.Grid.Grains.Placement;

/// <summary>Places shards as <see cref="ShardHomes"/> says: of 16, three silos hold 6, 5 and 5.</summary>
[GenerateSerializer, Immutable, SuppressReferenceTracking, Alias("grid.spread-shards")]
internal sealed class SpreadShards : PlacementStrategy;

/// <summary>Places a grain as <see cref="SpreadShards"/> says.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class SpreadShardsAttribute() : PlacementAttribute(new SpreadShards());

/// <summary>Applies <see cref="SpreadShards"/>.</summary>
internal sealed class SpreadShardsDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var shard = ShardKey.Parse(target.GrainIdentity.Key.ToString()!);
        return Task.FromResult(ShardHomes.Assign(shard.Of, context.GetCompatibleSilos(target))[shard.Bucket]);
    }
}
