using Orleans.Placement;

namespace Prometheus.Grid.Grains.Entities;

/// <summary>An issuer.</summary>
/// <param name="silo">The grid of this silo.</param>
[GrainType("grid-issuer")]
[PreferLocalPlacement] // A client keeps an entity to one gateway, so most calls stay in one silo.
public sealed class IssuerGrain(SiloGrid silo) : EntityGrain(silo), IIssuerGrain;
