using System.Globalization;
using System.Text.Json;

namespace Prometheus.Grid.EndToEnd;

/// <summary>The nine commands of the seed on real data, once for all tests of this class.</summary>
public sealed class WorkflowFixture : IAsyncLifetime
{
    internal static readonly string[][] Backfills =
    [
        ["backfill-numeric-embeddings", "--as-of", "2023-11-30", "--window-days", "126", "--model-id", "num-profile-core-v1"],
        ["backfill-numeric-embeddings", "--as-of", "2023-11-30", "--window-days", "63", "--model-id", "num-regime-core-v1"],
        ["backfill-profile-text-embeddings", "--as-of", "2023-11-30", "--model-id", "text-hash-v1"],
        ["backfill-joint-profiles", "--as-of", "2023-11-30", "--text-model-id", "text-hash-v1"],
        ["backfill-numeric-portfolio-embeddings", "--as-of", "2023-11-30", "--limit", "400"],
        ["backfill-joint-portfolios", "--as-of", "2023-11-30", "--limit", "400"],
    ];

    internal DataFolder Folder { get; private set; } = null!;

    internal List<GridOutput> FirstRuns { get; } = [];

    public async ValueTask InitializeAsync()
    {
        Folder = DataFolder.OfUsEquities();
        foreach (string[] command in Backfills)
            FirstRuns.Add((await Folder.RunAsync(command)).Succeeded());
    }

    public ValueTask DisposeAsync()
    {
        Folder?.Dispose();
        return ValueTask.CompletedTask;
    }
}

public sealed class WorkflowTests(WorkflowFixture workflow) : IClassFixture<WorkflowFixture>
{
    private DataFolder Folder => workflow.Folder;

    [Fact]
    public void Every_issuer_and_portfolio_is_written_or_named()
    {
        int[] entities = [587, 587, 587, 587, 306, 306];
        foreach (var (output, expected) in workflow.FirstRuns.Zip(entities))
        {
            Assert.Equal("as_of_date,model_id,outcome,reason,count", output.Header);
            Assert.Equal(expected, output.Rows.Sum(row => int.Parse(row[4], CultureInfo.InvariantCulture)));
            Assert.Equal($"{expected}", output.Rows.Single(row => row[2] == "written")[4]);
        }
    }

    [Fact]
    public async Task A_second_run_writes_nothing_and_says_so()
    {
        var before = Folder.LivePartitions();
        var files = Folder.VectorFiles("*").Select(f => (f, File.GetLastWriteTimeUtc(f))).ToArray();
        foreach (string[] command in WorkflowFixture.Backfills)
        {
            var output = (await Folder.RunAsync(command)).Succeeded();
            Assert.Equal("0", output.Rows.Single(row => row[2] == "written")[4]);
            Assert.Contains("nothing written: all ", output.Errors, StringComparison.Ordinal);
        }
        Assert.Equal(before, Folder.LivePartitions());
        Assert.Equal(files, Folder.VectorFiles("*").Select(f => (f, File.GetLastWriteTimeUtc(f))));
    }

    [Fact]
    public async Task Listings_have_the_columns_and_order_of_the_seed()
    {
        var profiles = (await Folder.RunAsync("show_joint_profiles", "--as-of", "2023-11-30")).Succeeded();
        Assert.Equal("as_of_date,issuer_id,instrument_id,model_id,dim,l2_norm", profiles.Header);
        Assert.Equal(587, profiles.Rows.Length);
        Assert.Equal(profiles.Rows.Select(r => r[1]).Order(StringComparer.Ordinal), profiles.Rows.Select(r => r[1]));
        Assert.All(profiles.Rows, row => Assert.Matches(@"^\d+\.\d{6}$", row[5]));

        var portfolios = (await Folder.RunAsync("show_joint_portfolios", "--as-of", "2023-11-30", "--portfolio-id", "PF_D_0002")).Succeeded();
        Assert.Equal("as_of_date,portfolio_id,model_id,dim,l2_norm", portfolios.Header);
        Assert.Equal(["2023-11-30", "PF_D_0002", "joint-portfolio-core-v1", "384"], portfolios.Rows.Single()[..4]);
    }

    [Fact]
    public async Task Json_carries_the_vectors()
    {
        var output = (await Folder.RunAsync("show-joint-profiles", "--as-of", "2023-11-30", "--issuer-id", "ISS_AAPL", "--format", "json")).Succeeded();
        var row = JsonDocument.Parse(output.Text).RootElement.EnumerateArray().Single();
        double[] vector = row.GetProperty("vector").EnumerateArray().Select(v => v.GetDouble()).ToArray();
        Assert.Equal(384, vector.Length);
        Assert.Equal(row.GetProperty("l2_norm").GetDouble(), Math.Sqrt(vector.Sum(v => v * v)), 1.0);
    }

