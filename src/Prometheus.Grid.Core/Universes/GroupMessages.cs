using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Core.Universes;

/// <summary>Asks for the groups of a space.</summary>
public sealed record GroupsQuery
{
    /// <summary>The joint model of the space.</summary>
    public required string ModelId { get; init; }

    /// <summary>One date, which must have vectors, or a range, of which every date with vectors counts.</summary>
    public required DateRange Dates { get; init; }

    /// <summary>The larger, the more and smaller groups; positive.</summary>
    public double Resolution { get; init; } = 1;

    /// <summary>Two entities are joined when each is among the other's so many nearest; 1 to <see cref="MostNeighbours"/>.</summary>
    public int Neighbours { get; init; } = 15;

    /// <summary>Equal seeds give equal groups.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Answers as the grid would have at this time; null for now.</summary>
    public DateTimeOffset? AsKnown { get; init; }

    /// <summary>The most neighbours that are looked at.</summary>
    public const int MostNeighbours = 1000;

    /// <summary>The largest resolution; beyond it every entity is alone.</summary>
    public const double LargestResolution = 1000;

    /// <exception cref="BadInputException">A member is out of range.</exception>
    public void Check()
    {
        if (!(Resolution is > 0 and <= LargestResolution))
            throw new BadInputException(nameof(Resolution), Resolution, $"a number above 0, up to {LargestResolution}");
        if (Neighbours is < 1 or > MostNeighbours)
            throw new BadInputException(nameof(Neighbours), Neighbours, $"a whole number from 1 to {MostNeighbours}");
    }
}

/// <summary>An entity in its group.</summary>
/// <param name="EntityId">The entity.</param>
/// <param name="GroupId">Its group.</param>
/// <param name="Centrality">Mean cosine to the other members, in [−1, 1]: who stands for the group. Null for one that is alone.</param>
public sealed record GroupMember(string EntityId, int GroupId, double? Centrality);

/// <summary>A group.</summary>
/// <param name="GroupId">From 1; the same as on the date before where it is the same group.</param>
/// <param name="Size">How many members.</param>
/// <param name="Words">What tells it from the rest, strongest first: terms of the space's text model, or sectors where it has none.</param>
/// <param name="From">Groups of the date before that it comes from: none when it is new or the date is the first, several when they merged.</param>
public sealed record Group(int GroupId, int Size, IReadOnlyList<string> Words, IReadOnlyList<int> From);

/// <summary>A group that became several.</summary>
/// <param name="GroupId">The group of the date before.</param>
/// <param name="Into">What it became.</param>
public sealed record GroupSplit(int GroupId, IReadOnlyList<int> Into);

/// <summary>The groups of one date.</summary>
/// <param name="AsOf">The date.</param>
/// <param name="Groups">By id.</param>
/// <param name="Members">By entity id.</param>
/// <param name="Modularity">How much better than by chance the groups hold together, at the resolution that was asked for.</param>
/// <param name="Edges">Pairs of entities that are among each other's nearest.</param>
/// <param name="Splits">Groups of the date before that fell apart; merges stand in <see cref="Group.From"/>.</param>
public sealed record GroupDay(
    DateOnly AsOf, IReadOnlyList<Group> Groups, IReadOnlyList<GroupMember> Members, double Modularity, int Edges, IReadOnlyList<GroupSplit> Splits);

/// <summary>A figure about groups beside the same about sectors and industries.</summary>
/// <param name="AsOf">The date; null for the mean over the dates.</param>
/// <param name="Metric">What is measured.</param>
/// <param name="OfGroups">The figure of the groups.</param>
/// <param name="StandardError">Its standard error over entities, taken as independent; null where there is none.</param>
/// <param name="OfSectors">The same figure of sectors; null where it has no meaning.</param>
/// <param name="OfIndustries">The same figure of industries; null where it has no meaning.</param>
/// <param name="Entities">How many entities it is over.</param>
public sealed record GroupFigure(
    DateOnly? AsOf, string Metric, double OfGroups, double? StandardError, double? OfSectors, double? OfIndustries, int Entities);
