using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Grid;

namespace Prometheus.Grid.Conformance.Grids;

/// <content>Searches that leave candidates out: by label, by name, by cosine, by sector, by their number.</content>
public abstract partial class GridConformance<TFixture>
{
    [Fact]
    public async Task A_filter_keeps_exactly_the_rows_that_match()
    {
        var rows = await ListAsync(new JointListing(Issuers, DateRange.On(s_day)));
        var target = rows[0];
        string region = rows.GroupBy(r => r.Region).OrderBy(g => g.Count()).First().Key;
        var answer = await Grid.FindSimilarAsync(
            Query(Issuers, target.EntityId) with { Filter = new SimilarityFilter(Region: region), TopK = 100 }, Token);
        GridOracle.AssertSame(GridOracle.Nearest([.. rows.Where(r => r.Region == region || r == target)], target, 100), answer);

        string[] ids = [rows[5].EntityId, rows[9].EntityId, "ISS_UNKNOWN"];
        var named = await Grid.FindSimilarAsync(Query(Issuers, target.EntityId) with { Filter = new SimilarityFilter(EntityIds: ids) }, Token);
        Assert.Equal(ids[..2].Order(), named.Hits.Select(h => h.EntityId).Order());
    }

    [Fact]
    public async Task Who_is_excluded_is_no_candidate()
    {
        var rows = await ListAsync(new JointListing(Issuers, DateRange.On(s_day)));
        var target = rows[0];
        string[] nearest = [.. (await Grid.FindSimilarAsync(Query(Issuers, target.EntityId), Token)).Hits.Select(hit => hit.EntityId)];
        string[] excluded = [nearest[0], nearest[4], "ISS_UNKNOWN"];
        var answer = await Grid.FindSimilarAsync(Query(Issuers, target.EntityId) with { Filter = new SimilarityFilter(ExcludedIds: excluded) }, Token);
        GridOracle.AssertSame(GridOracle.Nearest([.. rows.Where(r => !excluded.Contains(r.EntityId))], target, 10), answer);
        Assert.Equal(rows.Count - 3, answer.Candidates);

        string sector = _fixture.SectorOf(nearest[0]);
        var others = await Grid.FindSimilarAsync(Query(Issuers, target.EntityId) with { Filter = new SimilarityFilter(ExcludedSectors: [sector.ToUpperInvariant()]), TopK = 100 }, Token);
        GridOracle.AssertSame(GridOracle.Nearest([.. rows.Where(r => r == target || _fixture.SectorOf(r.EntityId) != sector)], target, 100), others);
    }

    [Fact]
    public async Task Neighbours_that_are_not_near_enough_are_none()
    {
        var rows = await ListAsync(new JointListing(Issuers, DateRange.On(s_day)));
        var all = await Grid.FindSimilarAsync(Query(Issuers, rows[0].EntityId) with { TopK = 100 }, Token);
        double least = all.Hits[6].Cosine;
        foreach (int k in (int[])[3, 7, 100])
        {
            var near = await Grid.FindSimilarAsync(Query(Issuers, rows[0].EntityId) with { TopK = k, MinCosine = least }, Token);
            Assert.Equal(all.Hits.Take(Math.Min(k, 7)).Select(hit => hit.EntityId), near.Hits.Select(hit => hit.EntityId));
        }
        Assert.Empty((await Grid.FindSimilarAsync(Query(Issuers, rows[0].EntityId) with { MinCosine = 1 }, Token)).Hits);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_bound_by_sector_takes_neighbours_in_order_until_k_are_found(int most)
    {
        var rows = await ListAsync(new JointListing(Issuers, DateRange.On(s_day)));
        foreach (var target in rows.Take(12))
        {
            foreach (var (k, limit, filter) in ((int, int?, SimilarityFilter?)[])
                [(1, null, null), (5, null, null), (10, null, null), (100, null, null), (6, 25, null), (10, null, new SimilarityFilter(ExcludedIds: [rows[^1].EntityId]))])
            {
                var query = Query(Issuers, target.EntityId) with { TopK = k, MaxPerSector = most, CandidateLimit = limit, Filter = filter };
                var taken = new Dictionary<string, int>(StringComparer.Ordinal);
                List<JointRow> candidates = [.. rows.Where(row => row != target && filter?.ExcludedIds!.Contains(row.EntityId) != true).Take(limit ?? int.MaxValue)];
                List<(double, double, JointRow Row)> expected =
                [
                    .. GridOracle.Nearest(candidates, target, 100).Where(hit =>
                    {
                        string sector = _fixture.SectorOf(hit.Row.EntityId);
                        taken[sector] = taken.GetValueOrDefault(sector) + 1;
                        return taken[sector] <= most;
                    }).Take(k),
                ];
                var answer = await Grid.FindSimilarAsync(query, Token);
                GridOracle.AssertSame(expected, answer);
                Assert.Equal(candidates.Count, answer.Candidates);
            }
        }
    }

    [Fact]
    public async Task A_candidate_limit_takes_the_first_by_id()
    {
        var rows = await ListAsync(new JointListing(Issuers, DateRange.On(s_day)));
        var answer = await Grid.FindSimilarAsync(Query(Issuers, rows[0].EntityId) with { CandidateLimit = 7, TopK = 100 }, Token);
        Assert.Equal(rows.Skip(1).Take(7).Select(r => r.EntityId).Order(), answer.Hits.Select(h => h.EntityId).Order());
    }
}
