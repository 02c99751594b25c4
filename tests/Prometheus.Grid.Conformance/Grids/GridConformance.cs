using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Conformance.Grids;

/// <summary>What every grid promises, whatever runs it: one process, a cluster, or a server behind HTTP.</summary>
public abstract partial class GridConformance<TFixture> : IClassFixture<TFixture>
    where TFixture : GridFixture
{
    private const string Issuers = GridFixture.IssuerModel;
    private const string Portfolios = GridFixture.PortfolioModel;

    // A fused vector is rounded to float32; branch sums computed from unrounded values differ by that.
    private const double Float32Tolerance = 1e-6;

    private static readonly DateOnly s_day = GridFixture.LastDay;

    private readonly TFixture _fixture;

    protected GridConformance(TFixture fixture)
    {
        Assert.SkipWhen(fixture.WhyNot is not null, fixture.WhyNot ?? "");
        _fixture = fixture;
    }

    private IEmbeddingGrid Grid => _fixture.Grid;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_entity_is_written_or_named_with_a_reason()
    {
        Assert.All(_fixture.Reports, report => Assert.True(report.Written > 0));
        Assert.All(_fixture.Reports.SelectMany(r => r.Days).SelectMany(d => d.Skipped), skip => Assert.NotEmpty(skip.Reason.Code));
        var numeric = _fixture.Reports.SelectMany(r => r.Days).Single(d => d.Partition.ModelId == "num-profile-core-v1" && d.Partition.AsOf == s_day);
        var tooShort = numeric.Skipped.Where(skip => skip.Reason.Code == "insufficient price rows").ToArray();
        Assert.NotEmpty(tooShort);
        Assert.Equal(_fixture.ActiveInstruments, numeric.Written + tooShort.Length);
        // What the model is not for is named as well.
        Assert.All(numeric.Skipped.Except(tooShort), skip => Assert.StartsWith("not an active equity", skip.Reason.Code, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_second_run_changes_nothing_and_says_so()
    {
        foreach (var (request, first) in GridFixture.Workflow(DateRange.On(GridFixture.FirstDay)).Zip(_fixture.Reports))
        {
            var again = await Grid.BackfillAsync(request, null, Token);
            Assert.Equal((0, first.Written), (again.Written, again.Unchanged));
        }
    }

    [Fact]
    public async Task Progress_ends_at_the_number_of_entities()
    {
        var seen = new Recorder();
        await Grid.BackfillAsync(new PortfolioBackfill { ModelId = "num-portfolio-core-v1", Dates = DateRange.On(s_day) }, seen, Token);
        Assert.Equal((20, 20), (seen.Last.EntitiesDone, seen.Last.EntitiesTotal));
    }

    [Fact]
    public async Task A_limit_says_how_many_it_left_out()
    {
        var report = await Grid.BackfillAsync(
            new PortfolioBackfill { ModelId = "num-portfolio-core-v1", Dates = DateRange.On(s_day), Limit = 5 }, null, Token);
        Assert.Equal((5, 15), (report.Unchanged, report.Days[0].BeyondLimit));
    }

    [Theory]
    [InlineData(Issuers)]
    [InlineData(Portfolios)]
    public async Task Neighbours_equal_those_of_a_plain_scan_in_double(string modelId)
    {
        var rows = await ListAsync(new JointListing(modelId, DateRange.On(s_day)));
        foreach (var target in rows)
        {
            var answer = await Grid.FindSimilarAsync(Query(modelId, target.EntityId), Token);
            GridOracle.AssertSame(GridOracle.Nearest(rows, target, 10), answer);
            Assert.Equal(rows.Count - 1, answer.Candidates);
            Assert.False(answer.IsPartial);
        }
    }

    [Fact]
    public async Task A_search_of_history_sees_other_dates_of_the_target_but_not_its_own()
    {
        DateRange dates = new(GridFixture.FirstDay, s_day);
        var rows = await ListAsync(new JointListing(Portfolios, dates));
        var target = rows.Last();
        var answer = await Grid.FindSimilarAsync(Query(Portfolios, target.EntityId) with { Dates = dates, TopK = 100 }, Token);
        GridOracle.AssertSame(GridOracle.Nearest(rows, target, 100), answer);
        Assert.Contains(answer.Hits, hit => hit.EntityId == target.EntityId && hit.AsOf == GridFixture.FirstDay);
    }

    [Fact]
    public async Task Weights_at_query_time_equal_vectors_fused_on_demand()
    {
        var weights = BranchWeights.Parse("text=0.7,numeric=0.2,behaviour=0.1");
        var stored = await ListAsync(new JointListing(Issuers, DateRange.On(s_day)));
        var fused = new List<JointRow>();
        foreach (var row in stored)
        {
            var state = await Grid.GetStateAsync(new StateQuery(new EntityKey(EntityKind.Issuer, row.EntityId), s_day), Token);
            if (state.Branches.Count(branch => branch.AsOf == s_day) == 3)
                fused.Add(await Grid.GetJointAsync(new JointQuery(row.EntityId, s_day, Issuers, weights), Token));
            else
                await Assert.ThrowsAsync<NotFoundException>(() => Grid.GetJointAsync(new JointQuery(row.EntityId, s_day, Issuers, weights), Token));
        }
        Assert.True(fused.Count > 40, $"{fused.Count} issuers have all branches");
        var answer = await Grid.FindSimilarAsync(
            Query(Issuers, fused[3].EntityId) with
            {
                Weights = weights,
                Filter = new SimilarityFilter(EntityIds: [.. fused.Select(row => row.EntityId)]),
            },
            Token);
        // A scan may fuse in double; a vector fused on demand is rounded to float32.
        GridOracle.AssertSame(GridOracle.Nearest(fused, fused[3], 10), answer, Float32Tolerance);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text=1")]
    [InlineData("text=0.5,numeric=0.5")]
    public async Task The_shares_of_the_branches_add_up_to_the_score(string? weights)
    {
        var rows = await ListAsync(new JointListing(Issuers, DateRange.On(s_day)));
        var query = Query(Issuers, rows[0].EntityId) with { Explain = true, Weights = weights is null ? null : BranchWeights.Parse(weights) };
        var answer = await Grid.FindSimilarAsync(query, Token);
        Assert.Equal(10, answer.Hits.Count);
        Assert.All(answer.Hits, hit =>
        {
            Assert.Equal(["numeric", "behaviour", "text"], hit.Explanation.Select(e => e.Branch));
            Assert.Equal(hit.Cosine, hit.Explanation.Sum(e => e.Share), Float32Tolerance);
            Assert.All(hit.Explanation, e => Assert.InRange(e.Cosine, -1, 1));
        });
    }

    [Fact]
    public async Task A_text_finds_the_issuers_whose_words_it_repeats()
    {
        var rows = await ListAsync(new JointListing(Issuers, DateRange.On(s_day)));
        const string Words = "memory wafers, lithography tools and power semiconductors";
        var ofText = await Grid.FindSimilarAsync(new SimilarityQuery { Target = new SimilarityTarget.Text(Words), AsOf = s_day, ModelId = Issuers, TopK = 100 }, Token);
        // Everybody who has a vector is a candidate, and first stand all those of the trade.
        Assert.Equal(rows.Select(row => row.EntityId), ofText.Hits.Select(hit => hit.EntityId).Order(StringComparer.Ordinal));
        string[] semiconductors = _fixture.IssuersOf("Semiconductors & Semiconductor Equipment").Intersect(rows.Select(row => row.EntityId)).ToArray();
        Assert.NotEmpty(semiconductors);
        Assert.Equal(semiconductors, ofText.Hits.Take(semiconductors.Length).Select(hit => hit.EntityId).Order(StringComparer.Ordinal));

        // Beside the numbers of an issuer the target is that issuer, so everybody else is a candidate.
        string issuer = rows[0].EntityId;
        var weights = BranchWeights.Parse("text=0.5,numeric=0.5");
        var beside = await Grid.FindSimilarAsync(
            new SimilarityQuery { Target = new SimilarityTarget.Text(Words, issuer), AsOf = s_day, ModelId = Issuers, Weights = weights, TopK = 100 }, Token);
        var own = await Grid.FindSimilarAsync(Query(Issuers, issuer) with { Weights = weights, TopK = 100 }, Token);
        Assert.Equal(own.Hits.Select(hit => hit.EntityId).Order(StringComparer.Ordinal), beside.Hits.Select(hit => hit.EntityId).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(beside.Hits, hit => hit.EntityId == issuer);
        Assert.NotEqual(own.Hits.Select(hit => hit.Cosine), beside.Hits.Select(hit => hit.Cosine));
    }

    [Fact]
    public async Task Two_text_branches_of_an_issuer_stand_side_by_side_and_say_which_classes_are_shared()
    {
        // A date of its own, and issuers whose states no other test reads.
        var day = s_day.AddDays(40);
        var rows = (await ListAsync(new JointListing(Issuers, DateRange.On(s_day))))[20..23];
        float[][] classes = [[0, 1, 1, 1], [0, 1, 2, -1], [0, -1, -1, 1]];
        foreach (var (i, row) in rows.Index())
        {
            await PutAsync(EntityKind.Instrument, row.InstrumentId, "num-profile-core-v2", 64, [1, i]);
            Assert.Equal(["joint-profile-core-v2"], await PutAsync(EntityKind.Issuer, row.EntityId, "text-lsa-v1", 80, [1, -i]));
            Assert.Equal(["joint-profile-core-v3"], await PutAsync(EntityKind.Issuer, row.EntityId, "text-classes-v1", 102, classes[i]));
        }
        string[] both = ["joint-profile-core-v2", "joint-profile-core-v3"];
        Assert.Equal(both, (await PutAsync(EntityKind.Issuer, rows[2].EntityId, "text-lsa-v1", 80, [1, -3])).Order());

        var query = Query("joint-profile-core-v3", rows[0].EntityId) with { AsOf = day, Explain = true };
        var answer = await Grid.FindSimilarAsync(query, Token);
        Assert.Equal([rows[1].EntityId, rows[2].EntityId], answer.Hits.Select(hit => hit.EntityId));
        Assert.Equal(["numeric", "behaviour", "classes", "text"], answer.Hits[0].Explanation.Select(branch => branch.Branch));
        Assert.All(answer.Hits, hit => Assert.Equal(hit.Cosine, hit.Explanation.Sum(branch => branch.Share), Float32Tolerance));
        var names = ModelCatalog.Load(Path.Combine(TestData.RepositoryRoot, "models")).Model("text-classes-v1").Coordinates;
        Assert.Equal([names[2], names[1]], answer.Hits[0].Explanation[2].Shared);
        Assert.Equal([names[3]], answer.Hits[1].Explanation[2].Shared);
        Assert.Empty(answer.Hits[0].Explanation[3].Shared);

        var byClasses = await Grid.FindSimilarAsync(query with { Weights = BranchWeights.Parse("classes=1") }, Token);
        Assert.Equal(GridOracle.Cosine(classes[0], classes[1]), byClasses.Hits[0].Cosine, Float32Tolerance);
        var ofText = await Grid.FindSimilarAsync(query with { Target = new SimilarityTarget.Text("regional bank with mortgage loans") }, Token);
        Assert.Equal(3, ofText.Hits.Count);
        Assert.All(ofText.Hits, hit => Assert.Equal(0, hit.Explanation[0].Share));

        async Task<IReadOnlyList<string>> PutAsync(EntityKind kind, string id, string model, int dimension, float[] leading)
        {
            float[] vector = new float[dimension];
            leading.CopyTo(vector, 0);
            return (await Grid.PutBranchAsync(new BranchPut(new EntityKey(kind, id), model, day, vector), Token)).JointModelIds;
        }
    }

    [Fact]
    public async Task A_vector_of_an_issuer_finds_that_issuer_first()
    {
        var rows = await ListAsync(new JointListing(Issuers, DateRange.On(s_day)));
        var answer = await Grid.FindSimilarAsync(
            new SimilarityQuery { Target = new SimilarityTarget.Vector(rows[4].Vector), AsOf = s_day, ModelId = Issuers }, Token);
        Assert.Equal(rows[4].EntityId, answer.Hits[0].EntityId);
        Assert.Equal(0, answer.Hits[0].Euclidean);
    }

    [Fact]
    public async Task Listings_are_by_date_and_id_and_stop_at_the_limit()
    {
        var rows = await ListAsync(new JointListing(Issuers, new DateRange(GridFixture.FirstDay, s_day)));
        Assert.Equal(rows.OrderBy(r => r.AsOf).ThenBy(r => r.EntityId, StringComparer.Ordinal), rows);
        var first = await ListAsync(new JointListing(Issuers, new DateRange(GridFixture.FirstDay, s_day), Limit: 3));
        Assert.Equal(rows.Take(3).Select(r => r.EntityId), first.Select(r => r.EntityId));
        var one = await ListAsync(new JointListing(Issuers, new DateRange(GridFixture.FirstDay, s_day), rows[0].EntityId));
        Assert.Equal([(GridFixture.FirstDay, rows[0].EntityId), (s_day, rows[0].EntityId)], one.Select(row => (row.AsOf, row.EntityId)));
    }

    [Fact]
    public async Task The_state_of_an_issuer_holds_the_latest_vector_of_each_model()
    {
        string issuer = (await ListAsync(new JointListing(Issuers, DateRange.On(s_day))))[0].EntityId;
        var latest = await Grid.GetStateAsync(new StateQuery(new EntityKey(EntityKind.Issuer, issuer)), Token);
        Assert.Equal(["num-profile-core-v1", "num-regime-core-v1", "text-hash-v1"], latest.Branches.Select(b => b.ModelId));
        Assert.All(latest.Branches, branch => Assert.Equal(s_day, branch.AsOf));
        var before = await Grid.GetStateAsync(new StateQuery(latest.Entity, s_day.AddDays(-1)), Token);
        Assert.Equal(latest.Branches.Select(branch => (branch.ModelId, GridFixture.FirstDay)), before.Branches.Select(branch => (branch.ModelId, branch.AsOf)));
    }

    [Fact]
    public async Task History_has_a_point_a_date()
    {
        string portfolio = (await ListAsync(new JointListing(Portfolios, DateRange.On(s_day))))[0].EntityId;
        var history = await Grid.HistoryAsync(new HistoryQuery(portfolio, Portfolios), Token);
        Assert.Equal([GridFixture.FirstDay, s_day], history.Select(h => h.AsOf).Where(d => d <= s_day));
        Assert.Null(history[0].CosineToPrevious);
        Assert.Equal(1, history[0].CosineToFirst, GridOracle.SumTolerance);
        var nearest = await Grid.FindSimilarAsync(Query(Portfolios, portfolio) with { TopK = 1 }, Token);
        Assert.Equal(nearest.Hits[0].EntityId, history[1].Nearest);
    }

    [Fact]
    public async Task A_put_is_seen_by_the_next_search_and_by_knowledge_time_only_after_it()
    {
        // A date of its own, so that the other tests of the class see nothing of it.
        var day = s_day.AddDays(30);
        string[] ids = ["PF_A", "PF_B", "PF_C"];
        for (int i = 0; i < ids.Length; i++)
        {
            var receipt = await Grid.PutBranchAsync(Put(ids[i], day, 1, i), Token);
            Assert.True(receipt.Changed);
            Assert.Equal([Portfolios], receipt.JointModelIds);
        }
        Assert.Equal(["PF_B", "PF_C"], await NeighboursOfA(null));
        // States of one instant may be told apart by a microsecond, so the moment to look back to lies behind all of them.
        _fixture.Time.Advance(TimeSpan.FromSeconds(1));
        var before = _fixture.Time.GetUtcNow();
        _fixture.Time.Advance(TimeSpan.FromHours(1));
        Assert.True((await Grid.PutBranchAsync(Put("PF_B", day, -5, 1), Token)).Changed);
        Assert.False((await Grid.PutBranchAsync(Put("PF_B", day, -5, 1), Token)).Changed);
        Assert.Equal(["PF_C", "PF_B"], await NeighboursOfA(null));
        Assert.Equal(["PF_B", "PF_C"], await NeighboursOfA(before));

        async Task<IEnumerable<string>> NeighboursOfA(DateTimeOffset? asKnown) =>
            (await Grid.FindSimilarAsync(Query(Portfolios, "PF_A") with { AsOf = day, AsKnown = asKnown }, Token)).Hits.Select(h => h.EntityId);
    }

    [Fact]
    public async Task Equal_scores_are_ordered_by_id()
    {
        var day = s_day.AddDays(31);
        foreach (string id in (string[])["PF_T", "PF_Z", "PF_M", "PF_A"])
            await Grid.PutBranchAsync(Put(id, day, 1, 2), Token);
        var answer = await Grid.FindSimilarAsync(Query(Portfolios, "PF_T") with { AsOf = day, TopK = 2 }, Token);
        Assert.Equal(["PF_A", "PF_M"], answer.Hits.Select(h => h.EntityId));
    }

    [Fact]
    public async Task Bad_vectors_are_refused_with_the_entity_named()
    {
        var day = s_day.AddDays(32);
        var good = Put("PF_A", day, 1, 2);
        float[] notANumber = new float[384];
        notANumber[7] = float.NaN;
        foreach (var vector in (ReadOnlyMemory<float>[])[new float[383], new float[384], notANumber])
        {
            var error = await Assert.ThrowsAsync<BadInputException>(() => Grid.PutBranchAsync(good with { Vector = vector }, Token));
            Assert.Contains("PF_A", error.Field, StringComparison.Ordinal);
        }
        await Assert.ThrowsAsync<BadInputException>(() => Grid.PutBranchAsync(good with { Entity = new EntityKey(EntityKind.Issuer, "PF_A") }, Token));
        await Assert.ThrowsAsync<NotFoundException>(() => Grid.PutBranchAsync(good with { ModelId = "num-nothing-v9" }, Token));
        await Assert.ThrowsAsync<NotFoundException>(() => Grid.FindSimilarAsync(Query(Portfolios, "PF_A") with { AsOf = day }, Token));
    }

    [Fact]
    public async Task Bad_queries_say_which_field_is_wrong()
    {
        var good = Query(Portfolios, "PF_0001");
        Assert.Equal(nameof(SimilarityQuery.TopK), (await Assert.ThrowsAsync<BadInputException>(() => Grid.FindSimilarAsync(good with { TopK = 0 }, Token))).Field);
        Assert.Equal(nameof(SimilarityQuery.TopK), (await Assert.ThrowsAsync<BadInputException>(() => Grid.FindSimilarAsync(good with { TopK = 1_000_000_000 }, Token))).Field);
        Assert.Equal(
            nameof(SimilarityFilter.Sector),
            (await Assert.ThrowsAsync<BadInputException>(() => Grid.FindSimilarAsync(good with { Filter = new SimilarityFilter(Sector: "x") }, Token))).Field);
        Assert.Equal(nameof(SimilarityQuery.MinCosine), (await Assert.ThrowsAsync<BadInputException>(() => Grid.FindSimilarAsync(good with { MinCosine = double.NaN }, Token))).Field);
        foreach (var bad in (SimilarityQuery[])[good with { MaxPerSector = 1 }, good with { ModelId = Issuers, MaxPerSector = 0 }])
            Assert.Equal(nameof(SimilarityQuery.MaxPerSector), (await Assert.ThrowsAsync<BadInputException>(() => Grid.FindSimilarAsync(bad, Token))).Field);
        Assert.Equal(
            nameof(SimilarityTarget.Vector),
            (await Assert.ThrowsAsync<BadInputException>(() => Grid.FindSimilarAsync(good with { Target = new SimilarityTarget.Vector(new float[5]) }, Token))).Field);
        await Assert.ThrowsAsync<NotFoundException>(() => Grid.FindSimilarAsync(good with { ModelId = "joint-nothing-v9" }, Token));
        await Assert.ThrowsAsync<NotFoundException>(() => Grid.FindSimilarAsync(good with { AsOf = new DateOnly(1999, 1, 1) }, Token));
        await Assert.ThrowsAsync<NotFoundException>(() => Grid.FindSimilarAsync(Query(Portfolios, "PF_NOBODY"), Token));
        await Assert.ThrowsAsync<NotFoundException>(() => Grid.GetStateAsync(new StateQuery(new EntityKey(EntityKind.Issuer, "ISS_NOBODY")), Token));
        await Assert.ThrowsAsync<NotFoundException>(() => Grid.HistoryAsync(new HistoryQuery("PF_NOBODY", Portfolios), Token));
    }

    [Fact]
    public async Task Cancellation_ends_a_backfill()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Grid.BackfillAsync(
            new NumericBackfill { ModelId = "num-profile-core-v1", Dates = DateRange.On(s_day) }, null, cancelled.Token));
    }

    private static BranchPut Put(string portfolioId, DateOnly day, float x, float y)
    {
        float[] vector = new float[384];
        (vector[0], vector[1]) = (x, y);
        return new BranchPut(new EntityKey(EntityKind.Portfolio, portfolioId), "num-portfolio-core-v1", day, vector);
    }

    private static SimilarityQuery Query(string modelId, string entityId) =>
        new() { Target = new SimilarityTarget.Entity(entityId), AsOf = s_day, ModelId = modelId };

    private async Task<List<JointRow>> ListAsync(JointListing listing)
    {
        var rows = new List<JointRow>();
        await foreach (var row in Grid.ListJointAsync(listing, Token))
            rows.Add(row);
        return rows;
    }

    private sealed class Recorder : IProgress<BackfillProgress>
    {
        public BackfillProgress Last { get; private set; }

        public void Report(BackfillProgress value) => Last = value;
    }
}
