using System.Globalization;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Universes;
using Prometheus.Grid.Synthetic;

namespace Prometheus.Grid.Analysis.Tests;

public sealed class AnalogueTests
{
    private const string Portfolio = "PF_000003";
    private static readonly DateOnly s_asOf = new(2023, 12, 29);

    private static readonly SyntheticMarketOptions s_market = new()
    {
        Issuers = 40,
        Portfolios = 14,
        FirstDate = new DateOnly(2022, 1, 3),
        LastDate = new DateOnly(2024, 3, 28),
        ReportDates = [new(2022, 12, 30), new(2023, 1, 31), new(2023, 3, 31), new(2023, 6, 30), new(2023, 9, 29), new(2023, 12, 29), new(2024, 1, 31)],
    };

    private static readonly AnaloguesQuery s_query = new() { PortfolioId = Portfolio, AsOf = s_asOf, ModelId = MarketFolder.Portfolios, Horizon = 42, TopK = 12 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_after_the_date_is_read()
    {
        var all = new DateRange(s_market.ReportDates[0], s_market.ReportDates[^1]);
        AnaloguesAnswer whole, cut, twisted;
        await using (var folder = await MarketFolder.MakeAsync(s_market, null, MarketFolder.OfPortfolios(all)))
            whole = await folder.Universe.AnaloguesAsync(s_query, Token);
        // The future is not there yet.
        await using (var folder = await MarketFolder.MakeAsync(s_market, path => EditAfter(path, s_asOf, null), MarketFolder.OfPortfolios(new DateRange(all.Start, s_asOf))))
            cut = await folder.Universe.AnaloguesAsync(s_query, Token);
        // The future is another one, with vectors of its own.
        await using (var folder = await MarketFolder.MakeAsync(s_market, path => EditAfter(path, s_asOf, 3), MarketFolder.OfPortfolios(all)))
            twisted = await folder.Universe.AnaloguesAsync(s_query, Token);

        foreach (var other in (AnaloguesAnswer[])[cut, twisted])
        {
            Assert.Equal(whole.Analogues, other.Analogues);
            Assert.Equal((whole.OfAnalogues, whole.OfRandom, whole.Eligible, whole.Periods), (other.OfAnalogues, other.OfRandom, other.Eligible, other.Periods));
        }
    }

    [Fact]
    public async Task What_followed_decides_nothing()
    {
        var all = new DateRange(s_market.ReportDates[0], s_asOf);
        AnaloguesAnswer plain, twisted;
        await using (var folder = await MarketFolder.MakeAsync(s_market, null, MarketFolder.OfPortfolios(all)))
            plain = await folder.Universe.AnaloguesAsync(s_query, Token);
        // Vectors of portfolios come from reports: other prices are another outcome of the same states.
        await using (var folder = await MarketFolder.MakeAsync(s_market, path => EditAfter(path, all.Start, 3), MarketFolder.OfPortfolios(all)))
            twisted = await folder.Universe.AnaloguesAsync(s_query, Token);
        Assert.Equal(plain.Analogues.Select(state => (state.PortfolioId, state.AsOf, state.Cosine)), twisted.Analogues.Select(state => (state.PortfolioId, state.AsOf, state.Cosine)));
        Assert.All(plain.Analogues.Zip(twisted.Analogues), pair => Assert.NotEqual(pair.First.Followed, pair.Second.Followed));
    }

    [Fact]
    public async Task States_are_the_nearest_whose_horizons_are_over_and_do_not_overlap()
    {
        await using var folder = await MarketFolder.MakeAsync(s_market, null, MarketFolder.OfPortfolios(new DateRange(s_market.ReportDates[0], s_asOf)));
        var answer = await folder.Universe.AnaloguesAsync(s_query, Token);

        // 42 trading days lead from each of these to the next one, but from the first to the second.
        DateOnly[] dates = [.. s_market.ReportDates.Take(5)];
        var target = (await folder.ListAsync(MarketFolder.Portfolios, s_asOf)).Single(row => row.EntityId == Portfolio);
        var states = new List<(JointRow Row, double Cosine)>();
        foreach (var date in dates)
            states.AddRange((await folder.ListAsync(MarketFolder.Portfolios, date)).Select(row => (row, Cosine(row.Vector.Span, target.Vector.Span))));
        var expected = new List<JointRow>();
        foreach (var (row, _) in states.OrderByDescending(state => state.Cosine))
        {
            bool isFirstPair = row.AsOf == dates[0] || row.AsOf == dates[1];
            if (expected.Count < s_query.TopK && !(isFirstPair && expected.Exists(other => other.EntityId == row.EntityId && (other.AsOf == dates[0] || other.AsOf == dates[1]))))
                expected.Add(row);
        }
        Assert.Equal(expected.Select(row => (row.EntityId, row.AsOf)), answer.Analogues.Select(state => (state.PortfolioId, state.AsOf)));
        Assert.Equal((states.Count, 4), (answer.Eligible, answer.Periods));
        Assert.Equal(answer.Analogues.Average(state => state.Followed.Return), answer.OfAnalogues.Mean.Return, 1e-12);
        Assert.Equal((12, answer.Analogues.Select(state => state.AsOf).Distinct().Count()), (answer.OfAnalogues.States, answer.OfAnalogues.Dates));
        // All there are, since twenty times as many would be drawn.
        Assert.Equal((states.Count, 5), (answer.OfRandom.States, answer.OfRandom.Dates));
        Assert.Equal(answer.Analogues, (await folder.Universe.AnaloguesAsync(s_query with { Seed = 9 }, Token)).Analogues);
    }

    [Fact]
    public async Task Thin_history_is_refused()
    {
        await using var folder = await MarketFolder.MakeAsync(s_market, null, MarketFolder.OfPortfolios(new DateRange(s_market.ReportDates[0], s_asOf)));
        foreach (var (query, field, said) in ((AnaloguesQuery, string, string)[])
        [
            (s_query with { AsOf = new DateOnly(2023, 3, 31) }, "AsOf", "there are 28 on 1"),
            (s_query with { TopK = 40 }, "AsOf", "at least 120 states"),
            (s_query with { Horizon = 504 }, "AsOf", "there are 0 on 0"),
            (s_query with { Horizon = 1 }, "Horizon", "5 to 504"),
            (s_query with { TopK = 1 }, "TopK", "5 to 1000"),
            (s_query with { ModelId = MarketFolder.Issuers }, "ModelId", "a space of portfolios"),
        ])
        {
            var error = await Assert.ThrowsAsync<BadInputException>(() => folder.Universe.AnaloguesAsync(query, Token));
            Assert.Equal(field, error.Field);
            Assert.Contains(said, error.Message, StringComparison.Ordinal);
        }
        await Assert.ThrowsAsync<NotFoundException>(() => folder.Universe.AnaloguesAsync(s_query with { PortfolioId = "PF_NOBODY" }, Token));
    }

    [Fact]
    public void Outcomes_are_those_of_a_path()
    {
        // 1, 1.1, 0.99, 1.188: down a tenth from the high, up a fifth.
        double[] daily = [.. ((double[])[1.1, 0.9, 1.2]).Select(value => Math.Log(value))];
        var outcome = Analogues.Outcomes.Of(daily)!.Value;
        Assert.Equal((0.188, -0.1), (Math.Round(outcome.Return, 12), Math.Round(outcome.WorstDrawdown, 12)));
        double mean = daily.Average();
        Assert.Equal(Math.Sqrt(252 * daily.Sum(r => (r - mean) * (r - mean)) / 2), outcome.Volatility, 1e-12);
        Assert.Null(Analogues.Outcomes.Of([0, 0, 0]));
        Assert.Null(Analogues.Outcomes.Of([0.1, double.NaN, 0]));
    }

    /// <summary>Drops the rows of all dated tables after a date; or with a power keeps them, and raises each price to its power.</summary>
    private static void EditAfter(string path, DateOnly asOf, double? power)
    {
        foreach (string table in (string[])["prices_daily", "portfolio_positions", "portfolio_risk_reports", "profiles"])
        {
            string file = Path.Combine(path, table + ".csv");
            string[] lines = File.ReadAllLines(file);
            int date = Array.FindIndex(lines[0].Split(','), column => column.EndsWith("_date", StringComparison.Ordinal));
            bool IsAfter(string line) => line.Split(',') is var cells && cells.Length > date
                && DateOnly.TryParseExact(cells[date], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day > asOf;
            string[] edited = power is { } p
                ? Array.ConvertAll(lines, line => table == "prices_daily" && IsAfter(line) ? Twisted(line, p) : line)
                : Array.FindAll(lines, line => !IsAfter(line));
            File.WriteAllLines(file, edited);
        }
    }

    private static string Twisted(string line, double power)
    {
        string[] cells = line.Split(',');
        for (int i = 2; i <= 6; i++)
            cells[i] = Math.Pow(double.Parse(cells[i], CultureInfo.InvariantCulture), power).ToString("F6", CultureInfo.InvariantCulture);
        return string.Join(',', cells);
    }

    private static double Cosine(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        double xy = 0, xx = 0, yy = 0;
        for (int i = 0; i < x.Length; i++)
            (xy, xx, yy) = (xy + ((double)x[i] * y[i]), xx + ((double)x[i] * x[i]), yy + ((double)y[i] * y[i]));
        return xy / Math.Sqrt(xx * yy);
    }
}
