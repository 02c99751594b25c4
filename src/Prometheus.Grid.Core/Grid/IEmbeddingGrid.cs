using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Core.Grid;

/// <summary>
/// The grid, whatever runs it: one process, a cluster, or a server behind HTTP. Every surface talks to this and to nothing below it.
/// Errors are <see cref="GridException"/>s of the three kinds.
/// </summary>
public interface IEmbeddingGrid : IAsyncDisposable
{
    /// <summary>The models and spaces that this grid knows.</summary>
    ModelCatalog Catalog { get; }

    /// <summary>
    /// Stores a branch vector durably, applies it to its entity and re-fuses the joint vectors that it completes. Once this returns, a
    /// search sees it. Writing the same vector again changes nothing.
    /// </summary>
    Task<PutReceipt> PutBranchAsync(BranchPut put, CancellationToken cancellationToken);

    /// <summary>The latest branch vectors of an issuer or portfolio, as known.</summary>
    /// <exception cref="NotFoundException">No vector of it is stored.</exception>
    Task<EntitySnapshot> GetStateAsync(StateQuery query, CancellationToken cancellationToken);

    /// <summary>A joint vector: the stored one, or one fused on demand when weights are given.</summary>
    /// <exception cref="NotFoundException">The entity has no joint vector then, or lacks a required branch.</exception>
    Task<JointRow> GetJointAsync(JointQuery query, CancellationToken cancellationToken);

    /// <summary>Stored joint vectors, by date and then by id.</summary>
    IAsyncEnumerable<JointRow> ListJointAsync(JointListing listing, CancellationToken cancellationToken);

    /// <summary>The exact top k by cosine.</summary>
    /// <exception cref="NotFoundException">The target has no vector, or the space none on the date.</exception>
    Task<SimilarityAnswer> FindSimilarAsync(SimilarityQuery query, CancellationToken cancellationToken);

    /// <summary>How an entity's joint vector moved through time, by date.</summary>
    /// <exception cref="NotFoundException">It has no joint vector in the range.</exception>
    Task<IReadOnlyList<HistoryPoint>> HistoryAsync(HistoryQuery query, CancellationToken cancellationToken);

    /// <summary>Builds vectors of a model for a date or a range of dates.</summary>
    /// <param name="request">What to build.</param>
    /// <param name="progress">Told after each committed chunk; may be null.</param>
    /// <param name="cancellationToken">Ends the work after the chunk under way; what is committed stays.</param>
    Task<BackfillReport> BackfillAsync(BackfillRequest request, IProgress<BackfillProgress>? progress, CancellationToken cancellationToken);
}
