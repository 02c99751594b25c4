using Prometheus.Grid.Analysis.Groups;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Universes;
using Prometheus.Grid.Synthetic;

namespace Prometheus.Grid.Analysis.Tests;

public sealed class GroupTests
{
    private static readonly GroupsQuery s_query = new() { ModelId = MarketFolder.Issuers, Dates = DateRange.On(Days.Day) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Clusters_are_found_and_the_middle_of_each_is_its_centre()
    {
        var day = Days.Clusters(400, 8, 3);
        var found = GroupFinder.Find(day, s_query with { Neighbours = 49 }, 1, Token);
        Assert.Equal(8, found.Count);
        // Row i belongs to cluster i modulo 8: a group has one of them, and all of it.
        Assert.Equal(8, Enumerable.Range(0, 400).Select(row => (row % 8, found.Of[row])).Distinct().Count());

        double[][] units = [.. Enumerable.Range(0, 400).Select(row => Unit(day, row))];
        foreach (int row in (int[])[0, 77, 399])
        {
            double mean = Enumerable.Range(0, 400).Where(other => other != row && found.Of[other] == found.Of[row]).Average(other => units[row].Zip(units[other], (x, y) => x * y).Sum());
            Assert.Equal(mean, found.Centrality[row]!.Value, 1e-12);
        }
    }

    [Fact]
    public void The_answer_does_not_depend_on_the_number_of_cores()
    {
        var day = Days.Clusters(900, 20, 4, noise: 1.1);
        var one = GroupFinder.Find(day, s_query, 1, Token);
        foreach (int workers in (int[])[2, 5])
        {
            var other = GroupFinder.Find(day, s_query, workers, Token);
            Assert.Equal(one.Of, other.Of);
            Assert.Equal(one.Centrality, other.Centrality);
            Assert.Equal((one.Modularity, one.Edges), (other.Modularity, other.Edges));
        }
    }

    [Fact]
    public void Two_are_joined_when_each_is_among_the_others_nearest_and_they_look_alike()
    {
        (int, double)[][] nearest = [[(1, 0.9), (2, 0.5)], [(0, 0.9), (2, 0.4)], [(1, 0.4), (3, -0.1)], [(2, -0.1)]];
        Assert.Equal([(0, 1, 0.9), (1, 2, 0.4)], GroupFinder.MutualEdges(nearest).Select(edge => (edge.A, edge.B, edge.Weight)));
    }

    [Fact]
    public void Who_resembles_nobody_is_alone_and_has_no_centrality()
    {
        var found = GroupFinder.Find(Days.Of(("a", [1, 0, 0]), ("b", [1, 0.1f, 0]), ("c", [-1, 0, 0]), ("zero", [0, 0, 0])), s_query, 1, Token);
        Assert.Equal([0, 0, 1, 2], found.Of);
        Assert.Equal([false, false, true, true], found.Centrality.Select(value => value is null));
        var alone = GroupFinder.Find(Days.Of(("a", [1, 0])), s_query, 1, Token);
        Assert.Equal((1, 0), (alone.Count, alone.Modularity));
    }

    [Fact]
    public void Ids_follow_the_groups_and_splits_and_merges_are_said()
    {
        var tracker = new GroupTracker();
        string[] ids = [.. Enumerable.Range(0, 16).Select(i => $"E{i:D2}")];
        (int[] first, var from, var splits) = tracker.Next(ids, [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2], 3);
        Assert.Equal([1, 2, 3], first);
        Assert.All(from, Assert.Empty);
        Assert.Empty(splits);

        // Numbers of the day are other ones, one moved over: the ids stay.
        (int[] second, from, splits) = tracker.Next(ids, [2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0], 3);
        Assert.Equal([3, 2, 1], second);
        Assert.Equal("3|2|1", string.Join('|', from.Select(groups => string.Join(',', groups))));
        Assert.Empty(splits);

        // 2 and 3 merge, 1 falls apart, and two who were not there before are new.
        (int[] third, from, splits) = tracker.Next([.. ids, "N1", "N2"], [0, 0, 0, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3], 4);
        Assert.Equal([1, 4, 2, 5], third);
        Assert.Equal("1||2,3|", string.Join('|', from.Select(groups => string.Join(',', groups))));
        Assert.Equal("1: 1,4", string.Join("; ", splits.Select(split => $"{split.GroupId}: {string.Join(',', split.Into)}")));
    }

    [Fact]
    public void Words_tell_a_group_from_the_rest()
    {
        string[] terms = ["bank", "bank loans", "in", "loans", "oil", "the oil", "wells"];
        // A bank says "bank loans", an oil company "oil" or "wells"; "in" is everywhere, and "the" is no term.
        int[][] bank = [[0, 1, 2, 3], [0, 2, 3]], oil = [[2, 4, 5, 6], [2, 4, 5]];
        IReadOnlyList<int>[] documents = [.. Enumerable.Range(0, 40).Select(i => i < 20 ? bank[i % 2] : oil[i % 2])];
        var words = TellingTerms.Of(terms, documents, [.. Enumerable.Range(0, 40).Select(i => i / 20)], 2);
        Assert.Equal(["bank", "loans"], words[0]);
        Assert.Equal(["oil", "wells"], words[1]);
        Assert.All(TellingTerms.Of(terms, documents, new int[40], 1), Assert.Empty);
    }

    [Fact]
    public async Task A_market_has_groups_with_words_that_follow_it_and_are_judged_beside_sectors()
    {
        var market = new SyntheticMarketOptions { Issuers = 90, Portfolios = 0 };
        await using var folder = await MarketFolder.MakeAsync(market, null, MarketFolder.OfIssuers(market.ReportDates));
        var query = s_query with { Dates = new DateRange(market.ReportDates[0], market.ReportDates[^1]), Neighbours = 8 };
        var days = new List<GroupDay>();
        await foreach (var day in folder.Universe.GroupsAsync(query, Token))
            days.Add(day);
        Assert.Equal(market.ReportDates, days.Select(day => day.AsOf));
        Assert.All(days, day => Assert.Equal(day.Members.Count, day.Groups.Sum(group => group.Size)));
        Assert.All(days[0].Groups.Where(group => group.Size > 4), group => Assert.NotEmpty(group.Words));
        // Sectors speak and move alike in this market, so groups find them and stay what they were.
        var figures = await folder.Universe.JudgeGroupsAsync(query, Token);
        Assert.InRange(figures.Single(figure => figure.AsOf is null && figure.Metric.EndsWith("to sectors", StringComparison.Ordinal)).OfGroups, 0.3, 1);
        Assert.InRange(figures.Single(figure => figure.AsOf is null && figure.Metric.EndsWith("date before", StringComparison.Ordinal)).OfGroups, 0.5, 1);

        await Assert.ThrowsAsync<NotFoundException>(async () => await folder.Universe.JudgeGroupsAsync(query with { Dates = DateRange.On(new DateOnly(2001, 1, 1)) }, Token));
        foreach (var bad in (GroupsQuery[])[query with { Resolution = 0 }, query with { Resolution = double.NaN }, query with { Neighbours = 0 }])
            await Assert.ThrowsAsync<BadInputException>(async () => await folder.Universe.JudgeGroupsAsync(bad, Token));
        Assert.Equal("ModelId", (await Assert.ThrowsAsync<BadInputException>(() => folder.Universe.JudgeGroupsAsync(query with { ModelId = MarketFolder.Portfolios }, Token))).Field);
    }

    private static double[] Unit(UniverseDay day, int row)
    {
        double[] unit = new double[day.Dimension];
        day.Unit(row, unit);
        return unit;
    }
}
