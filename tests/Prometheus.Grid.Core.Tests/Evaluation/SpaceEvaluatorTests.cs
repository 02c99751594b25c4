using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Evaluation;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Core.Tests.Fakes;

namespace Prometheus.Grid.Core.Tests.Evaluation;

public sealed class SpaceEvaluatorTests
{
    private const string ModelId = "joint-profile-core-v2";
    private const int Issuers = 40, Days = 160, AsOfIndex = 90;

    [Fact]
    public async Task Figures_are_those_of_a_naive_reading()
    {
        var store = FactorMarket.Create(Issuers, Days);
        var asOf = FactorMarket.Day(store, AsOfIndex);
        float[][] vectors = Vectors(seed: 3);
        store.Add(new PartitionKey(BranchKind.Joint, ModelId, asOf), store.Issuers.Select((issuer, i) => (issuer.IssuerId, vectors[i])));
        var report = await EvaluateAsync(store, DateRange.On(asOf));

        double[][] returns = [.. store.Prices.Values.Select(series => Enumerable.Range(AsOfIndex + 1, 63)
            .Select(t => Math.Log(series.AdjustedClose.Span[t] / series.AdjustedClose.Span[t - 1])).ToArray())];
        double[] volatility = [.. returns.Select(r => Math.Sqrt(252 * r.Sum(x => Math.Pow(x - r.Average(), 2)) / 62))];
        int[][] near = [.. Enumerable.Range(0, Issuers).Select(i => Enumerable.Range(0, Issuers)
            .Where(j => j != i).OrderByDescending(j => Cosine(vectors[i], vectors[j])).Take(10).ToArray())];
        (int I, int J)[] neighbours = [.. near.SelectMany((js, i) => js.Select(j => (i, j)))];
        (int I, int J)[] all = [.. Enumerable.Range(0, Issuers).SelectMany(i => Enumerable.Range(0, Issuers).Where(j => j != i).Select(j => (i, j)))];

        Check("sector precision@10", (i, j) => store.Issuers[i].Sector == store.Issuers[j].Sector ? 1 : 0);
        Check("industry precision@10", (i, j) => store.Issuers[i].Industry == store.Issuers[j].Industry ? 1 : 0);
        Check("next-63d return correlation", (i, j) => Correlation(returns[i], returns[j]));
        Check("next-63d volatility gap", (i, j) => Math.Abs(volatility[i] - volatility[j]));

        double mean = volatility.Average();
        double missed = Enumerable.Range(0, Issuers).Sum(i => Math.Pow(volatility[i] - near[i].Average(j => volatility[j]), 2));
        Assert.Equal(1 - (missed / volatility.Sum(v => Math.Pow(v - mean, 2))), Figure("volatility R² of peers").Value, 1e-9);

        EvaluationFigure Figure(string metric) => Assert.Single(report.Figures, figure => figure.Metric == metric);
        void Check(string metric, Func<int, int, double> ofPair)
        {
            var figure = Figure(metric);
            Assert.Equal(neighbours.Average(pair => ofPair(pair.I, pair.J)), figure.Value, 1e-9);
            Assert.Equal(all.Average(pair => ofPair(pair.I, pair.J)), figure.Baseline, 1e-9);
            Assert.Equal(Issuers, figure.Entities);
            Assert.True(figure.StandardError > 0);
        }
    }

    [Fact]
    public async Task Issuers_without_prices_to_the_end_are_left_out_and_counted_and_dates_are_averaged()
    {
        var store = FactorMarket.Create(Issuers, Days);
        DateOnly first = FactorMarket.Day(store, AsOfIndex - 5), second = FactorMarket.Day(store, AsOfIndex);
        store.Prices["S003"] = store.Prices["S003"].Slice(0, AsOfIndex + 20);
        foreach ((var asOf, int seed) in new[] { (first, 1), (second, 2) })
            store.Add(new PartitionKey(BranchKind.Joint, ModelId, asOf), store.Issuers.Zip(Vectors(seed), (issuer, vector) => (issuer.IssuerId, vector)));
        var report = await EvaluateAsync(store, new DateRange(first, second));
        Assert.Equal(("no price on each day of the 63 after the date on which its market trades", 2), Assert.Single(report.LeftOut));
        foreach (var metric in report.Figures.GroupBy(figure => figure.Metric))
        {
            var mean = Assert.Single(metric, figure => figure.AsOf is null);
            Assert.Equal(metric.Where(figure => figure.AsOf is not null).Average(figure => figure.Value), mean.Value, 1e-12);
        }
    }

