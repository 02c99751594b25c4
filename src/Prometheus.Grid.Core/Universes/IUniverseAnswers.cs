using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Core.Universes;

/// <summary>Answers about all entities of a space at once. Errors are <see cref="GridException"/>s of the three kinds.</summary>
public interface IUniverseAnswers
{
    /// <summary>Groups of entities that are each other's nearest, date by date; their ids follow them from date to date.</summary>
    /// <exception cref="NotFoundException">The space has no vectors on the dates.</exception>
    IAsyncEnumerable<GroupDay> GroupsAsync(GroupsQuery query, CancellationToken cancellationToken);

    /// <summary>How good groups are beside sectors.</summary>
    /// <exception cref="BadInputException">The space is not one of issuers, or prices do not reach far enough behind a date.</exception>
    /// <exception cref="NotFoundException">The space has no vectors on the dates.</exception>
    Task<IReadOnlyList<GroupFigure>> JudgeGroupsAsync(GroupsQuery query, CancellationToken cancellationToken);

    /// <summary>Who moved, and whose neighbours changed, between two dates.</summary>
    /// <exception cref="NotFoundException">The space has no vectors on one of the dates.</exception>
    Task<ChangesAnswer> ChangesAsync(ChangesQuery query, CancellationToken cancellationToken);

    /// <summary>Past states of portfolios that resemble one now, and what followed them.</summary>
    /// <exception cref="BadInputException">There is too little history to say anything.</exception>
    /// <exception cref="NotFoundException">The portfolio has no vector on the date.</exception>
    Task<AnaloguesAnswer> AnaloguesAsync(AnaloguesQuery query, CancellationToken cancellationToken);
}
