namespace Prometheus.Grid.Grains.Entities;

/// <summary>An issuer.</summary>
/// <param name="silo">The grid of this silo.</param>
[GrainType("grid-issuer")]
public sealed class IssuerGrain(SiloGrid silo) : EntityGrain(silo), IIssuerGrain;