    [Fact]
    public async Task Models_are_held_against_the_first_on_what_all_of_them_have()
    {
        var store = FactorMarket.Create(Issuers, Days);
        var asOf = FactorMarket.Day(store, AsOfIndex);
        float[][] first = Vectors(1), second = Vectors(2);
        store.Add(new PartitionKey(BranchKind.Joint, ModelId, asOf), store.Issuers.Select((issuer, i) => (issuer.IssuerId, first[i])));
        // The other model is one of instruments, and lacks five of them.
        store.Add(new PartitionKey(BranchKind.Numeric, "num-profile-core-v2", asOf), store.Instruments.Select((i, place) => (i.InstrumentId, second[place])).Skip(5));
        var report = await new SpaceEvaluator(store, Catalogs.Shipped, 2).EvaluateAsync(
            new EvaluationQuery([ModelId, "num-profile-core-v2"], DateRange.On(asOf)), TestContext.Current.CancellationToken);
        Assert.Equal(("no vector of another model that is judged beside", 5), Assert.Single(report.LeftOut));

        int[] common = [.. Enumerable.Range(5, Issuers - 5)];
        double[] ofFirst = Precisions(first), ofSecond = Precisions(second);
        double[] differences = [.. ofSecond.Zip(ofFirst, (b, a) => b - a)];
        double error = Math.Sqrt(differences.Sum(d => Math.Pow(d - differences.Average(), 2)) / (common.Length - 1) / common.Length);
        var figures = report.Figures.Where(figure => figure.Metric == "sector precision@10").ToArray();
        Assert.Equal([ModelId, "num-profile-core-v2"], figures.Select(figure => figure.ModelId));
        Assert.Equal((ofFirst.Average(), 0.0, 0.0), (figures[0].Value, figures[0].Difference, figures[0].DifferenceError));
        Assert.Equal(ofSecond.Average(), figures[1].Value, 1e-9);
        Assert.Equal(differences.Average(), figures[1].Difference, 1e-9);
        Assert.Equal(error, figures[1].DifferenceError, 1e-9);
        Assert.All(report.Figures, figure => Assert.Equal(common.Length, figure.Entities));

        double[] Precisions(float[][] vectors) => [.. common.Select(i => common.Where(j => j != i)
            .OrderByDescending(j => Cosine(vectors[i], vectors[j])).Take(10).Average(j => store.Issuers[i].Sector == store.Issuers[j].Sector ? 1.0 : 0))];
    }

    [Fact]
    public async Task Models_that_cannot_be_compared_are_refused()
    {
        var store = FactorMarket.Create(Issuers, Days);
        foreach (string[] models in (string[][])[[], [ModelId, ModelId], [ModelId, "joint-portfolio-core-v2"]])
        {
            var query = new EvaluationQuery(models, DateRange.On(FactorMarket.Day(store, AsOfIndex)));
            var error = await Assert.ThrowsAsync<BadInputException>(() => new SpaceEvaluator(store, Catalogs.Shipped, 2).EvaluateAsync(query, TestContext.Current.CancellationToken));
            Assert.Equal("ModelId", error.Field);
        }
    }

