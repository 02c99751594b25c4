using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace Prometheus.Grid.Grains.Placement;

/// <summary>
/// Bucket i of a space lives in the i-th silo, counted round: of 16 shards three silos hold 6, 5 and 5. Where a shard belongs follows from
/// the list of silos alone, so a shard can tell by itself when another silo should have it.
/// </summary>
[GenerateSerializer, Immutable, SuppressReferenceTracking, Alias("grid.spread-shards")]
internal sealed class SpreadShards : PlacementStrategy
{
    /// <summary>The silo of a shard.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="silos">The active silos, at least one, in any order.</param>
    public static SiloAddress HomeOf(ShardKey shard, IEnumerable<SiloAddress> silos)
    {
        SiloAddress[] ordered = [.. silos.Order()];
        return ordered[shard.Bucket % ordered.Length];
    }
}

/// <summary>Places a grain as <see cref="SpreadShards"/> says.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class SpreadShardsAttribute() : PlacementAttribute(new SpreadShards());

/// <summary>Applies <see cref="SpreadShards"/>.</summary>
internal sealed class SpreadShardsDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context) =>
        Task.FromResult(SpreadShards.HomeOf(ShardKey.Parse(target.GrainIdentity.Key.ToString()!), context.GetCompatibleSilos(target)));
}
