using System.Globalization;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.EndToEnd;

/// <summary>The profile workflow and free text as a query, with each text model under its own name.</summary>
public sealed class TextModelTests(TransformerFixture transformer, SharedPostgres server) : IClassFixture<TransformerFixture>
{
    private const int Issuers = 24;

    // Prices for the longest window, that of num-profile-core-v2.
    private const int Weekdays = 600;
    private const string DayBefore = "2024-06-27", AsOf = "2024-06-28";

    [Theory]
    [InlineData("text-hash-v1", "joint-profile-core-v1")]
    [InlineData("text-lsa-v1", "joint-profile-core-v2")]
    [InlineData(TransformerFixture.ModelId, "joint-profile-core-v1")]
    public async Task A_text_is_a_query_alone_and_beside_the_numbers_of_an_issuer(string model, string jointModel)
    {
        using var folder = await FolderAsync(model);
        var texts = WriteProfiles(folder);
        GridOutput output = null!;
        foreach (string[] command in Workflow(model, jointModel))
            output = (await folder.RunAsync(command)).Succeeded();
        int joints = int.Parse(output.Rows.Single(row => row[2] == "written")[4], CultureInfo.InvariantCulture);
        string[] find = [.. Find, "--model-id", jointModel];
        var (issuer, text) = texts.ElementAt(5);

        // An issuer's own text is the issuer itself in the text branch.
        var alone = (await folder.RunAsync([.. find, "--text", text])).Succeeded();
        Assert.Equal([joints, joints], [alone.Rows.Length, alone.Rows.Select(row => row[2]).Distinct().Count()]);
        Assert.Equal(["1.000000", issuer], [alone.Rows[0][0], alone.Rows[0][2]]);
        Assert.Equal(alone.Text, (await folder.RunAsync([.. find, "--text", text, "--weights", "text=1"])).Succeeded().Text);

        // Beside its own numbers it is the issuer, whatever the weights.
        string[] weights = ["--weights", "text=0.5,numeric=0.3,behaviour=0.2", "--explain"];
        foreach (string[] flags in (string[][])[[], weights])
        {
            Assert.Equal(
                (await folder.RunAsync([.. find, "--issuer-id", issuer, .. flags])).Succeeded().Text,
                (await folder.RunAsync([.. find, "--issuer-id", issuer, "--text", text, .. flags])).Succeeded().Text);
        }

        // Another's text beside them moves the text branch and no other.
        var (other, itsText) = texts.ElementAt(11);
        var own = await ByIssuerAsync(folder, [.. find, "--issuer-id", issuer, .. weights]);
        var mixed = await ByIssuerAsync(folder, [.. find, "--issuer-id", issuer, "--text", itsText, .. weights]);
        Assert.Equal(joints - 1, mixed.Count);
        Assert.All(mixed, pair => Assert.Equal((own[pair.Key].Numeric, own[pair.Key].Behaviour), (pair.Value.Numeric, pair.Value.Behaviour)));
        Assert.Equal("1.000000", mixed[other].Text);
        Assert.NotEqual("1.000000", own[other].Text);
    }

