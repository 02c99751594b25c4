using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace Prometheus.Grid.Grains.Placement;

/// <summary>A grain lives in the silo whose address is its key; when that silo is gone, in any: whoever calls it then has yet to learn so.</summary>
[GenerateSerializer, Immutable, SuppressReferenceTracking, Alias("grid.at-silo")]
internal sealed class AtSilo : PlacementStrategy;

/// <summary>Places a grain as <see cref="AtSilo"/> says.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class AtSiloAttribute() : PlacementAttribute(new AtSilo());

/// <summary>Applies <see cref="AtSilo"/>.</summary>
internal sealed class AtSiloDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target);
        var named = SiloAddress.FromParsableString(target.GrainIdentity.Key.ToString()!);
        return Task.FromResult(silos.Contains(named) ? named : silos[0]);
    }
}
