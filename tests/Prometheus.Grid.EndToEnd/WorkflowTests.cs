using System.Globalization;
using System.Text.Json;

namespace Prometheus.Grid.EndToEnd;

/// <summary>The nine commands of the seed on a made-up market, once for all tests of a class.</summary>
public sealed class WorkflowFixture : IAsyncLifetime
{
    internal const string AsOf = "2024-06-28";
    internal const int Portfolios = 24;

    private const int Issuers = 120;

    internal static string[][] Backfills { get; } = BackfillsOf(AsOf);

    internal DataFolder Folder { get; private set; } = null!;

    internal List<GridOutput> FirstRuns { get; } = [];

    /// <summary>The joint profiles as listed, by id.</summary>
    internal string[][] Profiles { get; private set; } = [];

    /// <summary>An issuer with a joint vector.</summary>
    internal string Issuer => Profiles[7][1];

    internal static string[][] BackfillsOf(string asOf) =>
    [
        ["backfill-numeric-embeddings", "--as-of", asOf, "--window-days", "126", "--model-id", "num-profile-core-v1"],
        ["backfill-numeric-embeddings", "--as-of", asOf, "--window-days", "63", "--model-id", "num-regime-core-v1"],
        ["backfill-profile-text-embeddings", "--as-of", asOf, "--model-id", "text-hash-v1"],
        ["backfill-joint-profiles", "--as-of", asOf, "--text-model-id", "text-hash-v1"],
        ["backfill-numeric-portfolio-embeddings", "--as-of", asOf, "--limit", "400"],
        ["backfill-joint-portfolios", "--as-of", asOf, "--limit", "400"],
    ];

    public async ValueTask InitializeAsync()
    {
        Folder = await DataFolder.OfSyntheticAsync(Issuers, Portfolios);
        foreach (string[] command in Backfills)
            FirstRuns.Add((await Folder.RunAsync(command)).Succeeded());
        Profiles = (await Folder.RunAsync("show-joint-profiles", "--as-of", AsOf)).Succeeded().Rows;
    }

    public ValueTask DisposeAsync()
    {
        Folder?.Dispose();
        return ValueTask.CompletedTask;
    }
}

public sealed class WorkflowTests(WorkflowFixture workflow) : IClassFixture<WorkflowFixture>
{
    private const string AsOf = WorkflowFixture.AsOf;

    private DataFolder Folder => workflow.Folder;

    [Fact]
    public void Every_instrument_text_and_portfolio_is_written_or_named()
    {
        int instruments = File.ReadLines(Folder.File("instruments.csv")).Count(line => line.EndsWith(",ACTIVE", StringComparison.Ordinal));
        int texts = File.ReadLines(Folder.File("profiles.csv")).Count() - 1;
        int[] entities = [instruments, instruments, texts, WorkflowFixture.Portfolios, WorkflowFixture.Portfolios];
        GridOutput[] outputs = [.. workflow.FirstRuns.Take(3), .. workflow.FirstRuns.TakeLast(2)];
        Assert.All(workflow.FirstRuns, output => Assert.Equal("as_of_date,model_id,outcome,reason,count", output.Header));
        Assert.Equal(entities, outputs.Select(output => output.Rows.Where(row => !IsOther(row[3])).Sum(row => int.Parse(row[4], CultureInfo.InvariantCulture))));
        // Some of the market were listed too late for a window; each is named on its own line.
        string[] named = workflow.FirstRuns[0].Rows.Single(row => row[2] == "skipped" && !IsOther(row[3]));
        Assert.Equal("insufficient price rows", named[3]);
        Assert.Equal(named[4], $"{workflow.FirstRuns[0].Errors.Split('\n').Count(line => line.Contains(": skipped ", StringComparison.Ordinal) && !line.Contains("not an active equity", StringComparison.Ordinal))}");

        // What the model is not for is counted as well, beside its entities.
        static bool IsOther(string reason) => reason.StartsWith("not an active equity", StringComparison.Ordinal);
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
        var profiles = (await Folder.RunAsync("show_joint_profiles", "--as-of", AsOf)).Succeeded();
        Assert.Equal("as_of_date,issuer_id,instrument_id,model_id,dim,l2_norm", profiles.Header);
        Assert.Equal(workflow.FirstRuns[3].Rows.Single(row => row[2] == "written")[4], $"{profiles.Rows.Length}");
        Assert.Equal(profiles.Rows.Select(r => r[1]).Order(StringComparer.Ordinal), profiles.Rows.Select(r => r[1]));
        Assert.All(profiles.Rows, row => Assert.Matches(@"^\d+\.\d{6}$", row[5]));

        var portfolios = (await Folder.RunAsync("show_joint_portfolios", "--as-of", AsOf, "--portfolio-id", "PF_000002")).Succeeded();
        Assert.Equal("as_of_date,portfolio_id,model_id,dim,l2_norm", portfolios.Header);
        Assert.Equal([AsOf, "PF_000002", "joint-portfolio-core-v1", "384"], portfolios.Rows.Single()[..4]);
    }