    [Fact]
    public async Task Text_profile_v1_answers_the_same_on_a_folder_and_on_Postgres()
    {
        using var folder = await FolderAsync(TransformerFixture.ModelId);
        var texts = WriteProfiles(folder);
        string[][] commands =
        [
            .. Workflow(TransformerFixture.ModelId, "joint-profile-core-v1"),
            ["show-joint-profiles", "--as-of", AsOf, "--format", "json"],
            [.. Find, "--issuer-id", texts.Keys.First()],
            [.. Find, "--text", "a regional bank that lends to small farms"],
            ["export", "--model-id", TransformerFixture.ModelId, "--as-of", AsOf, "--out", folder.File("text.csv")],
        ];
        string[] onFolder = await AnswersAsync(await StoreUnderTest.CreateAsync(folder, null), commands);
        byte[] exported = await File.ReadAllBytesAsync(folder.File("text.csv"), TestContext.Current.CancellationToken);
        Assert.Equal(onFolder, await AnswersAsync(await StoreUnderTest.CreateAsync(folder, server), commands));
        Assert.Equal(exported, await File.ReadAllBytesAsync(folder.File("text.csv"), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Profiles_that_have_not_changed_do_without_the_model_on_the_next_date(bool isPostgres)
    {
        using var folder = await FolderAsync(TransformerFixture.ModelId);
        WriteProfiles(folder);
        var store = await StoreUnderTest.CreateAsync(folder, isPostgres ? server : null);
        (await store.RunAsync("backfill-profile-text-embeddings", "--as-of", DayBefore)).Succeeded();

        // A graph that cannot be read shows who reads it.
        await File.WriteAllTextAsync(transformer.InstalledGraph, "", TestContext.Current.CancellationToken);
        var unchanged = (await store.RunAsync("backfill-profile-text-embeddings", "--as-of", AsOf)).Succeeded();
        Assert.Equal($"{Issuers}", unchanged.Rows.Single(row => row[2] == "written")[4]);
        folder.EditLine("profiles.csv", 1 + Issuers, line => line.Replace(",\"", ",\"Formerly a maker of umbrellas. ", StringComparison.Ordinal));
        await store.LoadTablesAsync();
        var changed = await store.RunAsync("backfill-profile-text-embeddings", "--as-of", AsOf);
        Assert.Equal((1, true), (changed.ExitCode, changed.Errors.Contains("has 0 bytes, the manifest says", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_model_is_installed_whole_or_not_at_all()
    {
        await transformer.InstallAsync();
        Assert.All((await transformer.RunAsync("models", "verify", TransformerFixture.ModelId)).Succeeded().Rows, row => Assert.Equal("ok", row[2]));
        Assert.All((await transformer.RunAsync("models", "pull", TransformerFixture.ModelId)).Succeeded().Rows, row => Assert.Equal("there already", row[2]));

        byte[] content = await File.ReadAllBytesAsync(transformer.InstalledGraph, TestContext.Current.CancellationToken);
        content[^1] ^= 1;
        await File.WriteAllBytesAsync(transformer.InstalledGraph, content, TestContext.Current.CancellationToken);
        var damaged = await transformer.RunAsync("models", "verify", TransformerFixture.ModelId);
        Assert.Equal((1, true), (damaged.ExitCode, damaged.Text.Contains("has SHA-256", StringComparison.Ordinal)));

        File.Delete(transformer.InstalledGraph);
        var offline = await transformer.RunAsync("models", "pull", TransformerFixture.ModelId);
        Assert.Equal((1, true), (offline.ExitCode, offline.Errors.Contains("no connection to 127.0.0.1", StringComparison.Ordinal)));
        Assert.Contains("--from FILE", offline.Errors, StringComparison.Ordinal);
        var other = await transformer.RunAsync("models", "pull", TransformerFixture.ModelId, "--from", Path.Combine(transformer.Models, "text-hash-v1.json"));
        Assert.Equal((2, true), (other.ExitCode, other.Errors.Contains("SHA-256", StringComparison.Ordinal)));
        Assert.False(File.Exists(transformer.InstalledGraph));

        var missing = await transformer.RunAsync("models", "verify", TransformerFixture.ModelId);
        Assert.Equal((1, true), (missing.ExitCode, missing.Text.Contains("is missing", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_missing_model_says_how_to_install_it_and_what_needs_nothing()
    {
        using var folder = await DataFolder.OfSyntheticAsync(Issuers);
        await transformer.InstallAsync();
        var output = await folder.RunAsync("backfill-profile-text-embeddings", "--as-of", AsOf);
        Assert.Equal(3, output.ExitCode);
        Assert.Contains("grid models pull text-profile-v1", output.Errors, StringComparison.Ordinal);
        Assert.Contains("--model-id text-lsa-v1 needs nothing", output.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text-lsa-v1", "joint-profile-core-v1", "a model of 384 values, which joint-profile-core-v1 has room for; this one has 80")]
    [InlineData("text-hash-v1", "joint-profile-core-v2", "a model of 80 values, which joint-profile-core-v2 has room for; this one has 384")]
    public async Task A_text_model_that_does_not_fit_the_space_is_refused(string model, string jointModel, string message)
    {
        using var folder = await DataFolder.OfSyntheticAsync(Issuers, weekdays: Weekdays);
        string[][] commands = Workflow(model, jointModel);
        foreach (string[] command in commands[..^1])
            (await folder.RunAsync(command)).Succeeded();
        var output = await folder.RunAsync(commands[^1]);
        Assert.Equal((2, true), (output.ExitCode, output.Errors.Contains(message, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Devices_are_checked_before_anything_is_read()
    {
        await transformer.InstallAsync();
        var unknown = await transformer.RunAsync("backfill-profile-text-embeddings", "--as-of", AsOf, "--device", "tpu");
        Assert.Equal((2, true), (unknown.ExitCode, unknown.Errors.Contains("device is 'tpu'; allowed: cpu, cuda or cuda:N", StringComparison.Ordinal)));
    }

    private static string[] Find => ["find-similar-profiles", "--as-of", AsOf, "--top-k", $"{Issuers}"];

    private static string[][] Workflow(string textModel, string jointModel)
    {
        string version = jointModel[^2..];
        string[] window = version == "v1" ? ["--window-days", "126"] : [];
        return
        [
            ["backfill-numeric-embeddings", "--as-of", AsOf, "--model-id", $"num-profile-core-{version}", .. window],
            ["backfill-numeric-embeddings", "--as-of", AsOf, "--model-id", $"num-regime-core-{version}"],
            ["backfill-profile-text-embeddings", "--as-of", AsOf, "--model-id", textModel],
            ["backfill-joint-profiles", "--as-of", AsOf, "--joint-model-id", jointModel, "--text-model-id", textModel],
        ];
    }

    /// <summary>A small market that sees the fixture's manifests, with the transformer installed when it is the model.</summary>
    private async Task<DataFolder> FolderAsync(string model)
    {
        if (model == TransformerFixture.ModelId)
            await transformer.InstallAsync();
        return await DataFolder.OfSyntheticAsync(Issuers, weekdays: Weekdays, models: transformer.Models);
    }

    /// <summary>Gives every issuer a description on two days, and returns them by issuer.</summary>
    private static SortedDictionary<string, string> WriteProfiles(DataFolder folder)
    {
        // Some companies of the market have no profile; here every one gets the text of another.
        string[] said = [.. folder.Descriptions().Select(profile => profile.Text)];
        var texts = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in File.ReadLines(folder.File("issuers.csv")).Skip(1))
            texts[line.Split(',')[0]] = $"{said[texts.Count % said.Length]} Number {texts.Count} of its kind.";
        string[] days = [DayBefore, AsOf];
        File.WriteAllLines(folder.File("profiles.csv"),
        [
            "issuer_id,as_of_date,business_description,risk_summary,recent_events_summary",
            .. days.SelectMany(day => texts.Select(pair => string.Create(
                CultureInfo.InvariantCulture, $"{pair.Key},{day},\"{pair.Value}\",,"))),
        ]);
        return texts;
    }

    private static async Task<Dictionary<string, (string Numeric, string Behaviour, string Text)>> ByIssuerAsync(DataFolder folder, string[] question) =>
        (await folder.RunAsync(question)).Succeeded().Rows.ToDictionary(row => row[2], row => (row[6], row[8], row[10]));

    private static async Task<string[]> AnswersAsync(StoreUnderTest store, string[][] commands)
    {
        var answers = new List<string>();
        foreach (string[] command in commands)
            answers.Add((await store.RunAsync(command)).Succeeded().Text);
        return [.. answers];
    }
}
