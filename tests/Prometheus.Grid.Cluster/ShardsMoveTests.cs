using Prometheus.Grid.Conformance.Grids;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Grains;

namespace Prometheus.Grid.Cluster;

/// <summary>What only a cluster has: grains that find each other, and shards that move when silos come and go.</summary>
public sealed class ShardsMoveTests(ClusterOfThree fixture) : IClassFixture<ClusterOfThree>
{
    private static readonly DateOnly s_day = GridFixture.LastDay;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Searches_stay_exact_while_a_silo_leaves_another_is_killed_and_new_ones_join()
    {
        string before = await NeighboursAsync();
        await fixture.Cluster.StopSiloAsync(fixture.Cluster.Silos[^1], TestContext.Current.CancellationToken);
        Assert.Equal(before, await NeighboursAsync());
        await fixture.Cluster.StartAdditionalSiloAsync();
        Assert.Equal(before, await NeighboursAsync());
        await fixture.Cluster.KillSiloAsync(fixture.Cluster.Silos[^1], TestContext.Current.CancellationToken);
        await fixture.Cluster.StartAdditionalSiloAsync();
        Assert.Equal(before, await NeighboursAsync());
    }

    [Fact]
    public async Task Searches_under_way_stay_exact_and_none_fails_while_silos_leave_and_join()
    {
        string before = await NeighboursAsync();
        using var stop = new CancellationTokenSource();
        var searching = Enumerable.Range(0, 3).Select(_ => Task.Run(SearchAsync, Token)).ToArray();
        for (int round = 0; round < 2; round++)
        {
            await fixture.Cluster.StopSiloAsync(fixture.Cluster.Silos[^1], Token);
            await fixture.Cluster.StartAdditionalSiloAsync();
        }
        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(searching), rounds => Assert.True(rounds > 0));

        async Task<int> SearchAsync()
        {
            int rounds = 0;
            do
            {
                Assert.Equal(before, await NeighboursAsync());
                rounds++;
            }
            while (!stop.IsCancellationRequested);
            return rounds;
        }
    }

    [Fact]
    public async Task The_mean_of_a_portfolio_is_that_of_its_issuers_by_weight()
    {
        const string Portfolio = "PF_000001";
        var vectors = new Dictionary<string, ReadOnlyMemory<float>>(StringComparer.Ordinal);
        await foreach (var row in fixture.Grid.ListJointAsync(new JointListing(GridFixture.IssuerModel, DateRange.On(s_day)), Token))
            vectors.Add(row.EntityId, row.Vector);
        double[] sum = new double[384];
        double covered = 0, total = 0;
        foreach ((string instrument, double weight) in fixture.Positions(Portfolio, s_day))
        {
            total += Math.Abs(weight);
            // A second class of shares is called like the first with a B at its end.
            if (!vectors.TryGetValue($"ISS_{instrument[..4]}", out var vector))
                continue;
            covered += Math.Abs(weight);
            for (int i = 0; i < sum.Length; i++)
                sum[i] += weight * vector.Span[i];
        }

        var holdings = await ((Client.ClusterGrid)fixture.Grid).GetHoldingsAsync(Portfolio, GridFixture.IssuerModel, s_day, Token);
        Assert.InRange(covered / total, 0.5, 1);
        Assert.Equal(covered / total, holdings.CoveredWeight, 1e-12);
        Assert.Equal(sum.Length, holdings.Vector.Length);
        double largest = sum.Max(Math.Abs) / covered;
        for (int i = 0; i < sum.Length; i++)
            Assert.Equal(sum[i] / covered, holdings.Vector.Span[i], 1e-7 * largest);
    }

    [Fact]
    public async Task An_entity_answers_for_itself()
    {
        var portfolio = fixture.Cluster.Client.GetGrain<IPortfolioGrain>("PF_000001");
        var query = Query(new SimilarityTarget.Entity("PF_000002"));
        var own = await portfolio.FindSimilarAsync(query, Token);
        Assert.Equal(
            (await fixture.Grid.FindSimilarAsync(query with { Target = new SimilarityTarget.Entity("PF_000001") }, Token)).Hits.Select(hit => hit.EntityId),
            own.Hits.Select(hit => hit.EntityId));
        Assert.Equal(
            await fixture.Grid.HistoryAsync(new HistoryQuery("PF_000001", GridFixture.PortfolioModel), Token),
            await portfolio.HistoryAsync(new HistoryQuery("", GridFixture.PortfolioModel), Token));
    }

    [Fact]
    public async Task A_vector_of_an_instrument_goes_to_its_issuer()
    {
        var row = await FirstIssuerAsync();
        var state = await fixture.Grid.GetStateAsync(new StateQuery(new EntityKey(EntityKind.Issuer, row.EntityId), s_day), Token);
        var numeric = state.Branches.Single(branch => branch.ModelId == "num-profile-core-v1");
        float[] other = [.. numeric.Vector.ToArray().Select(value => 2 * value)];
        var put = new BranchPut(new EntityKey(EntityKind.Instrument, row.InstrumentId), numeric.ModelId, s_day.AddDays(40), other);
        Assert.True((await fixture.Grid.PutBranchAsync(put, Token)).Changed);
        var after = await fixture.Grid.GetStateAsync(new StateQuery(state.Entity), Token);
        Assert.Equal(other, after.Branches.Single(branch => branch.ModelId == numeric.ModelId).Vector.ToArray());
    }

    private static SimilarityQuery Query(SimilarityTarget target) => new() { Target = target, AsOf = s_day, ModelId = GridFixture.PortfolioModel };

    private async Task<JointRow> FirstIssuerAsync()
    {
        await foreach (var row in fixture.Grid.ListJointAsync(new JointListing(GridFixture.IssuerModel, DateRange.On(s_day), Limit: 1), Token))
            return row;
        throw new InvalidOperationException("the fixture has no joint vector");
    }

    /// <summary>Ten answers, to the last bit of their scores.</summary>
    private async Task<string> NeighboursAsync()
    {
        var lines = new List<string>();
        for (int i = 1; i <= 10; i++)
        {
            var answer = await fixture.Grid.FindSimilarAsync(Query(new SimilarityTarget.Entity($"PF_{i:D6}")), Token);
            lines.AddRange(answer.Hits.Select(hit => $"{i} {hit.EntityId} {hit.Cosine:R} {hit.Euclidean:R}"));
        }
        return string.Join('\n', lines);
    }
}
