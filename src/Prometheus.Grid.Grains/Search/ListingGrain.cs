using Prometheus.Grid.Core.Grid;

namespace Prometheus.Grid.Grains.Search;

/// <summary>A listing under way; Orleans hands its rows over in batches.</summary>
/// <param name="silo">The grid of this silo.</param>
[GrainType("grid-listing")]
[CollectionAgeLimit(Minutes = 2)] // One activation a listing, of no use after it.
public sealed class ListingGrain(SiloGrid silo) : Orleans.Grain, IListingGrain
{
    /// <inheritdoc/>
    public IAsyncEnumerable<JointRow> ListAsync(JointListing listing, CancellationToken cancellationToken) =>
        silo.Grid.ListJointAsync(listing, cancellationToken);
}