    [Fact]
    public async Task A_date_without_a_quarter_after_it_is_refused()
    {
        var store = FactorMarket.Create(Issuers, Days);
        var asOf = FactorMarket.Day(store, Days - 20);
        store.Add(new PartitionKey(BranchKind.Joint, ModelId, asOf), store.Issuers.Zip(Vectors(1), (issuer, vector) => (issuer.IssuerId, vector)));
        var error = await Assert.ThrowsAsync<BadInputException>(() => EvaluateAsync(store, DateRange.On(asOf)));
        Assert.Contains("there are 19", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<NotFoundException>(() => EvaluateAsync(store, DateRange.On(asOf.AddDays(1))));
    }

    [Fact]
    public async Task Dates_of_a_range_that_cannot_be_judged_are_named_and_change_nothing_of_the_others()
    {
        var store = FactorMarket.Create(Issuers, Days);
        DateOnly early = FactorMarket.Day(store, AsOfIndex), few = FactorMarket.Day(store, AsOfIndex + 2), late = FactorMarket.Day(store, Days - 20);
        foreach (var asOf in new[] { early, late })
            store.Add(new PartitionKey(BranchKind.Joint, ModelId, asOf), store.Issuers.Zip(Vectors(1), (issuer, vector) => (issuer.IssuerId, vector)));
        var alone = await EvaluateAsync(store, DateRange.On(early));
        store.Add(new PartitionKey(BranchKind.Joint, ModelId, few), store.Issuers.Take(5).Zip(Vectors(1), (issuer, vector) => (issuer.IssuerId, vector)));
        var report = await EvaluateAsync(store, new DateRange(early, late));
        Assert.Equal(alone.Figures, report.Figures);
        Assert.Equal(alone.LeftOut, report.LeftOut);
        Assert.Equal([few, late], report.Unjudged.Select(date => date.AsOf));
        Assert.Contains("at least 12 entities can be judged; there are 5", report.Unjudged[0].Reason, StringComparison.Ordinal);
        Assert.Contains("there are 19", report.Unjudged[1].Reason, StringComparison.Ordinal);
        // Where no date can be judged, the range is refused as a date is.
        await Assert.ThrowsAsync<BadInputException>(() => EvaluateAsync(store, new DateRange(few, late)));
    }

    [Fact]
    public async Task Dates_of_one_model_alone_are_named()
    {
        var store = FactorMarket.Create(Issuers, Days);
        DateOnly both = FactorMarket.Day(store, AsOfIndex), one = FactorMarket.Day(store, AsOfIndex - 5);
        foreach (var asOf in new[] { both, one })
            store.Add(new PartitionKey(BranchKind.Joint, ModelId, asOf), store.Issuers.Zip(Vectors(1), (issuer, vector) => (issuer.IssuerId, vector)));
        store.Add(new PartitionKey(BranchKind.Numeric, "num-profile-core-v2", both), store.Instruments.Zip(Vectors(2), (i, vector) => (i.InstrumentId, vector)));
        var report = await new SpaceEvaluator(store, Catalogs.Shipped, 2).EvaluateAsync(
            new EvaluationQuery([ModelId, "num-profile-core-v2"], new DateRange(one, both)), TestContext.Current.CancellationToken);
        Assert.Equal(new UnjudgedDate(one, "no vectors of num-profile-core-v2"), Assert.Single(report.Unjudged));
        Assert.All(report.Figures, figure => Assert.Equal(both, figure.AsOf));
    }

    [Fact]
    public async Task A_market_that_is_closed_on_days_of_another_leaves_nobody_out_and_its_returns_span_the_gap()
    {
        var store = FactorMarket.Create(Issuers, Days);
        var asOf = FactorMarket.Day(store, AsOfIndex);
        store.Add(new PartitionKey(BranchKind.Joint, ModelId, asOf), store.Issuers.Zip(Vectors(3), (issuer, vector) => (issuer.IssuerId, vector)));
        // Every other instrument is of a market that rests on the date, on the day after it and on a day in the middle.
        int[] closed = [AsOfIndex, AsOfIndex + 1, AsOfIndex + 30];
        for (int i = 0; i < store.Instruments.Count; i += 2)
        {
            var instrument = store.Instruments[i];
            store.Instruments[i] = instrument with { MarketId = "ELSEWHERE" };
            store.Prices[instrument.InstrumentId] = FactorMarket.Without(store.Prices[instrument.InstrumentId], closed);
        }
        // One of them has no price on a day on which it could have had one.
        string halted = store.Instruments[4].InstrumentId;
        store.Prices[halted] = FactorMarket.Without(store.Prices[halted], [AsOfIndex + 40]);
        var report = await EvaluateAsync(store, DateRange.On(asOf));
        Assert.Equal(("no price on each day of the 63 after the date on which its market trades", 1), Assert.Single(report.LeftOut));
        Assert.All(report.Figures, figure => Assert.Equal(Issuers - 1, figure.Entities));

        double[][] returns = [.. store.Instruments.Where(i => i.InstrumentId != halted).Select(i => Stepped(store.Prices[i.InstrumentId], store.Prices[store.Instruments[1].InstrumentId]))];
        double[] volatility = [.. returns.Select(r => Math.Sqrt(252 * r.Sum(x => Math.Pow(x - r.Average(), 2)) / 62))];
        double gap = (from i in Enumerable.Range(0, returns.Length) from j in Enumerable.Range(0, returns.Length) where i != j select Math.Abs(volatility[i] - volatility[j])).Average();
        Assert.Equal(gap, Assert.Single(report.Figures, figure => figure.Metric == "next-63d volatility gap").Baseline, 1e-9);

        // The last close up to each day of the full calendar, and the steps between them.
        double[] Stepped(Prices.PriceSeries own, Prices.PriceSeries full)
        {
            double[] closes = [.. Enumerable.Range(AsOfIndex, 64).Select(t => own.AdjustedClose.Span[own.Days.Span.ToArray().Count(day => day <= full.Days.Span[t]) - 1])];
            return [.. closes.Skip(1).Zip(closes, (now, before) => Math.Log(now / before))];
        }
    }

    private static Task<EvaluationReport> EvaluateAsync(MemoryStore store, DateRange dates) =>
        new SpaceEvaluator(store, Catalogs.Shipped, 2).EvaluateAsync(new EvaluationQuery([ModelId], dates), TestContext.Current.CancellationToken);

    private static float[][] Vectors(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Issuers).Select(_ => Enumerable.Range(0, 6).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray())];
    }

    private static double Cosine(float[] x, float[] y) => Encoders.V2.Cosine(x, y);

    private static double Correlation(double[] x, double[] y)
    {
        double mx = x.Average(), my = y.Average();
        return x.Zip(y, (a, b) => (a - mx) * (b - my)).Sum() / Math.Sqrt(x.Sum(a => (a - mx) * (a - mx)) * y.Sum(b => (b - my) * (b - my)));
    }
}
