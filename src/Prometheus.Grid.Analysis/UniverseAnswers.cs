using System.Runtime.CompilerServices;
using Prometheus.Grid.Analysis.Analogues;
using Prometheus.Grid.Analysis.Changes;
using Prometheus.Grid.Analysis.Groups;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Search;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Core.Universes;

namespace Prometheus.Grid.Analysis;

/// <summary>Answers about whole spaces, over any grid: vectors come from the grid, labels, texts and prices from the tables.</summary>
/// <param name="grid">The grid, embedded or in a cluster.</param>
/// <param name="store">The tables of the same data, and what its text models are made from.</param>
/// <param name="encoders">The text models, for the words of groups.</param>
/// <param name="workers">Cores to use, at least 1; no answer depends on it.</param>
public sealed class UniverseAnswers(IEmbeddingGrid grid, IGridStore store, EncoderRegistry encoders, int workers) : IUniverseAnswers
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<GroupDay> GroupsAsync(GroupsQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var words = new GroupWords(store, grid.Catalog, encoders, workers);
        await foreach ((var day, var found) in FindAsync(query, cancellationToken))
            yield return Named(found, await words.OfAsync(grid.Catalog.Space(query.ModelId), day, found.Found.Of, found.Found.Count, cancellationToken));
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<GroupFigure>> JudgeGroupsAsync(GroupsQuery query, CancellationToken cancellationToken)
    {
        var space = grid.Catalog.Space(query.ModelId);
        if (space.Entity != EntityKind.Issuer)
            throw new BadInputException(nameof(query.ModelId), query.ModelId, "a space of issuers, which have sectors to be held against");
        return new GroupJudge(store.Inputs).JudgeAsync(DaysAsync(cancellationToken), cancellationToken);

        async IAsyncEnumerable<(UniverseDay, GroupDay)> DaysAsync([EnumeratorCancellation] CancellationToken token)
        {
            await foreach ((var day, var found) in FindAsync(query, token))
                yield return (day, Named(found, [.. Enumerable.Repeat<IReadOnlyList<string>>([], found.Found.Count)]));
        }
    }

    /// <inheritdoc/>
    public async Task<ChangesAnswer> ChangesAsync(ChangesQuery query, CancellationToken cancellationToken)
    {
        query.Check();
        var before = await UniverseDay.ReadAsync(grid, query.ModelId, query.From, null, cancellationToken);
        var now = await UniverseDay.ReadAsync(grid, query.ModelId, query.To, null, cancellationToken);
        return UniverseChange.Between(before, now, query.TopK, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<AnaloguesAnswer> AnaloguesAsync(AnaloguesQuery query, CancellationToken cancellationToken) =>
        new AnalogueFinder(grid, store).FindAsync(query, cancellationToken);

    private async IAsyncEnumerable<(UniverseDay Day, TrackedGroups Groups)> FindAsync(GroupsQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        query.Check();
        var tracker = new GroupTracker();
        foreach (var date in await DatesAsync(query, cancellationToken))
        {
            var day = await UniverseDay.ReadAsync(grid, query.ModelId, date, query.AsKnown, cancellationToken);
            var found = await Task.Run(() => GroupFinder.Find(day, query, workers, cancellationToken), cancellationToken);
            (int[] ids, var from, var splits) = tracker.Next([.. day.Rows.Select(row => row.EntityId)], found.Of, found.Count);
            yield return (day, new TrackedGroups(day, found, ids, from, splits));
        }
    }

    private async Task<IReadOnlyList<DateOnly>> DatesAsync(GroupsQuery query, CancellationToken cancellationToken)
    {
        var space = grid.Catalog.Space(query.ModelId);
        var reader = new SpaceReader(store);
        var dates = await reader.DatesAsync(space, query.Dates, cancellationToken);
        if (dates.Count > 0)
            return dates;
        throw query.Dates.Start == query.Dates.End
            ? await reader.NoVectorsAsync(space, query.Dates.Start, query.AsKnown, cancellationToken)
            : new NotFoundException("joint vectors", $"{space.ModelId} from {DateRange.Text(query.Dates.Start)} to {DateRange.Text(query.Dates.End)}", "no date of the range has any");
    }

    private static GroupDay Named(TrackedGroups groups, IReadOnlyList<string>[] words)
    {
        (var day, var found, int[] ids, var from, var splits) = groups;
        int[] sizes = new int[found.Count];
        foreach (int group in found.Of)
            sizes[group]++;
        return new GroupDay(
            day.AsOf,
            [.. Enumerable.Range(0, found.Count).Select(group => new Group(ids[group], sizes[group], words[group], from[group])).OrderBy(group => group.GroupId)],
            [.. day.Rows.Select((row, i) => new GroupMember(row.EntityId, ids[found.Of[i]], found.Centrality[i]))],
            found.Modularity,
            found.Edges,
            splits);
    }

    private sealed record TrackedGroups(UniverseDay Day, FoundGroups Found, int[] Ids, IReadOnlyList<int>[] From, IReadOnlyList<GroupSplit> Splits);
}
