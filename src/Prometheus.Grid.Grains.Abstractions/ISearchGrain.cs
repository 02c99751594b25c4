using Prometheus.Grid.Core.Grid;

namespace Prometheus.Grid.Grains;

/// <summary>Answers queries over a whole space. Any number work at once, each in the silo that it was asked in.</summary>
[Alias("grid.search")]
public interface ISearchGrain : IGrainWithIntegerKey
{
    /// <summary>The exact top k, merged from all shards of the space.</summary>
    [Alias("FindSimilar")]
    Task<SimilarityAnswer> FindSimilarAsync(SimilarityQuery query, CancellationToken cancellationToken);

    /// <summary>How an entity moved through time. A long history takes a scan a date, hence the longer deadline.</summary>
    [Alias("History"), ResponseTimeout("00:05:00")]
    Task<IReadOnlyList<HistoryPoint>> HistoryAsync(HistoryQuery query, CancellationToken cancellationToken);

    /// <summary>Stores a vector of an instrument in the turn of its issuer.</summary>
    [Alias("PutInstrument")]
    Task<PutReceipt> PutInstrumentAsync(BranchPut put, CancellationToken cancellationToken);

    /// <summary>The models and spaces of the cluster, as JSON.</summary>
    [Alias("GetCatalog")]
    Task<string> GetCatalogAsync(CancellationToken cancellationToken);
}

/// <summary>A listing of joint vectors under way, by a key of the caller's own.</summary>
[Alias("grid.listing")]
public interface IListingGrain : IGrainWithGuidKey
{
    /// <summary>Stored joint vectors, by date and then by id.</summary>
    [Alias("List")]
    IAsyncEnumerable<JointRow> ListAsync(JointListing listing, CancellationToken cancellationToken);
}
