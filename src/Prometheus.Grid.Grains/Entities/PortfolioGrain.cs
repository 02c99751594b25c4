using Orleans.Placement;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.State;

namespace Prometheus.Grid.Grains.Entities;

/// <summary>A portfolio: an entity of its own, and the sum of the issuers that it holds.</summary>
/// <param name="silo">The grid of this silo.</param>
[GrainType("grid-portfolio")]
[PreferLocalPlacement] // A client keeps an entity to one gateway, so most calls stay in one silo.
public sealed class PortfolioGrain(SiloGrid silo) : EntityGrain(silo), IPortfolioGrain
{
    /// <inheritdoc/>
    public async Task<HoldingsProfile> GetHoldingsAsync(string jointModelId, DateOnly asOf, CancellationToken cancellationToken)
    {
        string portfolioId = this.GetPrimaryKeyString();
        var mean = new HoldingsMean(portfolioId, Silo.Catalog.Space(jointModelId, EntityKind.Issuer), asOf);
        var positions = await Silo.Store.Inputs.PositionsAsync(asOf, [portfolioId], cancellationToken);
        var universe = await Silo.Store.Inputs.ReadUniverseAsync(cancellationToken);
        var vectors = await Task.WhenAll(positions.Select(async position =>
        {
            try
            {
                return universe.Instrument(position.InstrumentId) is { } instrument
                    ? (await GrainFactory.GetGrain<IIssuerGrain>(instrument.IssuerId)
                        .GetJointAsync(new JointQuery(instrument.IssuerId, asOf, jointModelId), cancellationToken)).Vector
                    : default;
            }
            catch (NotFoundException)
            {
                return default; // The mean says whom it misses.
            }
        }));
        for (int i = 0; i < vectors.Length; i++)
            mean.Add(positions[i], vectors[i]);
        return mean.Mean();
    }
}
