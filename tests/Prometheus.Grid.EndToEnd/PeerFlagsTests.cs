using System.Globalization;
using System.Text.RegularExpressions;

namespace Prometheus.Grid.EndToEnd;

/// <summary>What desks ask of a peer tool beside the nearest: leaving names out, a bound by sector, a basket.</summary>
public sealed class PeerFlagsTests(MapTests.DemoMarket market) : IClassFixture<MapTests.DemoMarket>
{
    private const string Space = "joint-profile-core-v2", AsOf = "2024-03-28", Target = "ISS_RMFJ";

    [Fact]
    public async Task Excluded_ids_are_left_out_wherever_they_stand()
    {
        string[] all = Ids(await FindAsync("--top-k", "8"));
        string file = market.Folder.File("mega-caps.txt");
        await File.WriteAllTextAsync(file, $"# too large\n{all[2]}\n\n{all[4]}  # this one too\r\nISS_NOBODY\n", TestContext.Current.CancellationToken);
        var rest = await FindAsync("--top-k", "5", "--exclude", all[0], "--exclude", all[1], "--exclude-file", file);
        Assert.Equal([all[3], .. all[5..8]], Ids(rest)[..4]);
        Assert.Equal(5, rest.Rows.Length);
    }

    [Fact]
    public async Task A_bound_by_sector_and_a_least_cosine_hold_together()
    {
        var sectors = (await File.ReadAllLinesAsync(market.Folder.File("issuers.csv"), TestContext.Current.CancellationToken)).Skip(1)
            .Select(line => line.Split(',')).ToDictionary(cells => cells[0], cells => cells[^2], StringComparer.Ordinal);
        var all = await FindAsync("--top-k", "100");
        string least = all.Rows[20][0];
        string[] expected = [.. Ids(all)[..21].GroupBy(id => sectors[id], StringComparer.Ordinal).SelectMany(sector => sector.Take(2))];
        var bounded = await FindAsync("--top-k", "50", "--max-per-sector", "2", "--min-cosine", least);
        // Printed with six decimals, the least cosine may lie above the one it was printed from.
        Assert.InRange(bounded.Rows.Length, expected.Length - 1, expected.Length);
        Assert.Equal(Ids(all).Where(expected.Contains).Take(bounded.Rows.Length), Ids(bounded));
        Assert.Contains("no other fits", bounded.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("equal")]
    [InlineData("similarity")]
    public async Task A_basket_weighs_one_and_says_how_it_moved_with_its_target(string weighting)
    {
        var output = await FindAsync("--top-k", "7", "--basket", weighting);
        Assert.EndsWith(",weight", output.Header, StringComparison.Ordinal);
        double[] weights = [.. output.Rows.Select(row => Number(row[^1]))], cosines = [.. output.Rows.Select(row => Number(row[0]))];
        Assert.Equal(1, weights.Sum(), 5e-6);
        Assert.All(weights.Index(), pair => Assert.Equal(weighting == "equal" ? 1.0 / 7 : cosines[pair.Index] / cosines.Sum(), pair.Item, 2e-6));

        var said = Regex.Match(output.Errors, @"correlation with the target (\S+) in sample, over (\d+) trading days");
        double[][] returns = [.. output.Rows.Select(row => row[3]).Prepend(await InstrumentAsync(Target)).Select(Returns)];
        int[] days = [.. Enumerable.Range(0, 252).Where(t => double.IsFinite(returns[0][t]) && returns.Skip(1).Any(own => double.IsFinite(own[t])))];
        double[] basket = [.. days.Select(t => weights.Index().Where(pair => double.IsFinite(returns[pair.Index + 1][t])).ToArray())
            .Zip(days, (members, t) => members.Sum(pair => pair.Item * returns[pair.Index + 1][t]) / members.Sum(pair => pair.Item))];
        Assert.Equal($"{days.Length}", said.Groups[2].Value);
        Assert.Equal(Correlation([.. days.Select(t => returns[0][t])], basket), Number(said.Groups[1].Value), 1e-5);
    }

    [Fact]
    public async Task A_basket_of_portfolios_moves_as_their_positions()
    {
        var output = (await market.Folder.RunAsync("find-similar-portfolios", "--portfolio-id", "PF_000001", "--as-of", AsOf, "--model-id", "joint-portfolio-core-v2", "--basket", "equal", "--top-k", "4")).Succeeded();
        Assert.Equal(["0.250000", "0.250000", "0.250000", "0.250000"], output.Rows.Select(row => row[^1]));
        Assert.InRange(Number(Regex.Match(output.Errors, @"correlation with the target (\S+) in sample").Groups[1].Value), 0.1, 1);
    }

    [Theory]
    [InlineData(2, "--max-per-sector", "--max-per-sector", "0")]
    [InlineData(2, "--min-cosine", "--min-cosine", "1.5")]
    [InlineData(2, "--basket", "--basket", "cap")]
    [InlineData(2, "--basket", "--basket", "equal", "--start", "2023-09-29", "--end", "2024-03-28")]
    [InlineData(2, "--basket", "--basket", "equal", "--min-cosine", "1")]
    [InlineData(3, "none.txt", "--exclude-file", "none.txt")]
    public async Task What_cannot_be_asked_is_named(int exitCode, string named, params string[] arguments)
    {
        var output = await market.Folder.RunAsync(["find-similar-profiles", "--issuer-id", Target, "--as-of", AsOf, "--model-id", Space, .. arguments]);
        Assert.True(exitCode == output.ExitCode, $"exit code {output.ExitCode}: {output.Errors}");
        Assert.Contains(named, output.Errors, StringComparison.Ordinal);
        Assert.Equal("", output.Text);
    }

    [Fact]
    public async Task A_line_that_is_no_id_is_named()
    {
        string file = market.Folder.File("list.csv");
        await File.WriteAllTextAsync(file, "ISS_RMFJ\nISS_TYLO,2.5\n", TestContext.Current.CancellationToken);
        var output = await market.Folder.RunAsync("find-similar-profiles", "--issuer-id", Target, "--as-of", AsOf, "--model-id", Space, "--exclude-file", file);
        Assert.Equal(2, output.ExitCode);
        Assert.Contains("list.csv line 2 is 'ISS_TYLO,2.5'", output.Errors, StringComparison.Ordinal);
    }

    private async Task<GridOutput> FindAsync(params string[] asked) =>
        (await market.Folder.RunAsync(["find-similar-profiles", "--issuer-id", Target, "--as-of", AsOf, "--model-id", Space, .. asked])).Succeeded();

    private async Task<string> InstrumentAsync(string issuer) =>
        (await market.Folder.RunAsync("show-joint-profiles", "--issuer-id", issuer, "--as-of", AsOf, "--model-id", Space, "--format", "csv")).Succeeded().Rows.Single()[2];

    /// <summary>Simple returns of the last 252 days of the table up to the date, NaN where the instrument has no two prices in a row.</summary>
    private double[] Returns(string instrument)
    {
        string[][] rows = [.. File.ReadLines(market.Folder.File("prices_daily.csv")).Select(line => line.Split(','))];
        int close = Array.IndexOf(rows[0], "adjusted_close"), date = Array.IndexOf(rows[0], "trade_date"), id = Array.IndexOf(rows[0], "instrument_id");
        string[] days = [.. rows.Skip(1).Select(row => row[date]).Where(day => string.CompareOrdinal(day, AsOf) <= 0).Distinct().Order(StringComparer.Ordinal).TakeLast(253)];
        var closes = rows.Where(row => row[id] == instrument).ToDictionary(row => row[date], row => Number(row[close]), StringComparer.Ordinal);
        double[] own = [.. days.Select(day => closes.GetValueOrDefault(day, double.NaN))];
        return [.. own.Skip(1).Zip(own, (now, before) => (now / before) - 1)];
    }

    private static string[] Ids(GridOutput output) => [.. output.Rows.Select(row => row[2])];

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static double Correlation(double[] x, double[] y)
    {
        double mx = x.Average(), my = y.Average();
        double xy = x.Zip(y, (a, b) => (a - mx) * (b - my)).Sum();
        return xy / Math.Sqrt(x.Sum(a => (a - mx) * (a - mx)) * y.Sum(b => (b - my) * (b - my)));
    }
}