    [Fact]
    public async Task Json_carries_the_vectors()
    {
        var output = (await Folder.RunAsync("show-joint-profiles", "--as-of", AsOf, "--issuer-id", workflow.Issuer, "--format", "json")).Succeeded();
        var row = JsonDocument.Parse(output.Text).RootElement.EnumerateArray().Single();
        // As float, for the text of a float32 is the shortest that gives it back, and the norm is that of the float32.
        float[] vector = row.GetProperty("vector").EnumerateArray().Select(v => v.GetSingle()).ToArray();
        Assert.Equal(384, vector.Length);
        Assert.Equal(1, Math.Sqrt(vector.Sum(v => (double)v * v)) / row.GetProperty("l2_norm").GetDouble(), 1e-12);
        Assert.Equal(row.GetProperty("l2_norm").GetDouble(), double.Parse(workflow.Profiles.Single(profile => profile[1] == workflow.Issuer)[5], CultureInfo.InvariantCulture), 5e-7);
    }

    [Fact]
    public async Task Similar_issuers_are_ordered_and_filtered()
    {
        string[] search = ["find-similar-profiles", "--issuer-id", workflow.Issuer, "--as-of", AsOf, "--top-k", "600"];
        var all = (await Folder.RunAsync(search)).Succeeded();
        Assert.Equal("cosine,euclidean,issuer_id,instrument_id,region,source", all.Header);
        Assert.Equal(workflow.Profiles.Select(row => row[1]).Where(id => id != workflow.Issuer), all.Rows.Select(row => row[2]).Order(StringComparer.Ordinal));
        Assert.Contains($"there were {workflow.Profiles.Length - 1} candidates", all.Errors, StringComparison.Ordinal);
        double[] cosines = all.Rows.Select(row => double.Parse(row[0], CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(cosines.OrderDescending(), cosines);
        var regions = File.ReadLines(Folder.File("markets.csv")).Select(line => line.Split(',')).ToDictionary(cells => cells[0], cells => cells[2]);
        var markets = File.ReadLines(Folder.File("instruments.csv")).Select(line => line.Split(',')).ToDictionary(cells => cells[0], cells => cells[2]);
        Assert.Equal(all.Rows.Select(row => regions[markets[row[3]]]), all.Rows.Select(row => row[4]));

        // Country names are compared without their case; those of the market have no comma after them in a name.
        string[] japanese = [.. File.ReadLines(Folder.File("issuers.csv")).Where(line => line.Contains(",Japan,", StringComparison.Ordinal)).Select(line => line.Split(',')[0])];
        var japan = (await Folder.RunAsync([.. search, "--country", "japan"])).Succeeded();
        Assert.NotEmpty(japan.Rows);
        Assert.Equal(all.Rows.Where(row => japanese.Contains(row[2])), japan.Rows);

        var nowhere = await Folder.RunAsync([.. search, "--region", "Atlantis"]);
        Assert.Equal(2, nowhere.ExitCode);
        Assert.StartsWith("grid: --region is 'Atlantis'; allowed: ", nowhere.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_issuer_or_branch_is_named()
    {
        var issuer = await Folder.RunAsync("find-similar-profiles", "--issuer-id", "ISS_NONE", "--as-of", AsOf);
        Assert.Equal((3, true), (issuer.ExitCode, issuer.Errors.Contains("'ISS_NONE'", StringComparison.Ordinal)));
        var branch = await Folder.RunAsync("find-similar-profiles", "--issuer-id", workflow.Issuer, "--as-of", AsOf, "--weights", "mood=1");
        Assert.Equal((2, true), (branch.ExitCode, branch.Errors.Contains("'mood'", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Shares_of_the_branches_add_up_to_the_score()
    {
        var output = (await Folder.RunAsync(
            "find-similar-profiles", "--issuer-id", workflow.Issuer, "--as-of", AsOf, "--weights", "text=0.7,numeric=0.3", "--explain")).Succeeded();
        Assert.Equal("cosine,euclidean,issuer_id,instrument_id,region,source,numeric_cosine,numeric_share,behaviour_cosine,behaviour_share,text_cosine,text_share", output.Header);
        Assert.Equal(10, output.Rows.Length);
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
            "find-similar-profiles", "--text", "The company supplies memory wafers and lithography tools to foundries.", "--as-of", AsOf, "--top-k", "3")).Succeeded();
        var issuers = File.ReadLines(Folder.File("issuers.csv")).ToDictionary(line => line.Split(',')[0]);
        Assert.Equal(3, output.Rows.Length);
        Assert.All(output.Rows, row => Assert.EndsWith("Semiconductors & Semiconductor Equipment", issuers[row[2]], StringComparison.Ordinal));
    }

    [Fact]
    public async Task Exported_vectors_are_imported_bit_for_bit()
    {
        using var other = new DataFolder();
        foreach (string ending in (string[])["npy", "csv", "jsonl", "parquet", "arrow"])
        {
            string file = other.File($"vectors.{ending}");
            (await Folder.RunAsync("export", "--model-id", "joint-profile-core-v1", "--as-of", AsOf, "--out", file)).Succeeded();
            using var target = new DataFolder();
            var import = (await target.RunAsync("import", file, "--model-id", "joint-profile-core-v1")).Succeeded();
            Assert.Equal($"{workflow.Profiles.Length}", import.Rows.Single(row => row[2] == "written")[4]);
            string key = Path.Combine("joint", "joint-profile-core-v1", AsOf);
            Assert.Equal(Folder.LivePartitions()[key], target.LivePartitions()[key]);
        }
    }

    [Fact]
    public async Task A_vector_file_is_a_target()
    {
        using var other = new DataFolder();
        (await Folder.RunAsync("export", "--model-id", "joint-profile-core-v1", "--as-of", AsOf, "--out", other.File("v.npy"))).Succeeded();
        var byVector = (await Folder.RunAsync("find-similar-profiles", "--vector", other.File("v.npy"), "--as-of", AsOf, "--top-k", "1")).Succeeded();
        Assert.Equal(["1.000000", "0.000000", workflow.Profiles[0][1]], byVector.Rows.Single()[..3]);
    }

    [Fact]
    public async Task History_and_search_through_history_name_their_dates()
    {
        var history = (await Folder.RunAsync("history", "--portfolio-id", "PF_000001")).Succeeded();
        Assert.Equal("as_of_date,l2_norm,cosine_to_previous,cosine_to_first,nearest,nearest_cosine", history.Header);
        Assert.Equal(AsOf, history.Rows.Single()[0]);
        var search = (await Folder.RunAsync("find-similar-portfolios", "--portfolio-id", "PF_000001", "--start", "2021-12-31", "--end", AsOf, "--top-k", "3")).Succeeded();
        Assert.Equal("cosine,euclidean,portfolio_id,source,as_of_date", search.Header);
        Assert.Equal([AsOf, AsOf, AsOf], search.Rows.Select(row => row[4]));
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