    [Fact]
    public async Task Similar_issuers_are_ordered_and_filtered()
    {
        string[] search = ["find-similar-profiles", "--issuer-id", "ISS_AAPL", "--as-of", "2023-11-30", "--top-k", "600"];
        var all = (await Folder.RunAsync(search)).Succeeded();
        Assert.Equal("cosine,euclidean,issuer_id,instrument_id,region,source", all.Header);
        Assert.Equal(586, all.Rows.Length);
        Assert.DoesNotContain(all.Rows, row => row[2] == "ISS_AAPL");
        Assert.Contains("there were 586 candidates", all.Errors, StringComparison.Ordinal);
        double[] cosines = all.Rows.Select(row => double.Parse(row[0], CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(cosines.OrderDescending(), cosines);
        Assert.All(all.Rows, row => Assert.Equal("US", row[4]));

        var brazil = (await Folder.RunAsync([.. search, "--country", "brazil"])).Succeeded();
        Assert.NotEmpty(brazil.Rows);
        Assert.True(brazil.Rows.Length < 100);
        var order = all.Rows.Select(row => row[2]).ToList();
        Assert.Equal(brazil.Rows.Select(r => r[2]), order.Where(id => brazil.Rows.Any(r => r[2] == id)));

        var nowhere = await Folder.RunAsync([.. search, "--region", "Atlantis"]);
        Assert.Equal(2, nowhere.ExitCode);
        Assert.StartsWith("grid: --region is 'Atlantis'; allowed: ", nowhere.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_issuer_or_branch_is_named()
    {
        var issuer = await Folder.RunAsync("find-similar-profiles", "--issuer-id", "ISS_NONE", "--as-of", "2023-11-30");
        Assert.Equal((3, true), (issuer.ExitCode, issuer.Errors.Contains("'ISS_NONE'", StringComparison.Ordinal)));
        var branch = await Folder.RunAsync("find-similar-profiles", "--issuer-id", "ISS_AAPL", "--as-of", "2023-11-30", "--weights", "mood=1");
        Assert.Equal((2, true), (branch.ExitCode, branch.Errors.Contains("'mood'", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Shares_of_the_branches_add_up_to_the_score()
    {
        var output = (await Folder.RunAsync(
            "find-similar-profiles", "--issuer-id", "ISS_AAPL", "--as-of", "2023-11-30", "--weights", "text=0.7,numeric=0.3", "--explain")).Succeeded();
        Assert.Equal("cosine,euclidean,issuer_id,instrument_id,region,source,numeric_cosine,numeric_share,behaviour_cosine,behaviour_share,text_cosine,text_share", output.Header);
        Assert.All(output.Rows, row =>
        {
            double[] numbers = row.Where((_, i) => i is 0 or 7 or 9 or 11).Select(c => double.Parse(c, CultureInfo.InvariantCulture)).ToArray();
            Assert.Equal(numbers[0], numbers[1] + numbers[2] + numbers[3], 3e-6);
        });
    }

    [Fact]
    public async Task A_text_finds_companies_of_the_trade()
    {
        var output = (await Folder.RunAsync(
            "find-similar-profiles", "--text", "The company owns and operates natural gas pipelines and storage.", "--as-of", "2023-11-30", "--top-k", "5")).Succeeded();
        var sectors = File.ReadLines(Folder.File("issuers.csv")).ToDictionary(line => line.Split(',')[0]);
        Assert.All(output.Rows, row => Assert.Matches("Energy|Utilities", sectors[row[2]]));
    }

    [Fact]
    public async Task Exported_vectors_are_imported_bit_for_bit()
    {
        using var other = new DataFolder();
        foreach (string ending in (string[])["npy", "csv", "jsonl"])
        {
            string file = other.File($"vectors.{ending}");
            (await Folder.RunAsync("export", "--model-id", "joint-profile-core-v1", "--as-of", "2023-11-30", "--out", file)).Succeeded();
            using var target = new DataFolder();
            var import = (await target.RunAsync("import", file, "--model-id", "joint-profile-core-v1")).Succeeded();
            Assert.Equal("587", import.Rows.Single(row => row[2] == "written")[4]);
            string key = Path.Combine("joint", "joint-profile-core-v1", "2023-11-30");
            Assert.Equal(Folder.LivePartitions()[key], target.LivePartitions()[key]);
        }
    }

    [Fact]
    public async Task A_vector_file_is_a_target()
    {
        using var other = new DataFolder();
        (await Folder.RunAsync("export", "--model-id", "joint-profile-core-v1", "--as-of", "2023-11-30", "--out", other.File("v.npy"))).Succeeded();
        var byVector = (await Folder.RunAsync("find-similar-profiles", "--vector", other.File("v.npy"), "--as-of", "2023-11-30", "--top-k", "1")).Succeeded();
        Assert.Equal(["1.000000", "0.000000", "ISS_AA"], byVector.Rows.Single()[..3]);
    }

    [Fact]
    public async Task History_and_search_through_history_name_their_dates()
    {
        var history = (await Folder.RunAsync("history", "--portfolio-id", "PF_D_0001")).Succeeded();
        Assert.Equal("as_of_date,l2_norm,cosine_to_previous,cosine_to_first,nearest,nearest_cosine", history.Header);
        Assert.Equal("2023-11-30", history.Rows.Single()[0]);
        var search = (await Folder.RunAsync("find-similar-portfolios", "--portfolio-id", "PF_D_0001", "--start", "2021-12-31", "--end", "2023-11-30", "--top-k", "3")).Succeeded();
        Assert.Equal("cosine,euclidean,portfolio_id,source,as_of_date", search.Header);
        Assert.All(search.Rows, row => Assert.Equal("2023-11-30", row[4]));
    }

    [Fact]
    public async Task Verify_finds_every_partition_sound()
    {
        var output = (await Folder.RunAsync("verify")).Succeeded();
        Assert.Equal("kind,model_id,as_of_date,rows,result", output.Header);
        Assert.Equal(6, output.Rows.Length);
        Assert.All(output.Rows, row => Assert.Equal("ok", row[4]));
    }

    [Fact]
    public async Task Doctor_says_what_is_missing_and_what_to_do()
    {
        var output = (await Folder.RunAsync("doctor", "--format", "csv")).Succeeded();
        Assert.Equal("what,state,detail,do", output.Header);
        Assert.Contains(output.Rows, row => row[0] == "prices_daily" && row[1] == "ok");
    }
}
