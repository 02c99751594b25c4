using Orleans.Concurrency;
using Prometheus.Grid.Core.Grid;

namespace Prometheus.Grid.Grains.Search;

/// <summary>Resolves the target of a query, fans out to the shards and merges; see <see cref="FanOutScanner"/>.</summary>
/// <param name="silo">The grid of this silo.</param>
[GrainType("grid-search")]
[StatelessWorker]
[Reentrant]
public sealed class SearchGrain(SiloGrid silo) : Orleans.Grain, ISearchGrain
{
    /// <inheritdoc/>
    public Task<SimilarityAnswer> FindSimilarAsync(SimilarityQuery query, CancellationToken cancellationToken) =>
        silo.Grid.FindSimilarAsync(query, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<HistoryPoint>> HistoryAsync(HistoryQuery query, CancellationToken cancellationToken) =>
        silo.Grid.HistoryAsync(query, cancellationToken);

    /// <inheritdoc/>
    public async Task<PutReceipt> PutInstrumentAsync(BranchPut put, CancellationToken cancellationToken)
    {
        var universe = await silo.Store.Inputs.ReadUniverseAsync(cancellationToken);
        // An instrument without an issuer takes its turns under its own id.
        string issuerId = universe.Instrument(put.Entity.Id)?.IssuerId ?? put.Entity.Id;
        return await GrainFactory.GetGrain<IIssuerGrain>(issuerId).PutBranchAsync(put, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<string> GetCatalogAsync(CancellationToken cancellationToken) => Task.FromResult(silo.Catalog.ToJson());
}
