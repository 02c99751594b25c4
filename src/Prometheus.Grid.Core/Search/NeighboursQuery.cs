using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Core.Search;

/// <summary>Asks for the nearest neighbours of every entity of a space at once: for each what a search for it alone would find.</summary>
public sealed record NeighboursQuery
{
    /// <summary>Neighbours an entity where neither <see cref="TopK"/> nor <see cref="MinCosine"/> says how many.</summary>
    public const int DefaultTopK = 10;

    /// <summary>The space.</summary>
    public required SpaceManifest Space { get; init; }

    /// <summary>The date of the entities.</summary>
    public required DateOnly AsOf { get; init; }

    /// <summary>
    /// The date on which their neighbours are sought, when it is another: an entity's own row then is a candidate as any other. Null for
    /// <see cref="AsOf"/>, where nobody is a neighbour of its own.
    /// </summary>
    public DateOnly? Against { get; init; }

    /// <summary>How many neighbours an entity, 1 to <see cref="SimilarityQuery.MaxTopK"/>; null for all within <see cref="MinCosine"/>, or 10 where that is null too.</summary>
    public int? TopK { get; init; }

    /// <summary>Only neighbours of this cosine or more, −1 to 1; null for any.</summary>
    public double? MinCosine { get; init; }

    /// <summary>Shares of the branches; null takes the stored joint vectors as they are.</summary>
    public BranchWeights? Weights { get; init; }

    /// <summary>Narrows the candidates, not the entities; null for none.</summary>
    public SimilarityFilter? Filter { get; init; }

    /// <summary>Answers as the grid would have at this time; null for now.</summary>
    public DateTimeOffset? AsKnown { get; init; }

    /// <exception cref="BadInputException">A member is out of range.</exception>
    public void Check()
    {
        if (TopK is < 1 or > SimilarityQuery.MaxTopK)
            throw new BadInputException(nameof(TopK), TopK, $"a whole number from 1 to {SimilarityQuery.MaxTopK}");
        if (MinCosine is { } least && !(least is >= -1 and <= 1))
            throw new BadInputException(nameof(MinCosine), least, "a number from -1 to 1");
    }
}

/// <summary>An entity and its nearest neighbours.</summary>
/// <param name="EntityId">The entity.</param>
/// <param name="Neighbours">Best first, in the order of every search; empty when no candidate is near enough.</param>
public sealed record EntityNeighbours(string EntityId, IReadOnlyList<ScannedCandidate> Neighbours);
