using System.Globalization;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.EndToEnd;

/// <summary>The models of profiles and portfolios on the dates of us-equities by which they are judged.</summary>
public sealed class JudgedModels : IAsyncLifetime
{
    private DataFolder? _folder;

    /// <summary>The folder with its vectors; the test is skipped where there is no real data.</summary>
    internal DataFolder Folder
    {
        get
        {
            Assert.SkipWhen(TestData.WhyNot is not null, TestData.WhyNot ?? "");
            return _folder!;
        }
    }

    public async ValueTask InitializeAsync()
    {
        if (TestData.WhyNot is not null)
            return;
        _folder = DataFolder.OfUsEquities();
        foreach (string date in (string[])["2022-06-30", "2023-11-30"])
        {
            foreach (string model in (string[])["num-profile-core-v2", "num-regime-core-v2"])
                (await Folder.RunAsync("backfill-numeric-embeddings", "--as-of", date, "--model-id", model)).Succeeded();
            foreach (string model in (string[])["text-lsa-v1", "text-classes-v1"])
                (await Folder.RunAsync("backfill-profile-text-embeddings", "--as-of", date, "--model-id", model)).Succeeded();
            foreach (string model in (string[])["joint-profile-core-v2", "joint-profile-core-v3"])
                (await Folder.RunAsync("backfill-joint-profiles", "--as-of", date, "--joint-model-id", model)).Succeeded();
        }
        (await Folder.RunAsync("backfill-numeric-portfolio-embeddings", "--start", "2021-12-31", "--end", "2023-11-30", "--limit", "400", "--model-id", "num-portfolio-core-v2")).Succeeded();
    }

    public ValueTask DisposeAsync()
    {
        _folder?.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>What the models promise on real data, as <c>grid evaluate</c> measures it.</summary>
public sealed class QualityTests(JudgedModels judged) : IClassFixture<JudgedModels>
{
    [Theory]
    [InlineData("joint-profile-core-v3", 0.8125, 0.59, 0.526, 0.116)]
    [InlineData("text-classes-v1", 0.80, 0.61, 0, 1)]
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
    public async Task Every_issuer_and_portfolio_of_the_seeds_workflow_is_written_and_a_text_finds_companies_of_the_trade()
    {
        const string AsOf = "2023-11-30";
        using var folder = DataFolder.OfUsEquities();
        int[] entities = [587, 587, 587, 587, 306, 306];
        foreach (var (command, expected) in WorkflowFixture.BackfillsOf(AsOf).Zip(entities))
            Assert.Equal($"{expected}", (await folder.RunAsync(command)).Succeeded().Rows.Single(row => row[2] == "written")[4]);
        var output = (await folder.RunAsync(
            "find-similar-profiles", "--text", "The company owns and operates natural gas pipelines and storage.", "--as-of", AsOf, "--top-k", "5")).Succeeded();
        var issuers = File.ReadLines(folder.File("issuers.csv")).ToDictionary(line => line.Split(',')[0]);
        Assert.Equal(5, output.Rows.Length);
        Assert.All(output.Rows, row => Assert.Matches("Energy|Utilities", issuers[row[2]]));
    }

    private async Task<GridOutput> EvaluateAsync(params string[] arguments) => (await judged.Folder.RunAsync(["evaluate", .. arguments])).Succeeded();

    private static Dictionary<string, double> Means(GridOutput output) =>
        output.Rows.Where(row => row[0] == "mean").ToDictionary(row => row[2], row => Number(row[3]), StringComparer.Ordinal);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
