using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Prometheus.Grid.EndToEnd;

/// <summary>The v2 models of profiles and portfolios on the dates of us-equities by which they are judged.</summary>
public sealed class JudgedModels : IAsyncLifetime
{
    internal DataFolder Folder { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Folder = DataFolder.OfUsEquities();
        foreach (string date in (string[])["2022-06-30", "2023-11-30"])
        {
            foreach (string model in (string[])["num-profile-core-v2", "num-regime-core-v2"])
                (await Folder.RunAsync("backfill-numeric-embeddings", "--as-of", date, "--model-id", model)).Succeeded();
            (await Folder.RunAsync("backfill-profile-text-embeddings", "--as-of", date, "--model-id", "text-lsa-v1")).Succeeded();
            (await Folder.RunAsync("backfill-joint-profiles", "--as-of", date, "--joint-model-id", "joint-profile-core-v2")).Succeeded();
        }
        (await Folder.RunAsync("backfill-numeric-portfolio-embeddings", "--start", "2021-12-31", "--end", "2023-11-30", "--limit", "400", "--model-id", "num-portfolio-core-v2")).Succeeded();
    }

    public ValueTask DisposeAsync()
    {
        Folder?.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>What the v2 models promise on real data, as <c>grid evaluate</c> measures it.</summary>
public sealed class EvaluateTests(JudgedModels judged) : IClassFixture<JudgedModels>
{
    [Theory]
    [InlineData("joint-profile-core-v2", 0.78, 0.535, 0.525, 0.118)]
    [InlineData("num-profile-core-v2", 0.70, 0, 0.53, 1)]
    [InlineData("text-lsa-v1", 0.72, 0, 0, 1)]
    public async Task Neighbours_of_issuers_are_peers(string model, double sector, double industry, double correlation, double gap)
    {
        var means = Means(await EvaluateAsync("--model-id", model, "--start", "2022-06-30", "--end", "2023-11-30"));
        Assert.InRange(means["sector precision@10"], sector, 1);
        Assert.InRange(means["industry precision@10"], industry, 1);
        Assert.InRange(means["next-63d return correlation"], correlation, 1);
        Assert.InRange(means["next-63d volatility gap"], 0, gap);
    }

    [Fact]
    public async Task Neighbours_of_portfolios_have_their_style_and_risk()
    {
        var means = Means(await EvaluateAsync(
            "--model-id", "num-portfolio-core-v2", "--start", "2021-12-31", "--end", "2023-11-30", "--labels", judged.Folder.File("portfolio_labels.csv")));
        Assert.InRange(means["style precision@10"], 0.93, 1);
        Assert.InRange(means["next-63d volatility gap"], 0, 0.023);
    }

    [Fact]
    public async Task Every_figure_has_its_error_and_what_chance_would_give()
    {
        var output = await EvaluateAsync("--model-id", "joint-profile-core-v2", "--as-of", "2023-11-30");
        Assert.Equal("as_of_date,model_id,metric,value,standard_error,baseline,baseline_is,better,entities", output.Header);
        Assert.Equal(6, output.Rows.Length);
        Assert.All(output.Rows, row =>
        {
            Assert.InRange(Number(row[4]), 1e-4, 0.05);
            Assert.True(row[7] == "higher" ? Number(row[3]) > Number(row[5]) : Number(row[3]) < Number(row[5]), string.Join(',', row));
            Assert.InRange(int.Parse(row[8], CultureInfo.InvariantCulture), 580, 587);
        });
    }

    [Fact]
    public async Task Files_hold_what_is_printed()
    {
        string[] query = ["--model-id", "num-regime-core-v2", "--start", "2022-06-30", "--end", "2023-11-30"];
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

    [Theory]
    [InlineData(2, "--out", "--as-of", "2023-11-30", "--out", "report.pdf")]
    [InlineData(3, "no-such-model", "--as-of", "2023-11-30", "--model-id", "no-such-model")]
    [InlineData(3, "2020-01-01", "--as-of", "2020-01-01")]
    [InlineData(3, "no-such-file.csv", "--as-of", "2023-11-30", "--labels", "no-such-file.csv")]
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
        var moves = (await judged.Folder.RunAsync("history", "--issuer-id", "ISS_AAPL", "--model-id", "joint-profile-core-v2", "--sort", "move")).Succeeded();
        Assert.Equal(["2023-11-30", "2022-06-30"], moves.Rows.Select(row => row[0]));
        // Without axes in common the two would have nothing to do with each other.
        Assert.InRange(Number(moves.Rows[0][2]), 0.7, 0.999);
    }

    private async Task<GridOutput> EvaluateAsync(params string[] arguments) => (await judged.Folder.RunAsync(["evaluate", .. arguments])).Succeeded();

    private static Dictionary<string, double> Means(GridOutput output) =>
        output.Rows.Where(row => row[0] == "mean").ToDictionary(row => row[2], row => Number(row[3]), StringComparer.Ordinal);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private sealed class WithinPrinted : IEqualityComparer<double>
    {
        public bool Equals(double x, double y) => Math.Abs(x - y) <= 1e-6;

        public int GetHashCode(double value) => 0;
    }
}
