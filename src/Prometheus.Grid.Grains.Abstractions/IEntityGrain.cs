using Orleans.Concurrency;
using Prometheus.Grid.Core.Grid;

namespace Prometheus.Grid.Grains;

/// <summary>
/// An entity of the grid, by its id. Puts take turns, so that its vectors are written one after the other; queries may come between. Errors
/// are those of <see cref="IEmbeddingGrid"/>.
/// </summary>
public interface IEntityGrain : IGrainWithStringKey
{
    /// <summary>Stores a branch vector durably and re-fuses the joint vectors that it completes.</summary>
    [Alias("PutBranch")]
    Task<PutReceipt> PutBranchAsync(BranchPut put, CancellationToken cancellationToken);

    /// <summary>The latest branch vectors, as known.</summary>
    [Alias("GetState"), AlwaysInterleave]
    Task<EntitySnapshot> GetStateAsync(StateQuery query, CancellationToken cancellationToken);

    /// <summary>A joint vector, stored or fused on demand.</summary>
    [Alias("GetJoint"), AlwaysInterleave]
    Task<JointRow> GetJointAsync(JointQuery query, CancellationToken cancellationToken);

    /// <summary>The nearest neighbours of this entity, whatever target the query names.</summary>
    [Alias("FindSimilar"), AlwaysInterleave]
    Task<SimilarityAnswer> FindSimilarAsync(SimilarityQuery query, CancellationToken cancellationToken);

    /// <summary>How this entity moved through a space, whatever id the query names.</summary>
    [Alias("History"), AlwaysInterleave, ResponseTimeout("00:05:00")]
    Task<IReadOnlyList<HistoryPoint>> HistoryAsync(HistoryQuery query, CancellationToken cancellationToken);
}

/// <summary>An issuer, by its id. It also takes the vectors of its instruments.</summary>
[Alias("grid.issuer")]
public interface IIssuerGrain : IEntityGrain;

/// <summary>A portfolio, by its id.</summary>
[Alias("grid.portfolio")]
public interface IPortfolioGrain : IEntityGrain
{
    /// <summary>The mean of the joint vectors of what the portfolio holds on a date, by weight.</summary>
    /// <param name="jointModelId">A joint model of issuers.</param>
    /// <param name="asOf">The date of positions and vectors.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    [Alias("GetHoldings"), AlwaysInterleave]
    Task<HoldingsProfile> GetHoldingsAsync(string jointModelId, DateOnly asOf, CancellationToken cancellationToken);
}
