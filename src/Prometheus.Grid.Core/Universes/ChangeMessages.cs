using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;

namespace Prometheus.Grid.Core.Universes;

/// <summary>Asks what changed in a space between two dates.</summary>
/// <param name="ModelId">The joint model.</param>
/// <param name="From">The earlier date.</param>
/// <param name="To">The later date.</param>
/// <param name="TopK">How many nearest neighbours are compared, 1 to <see cref="MostNeighbours"/>.</param>
public sealed record ChangesQuery(string ModelId, DateOnly From, DateOnly To, int TopK = 10)
{
    /// <summary>The most neighbours that are compared.</summary>
    public const int MostNeighbours = 1000;

    /// <exception cref="BadInputException">A member is out of range.</exception>
    public void Check()
    {
        if (To <= From)
            throw new BadInputException(nameof(To), DateRange.Text(To), $"a date after {DateRange.Text(From)}");
        if (TopK is < 1 or > MostNeighbours)
            throw new BadInputException(nameof(SimilarityQuery.TopK), TopK, $"a whole number from 1 to {MostNeighbours}");
    }
}

/// <summary>What changed for one entity.</summary>
/// <param name="EntityId">The entity.</param>
/// <param name="Cosine">Cosine of its vectors of the two dates, in the basis that both share.</param>
/// <param name="Move">Length of its own move: the difference of its unit vectors, less the mean difference of all.</param>
/// <param name="TimesTypical">Its move over the median move; null when the median is 0.</param>
/// <param name="Entered">Nearest neighbours on the later date only, nearest first.</param>
/// <param name="Left">Nearest neighbours on the earlier date only, nearest first.</param>
/// <param name="Kept">How many are neighbours on both.</param>
public sealed record EntityChange(
    string EntityId, double Cosine, double Move, double? TimesTypical, IReadOnlyList<string> Entered, IReadOnlyList<string> Left, int Kept);

/// <summary>What changed in a space.</summary>
/// <param name="Changes">Entities that are there on both dates, the largest move first.</param>
/// <param name="UniverseMove">Length of the mean difference of all unit vectors: what moved everybody, and is nobody's own.</param>
/// <param name="TypicalMove">The median of the entities' own moves.</param>
/// <param name="Appeared">Entities of the later date only, by id.</param>
/// <param name="Gone">Entities of the earlier date only, by id.</param>
public sealed record ChangesAnswer(
    IReadOnlyList<EntityChange> Changes, double UniverseMove, double TypicalMove, IReadOnlyList<string> Appeared, IReadOnlyList<string> Gone);
