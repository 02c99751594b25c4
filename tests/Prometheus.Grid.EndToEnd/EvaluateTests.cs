using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Prometheus.Grid.EndToEnd;

/// <summary>The v2 models on a made-up market, which the demo makes with all vectors.</summary>
public sealed class JudgedMarket : IAsyncLifetime
{
    internal DataFolder Folder { get; } = new();

    public async ValueTask InitializeAsync() =>
        (await Folder.RunAsync("demo", "--issuers", "200", "--portfolios", "16", "--quiet")).Succeeded();

    public ValueTask DisposeAsync()
    {
        Folder.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary><c>grid evaluate</c> measures what neighbours have in common; what it measures on real data is in <see cref="QualityTests"/>.</summary>
public sealed class EvaluateTests(JudgedMarket judged) : IClassFixture<JudgedMarket>
{
    private const string AsOf = "2023-12-29";

    [Fact]
    public async Task Models_side_by_side_have_the_figures_that_each_has_alone_and_a_paired_error()
    {
        string[] models = ["joint-profile-core-v2", "joint-profile-core-v3"];
        var together = await EvaluateAsync("--as-of", AsOf, "--model-id", models[0], "--model-id", models[1]);
        Assert.Equal("as_of_date,model_id,metric,value,standard_error,baseline,baseline_is,better,entities,difference,difference_error", together.Header);
        foreach (string model in models)
        {
            var alone = await EvaluateAsync("--as-of", AsOf, "--model-id", model);
            Assert.Equal(alone.Rows.Select(row => string.Join(',', row)), together.Rows.Where(row => row[1] == model).Select(row => string.Join(',', row[..9])));
        }
        // Neighbours of the two overlap, so the difference is known better than either figure.
        string[][] sectors = together.Rows.Where(row => row[2] == "sector precision@10").ToArray();
        Assert.Equal(Number(sectors[1][3]) - Number(sectors[0][3]), Number(sectors[1][9]), 2e-6);
        Assert.InRange(Number(sectors[1][10]), 1e-3, Number(sectors[0][4]));
    }

    [Fact]
    public async Task Every_figure_has_its_error_and_what_chance_would_give()
    {
        var output = await EvaluateAsync("--model-id", "joint-profile-core-v2", "--as-of", AsOf);
        Assert.Equal("as_of_date,model_id,metric,value,standard_error,baseline,baseline_is,better,entities", output.Header);
        Assert.Equal(
            ["sector precision@10", "industry precision@10", "next-63d return correlation", "next-63d volatility gap", "return R² of peers", "volatility R² of peers"],
            output.Rows.Select(row => row[2]));
        Assert.All(output.Rows, row => Assert.InRange(Number(row[4]), 1e-4, 0.2));
        // The market is made so that companies of a trade move and speak alike.
        Assert.All(output.Rows[..3], row => Assert.InRange(Number(row[3]) - Number(row[5]), 2 * Number(row[4]), 1));
        Assert.Equal(["higher", "higher", "higher", "lower", "higher", "higher"], output.Rows.Select(row => row[7]));
    }

    [Fact]
    public async Task Files_hold_what_is_printed()
    {
        string[] query = ["--model-id", "num-regime-core-v2", "--as-of", AsOf];
        var printed = await EvaluateAsync(query);
        string csv = judged.Folder.File("report.csv"), json = judged.Folder.File("report.json"), page = judged.Folder.File("report.html");
        foreach (string file in (string[])[csv, json, page])
            Assert.Equal("", (await EvaluateAsync([.. query, "--out", file])).Text);

        Assert.Equal(printed.Text, await File.ReadAllTextAsync(csv, TestContext.Current.CancellationToken));
        var lines = (await File.ReadAllLinesAsync(json, TestContext.Current.CancellationToken)).Select(line => line.Trim().Trim('[', ']').TrimEnd(',')).Where(line => line.Length > 0);
        Assert.Equal(printed.Rows.Select(row => Number(row[3])), lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("value").GetDouble()), new WithinPrinted());
        string text = WebUtility.HtmlDecode(await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken));
        Assert.DoesNotMatch(new Regex("""(src|href)\s*=|@import|url\(|fetch\("""), text);
        foreach (string? metric in printed.Rows.Select(row => row[2]).Distinct())
            Assert.Contains(metric, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_sets_models_side_by_side_on_one_scale_a_metric()
    {
        string[] models = ["num-regime-core-v2", "joint-profile-core-v3", "text-lsa-v1"];
        string page = judged.Folder.File("side-by-side.html");
        string[] query = ["--as-of", AsOf, .. models.SelectMany(model => (string[])["--model-id", model])];
        var printed = await EvaluateAsync(query);
        (await judged.Folder.RunAsync(["evaluate", .. query, "--out", page])).Succeeded();
        string html = WebUtility.HtmlDecode(await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken));
        var charts = Regex.Matches(html, """<svg.*?aria-label="(?<metric>[^"]*)".*?</svg>""", RegexOptions.Singleline);
        Assert.Equal(printed.Rows.Select(row => row[2]).Distinct(), charts.Select(chart => chart.Groups["metric"].Value));
        foreach (Match chart in charts)
        {
            string[][] rows = [.. printed.Rows.Where(row => row[2] == chart.Groups["metric"].Value)];
            string[] labels = [.. Regex.Matches(chart.Value, "<title>(.*?)</title>").Select(label => label.Groups[1].Value)];
            // A row a model and one for what all are held against.
            Assert.Equal(models.Length + 1, labels.Length);
            Assert.Equal(rows.Select(row => row[1]), labels.Where(models.Contains));
            double[] widths = [.. Regex.Matches(chart.Value, "<rect class=\"model\"[^>]* width=\"([0-9.]+)\"").Select(bar => Number(bar.Groups[1].Value))];
            Assert.Equal(rows.Length, widths.Length);
            int longest = Array.IndexOf(widths, widths.Max());
            double scale = widths[longest] / Math.Abs(Number(rows[longest][3]));
            Assert.All(rows.Zip(widths), bar => Assert.Equal(Math.Abs(Number(bar.First[3])) * scale, bar.Second, 0.2));
        }
    }

    [Theory]
    [InlineData(2, "--out", "--as-of", AsOf, "--out", "report.pdf")]
    [InlineData(3, "no-such-model", "--as-of", AsOf, "--model-id", "no-such-model")]
    [InlineData(3, "2020-01-01", "--as-of", "2020-01-01")]
    [InlineData(3, "no-such-file.csv", "--as-of", AsOf, "--labels", "no-such-file.csv")]
    public async Task What_cannot_be_judged_is_named(int exitCode, string named, params string[] arguments)
    {
        var output = await judged.Folder.RunAsync(["evaluate", .. arguments]);
        Assert.True(exitCode == output.ExitCode, $"exit code {output.ExitCode}: {output.Errors}");
        Assert.Contains(named, output.Errors, StringComparison.Ordinal);
        Assert.Equal("", output.Text);
    }

    [Fact]
    public async Task A_history_shows_the_largest_move_first_in_axes_that_dates_share()
    {
        string issuer = (await judged.Folder.RunAsync("show-joint-profiles", "--as-of", AsOf, "--model-id", "joint-profile-core-v2", "--limit", "1")).Succeeded().Rows[0][1];
        var moves = (await judged.Folder.RunAsync("history", "--issuer-id", issuer, "--model-id", "joint-profile-core-v2", "--sort", "move")).Succeeded();
        // The first date has nothing before it to move from, and stands last.
        Assert.Equal(["2023-09-29", "2023-12-29", "2024-03-28"], moves.Rows.Select(row => row[0]).Order());
        Assert.Equal(("2023-09-29", ""), (moves.Rows[2][0], moves.Rows[2][2]));
        // Without axes in common the two would have nothing to do with each other.
        Assert.InRange(Number(moves.Rows[0][2]), 0.7, Number(moves.Rows[1][2]));
    }

    private async Task<GridOutput> EvaluateAsync(params string[] arguments) => (await judged.Folder.RunAsync(["evaluate", .. arguments])).Succeeded();

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private sealed class WithinPrinted : IEqualityComparer<double>
    {
        public bool Equals(double x, double y) => Math.Abs(x - y) <= 1e-6;

        public int GetHashCode(double value) => 0;
    }
}
