namespace Prometheus.Grid.EndToEnd;

/// <summary>Bad data is refused by name, with the right exit code, and leaves nothing half written.</summary>
public sealed class BadInputTests
{
    private static readonly string[] s_numeric = ["backfill-numeric-embeddings", "--as-of", "2024-06-28", "--window-days", "63", "--model-id", "num-regime-core-v1"];
    private static readonly string[] s_text = ["backfill-profile-text-embeddings", "--as-of", "2024-06-28", "--model-id", "text-hash-v1"];

    [Fact]
    public async Task A_missing_folder()
    {
        var output = await GridProcess.RunAsync("/nowhere/at/all", s_numeric);
        AssertRefused(output, 2, "/nowhere/at/all");
    }

    [Fact]
    public async Task A_missing_table()
    {
        using var folder = await DataFolder.OfSyntheticAsync(3);
        File.Delete(folder.File("prices_daily.csv"));
        AssertRefused(await folder.RunAsync(s_numeric), 2, "prices_daily.csv");
        Assert.Empty(folder.VectorFiles("*"));
    }

    [Theory]
    [InlineData("prices_daily.csv", 0, "close", "closing", "close")]
    [InlineData("instruments.csv", 0, "issuer_id", "issuer", "issuer_id")]
    public async Task A_missing_column(string table, int line, string before, string after, string named)
    {
        using var folder = await DataFolder.OfSyntheticAsync(3);
        folder.EditLine(table, line, header => header.Replace($"{before},", $"{after},", StringComparison.Ordinal));
        var output = await folder.RunAsync(s_numeric);
        AssertRefused(output, 2, table);
        Assert.Contains(named, output.Errors, StringComparison.Ordinal);
        Assert.Empty(folder.VectorFiles("*"));
    }

    [Theory]
    [InlineData(1, "31/12/2023", "trade_date")]
    [InlineData(5, "NaN", "close")]
    [InlineData(5, "-3.5", "close")]
    [InlineData(5, "0", "close")]
    [InlineData(5, "twelve", "close")]
    [InlineData(7, "-1", "volume")]
    public async Task A_bad_price_row(int column, string value, string named)
    {
        using var folder = await DataFolder.OfSyntheticAsync(3);
        folder.EditLine("prices_daily.csv", 200, line =>
        {
            string[] cells = line.Split(',');
            cells[column] = value;
            return string.Join(',', cells);
        });
        var output = await folder.RunAsync(s_numeric);
        AssertRefused(output, 2, "prices_daily.csv");
        Assert.Contains(named, output.Errors, StringComparison.Ordinal);
        Assert.Contains(value, output.Errors, StringComparison.Ordinal);
        Assert.Contains("201", output.Errors, StringComparison.Ordinal);
        Assert.Empty(folder.VectorFiles("*"));
    }

    [Theory]
    [InlineData("prices_daily.csv")]
    [InlineData("instruments.csv")]
    public async Task A_duplicate_key(string table)
    {
        using var folder = await DataFolder.OfSyntheticAsync(3);
        string[] lines = await File.ReadAllLinesAsync(folder.File(table), TestContext.Current.CancellationToken);
        await File.WriteAllLinesAsync(folder.File(table), [.. lines, lines[1]], TestContext.Current.CancellationToken);
        AssertRefused(await folder.RunAsync(s_numeric), 2, table);
        Assert.Empty(folder.VectorFiles("*"));
    }

    [Fact]
    public async Task A_profile_with_a_bad_date()
    {
        using var folder = await DataFolder.OfSyntheticAsync(3);
        folder.EditLine("profiles.csv", 1, line => line.Replace("2024-06-28", "2024-6-28", StringComparison.Ordinal));
        AssertRefused(await folder.RunAsync(s_text), 2, "profiles.csv");
        Assert.Empty(folder.VectorFiles("*"));
    }

    [Theory]
    [InlineData("find-similar-profiles --issuer-id ISS_NONE --as-of 2024-06-28", "joint-profile-core-v1 on 2024-06-28")]
    [InlineData("find-similar-profiles --issuer-id ISS_NONE --as-of 2024-06-28 --model-id joint-none", "joint-none")]
    [InlineData("backfill-numeric-embeddings --as-of 2024-06-28 --model-id none", "none")]
    [InlineData("backfill-numeric-embeddings --as-of 2024-06-28 --instrument-id NONE.US", "NONE.US")]
    [InlineData("backfill-numeric-embeddings --as-of 2024-06-28 --market-id NONE_EQ", "NONE_EQ")]
    [InlineData("backfill-profile-text-embeddings --as-of 2024-06-27 --model-id text-hash-v1", "2024-06-27")]
    [InlineData("backfill-numeric-portfolio-embeddings --as-of 2024-06-28 --portfolio-id PF_NONE", "PF_NONE")]
    [InlineData("history --issuer-id ISS_NONE", "ISS_NONE")]
    [InlineData("spaces show joint-none", "joint-none")]
    [InlineData("models show none", "none")]
    [InlineData("export --model-id text-hash-v1 --as-of 1999-01-01 --out x.npy", "text-hash-v1")]
    [InlineData("import missing.npy --model-id text-hash-v1", "missing.npy")]
    [InlineData("find-similar-profiles --vector missing.npy --as-of 2024-06-28", "missing.npy")]
    public async Task What_does_not_exist_is_not_found(string line, string named)
    {
        using var folder = await DataFolder.OfSyntheticAsync(3);
        AssertRefused(await folder.RunAsync(line.Split(' ')), 3, named);
    }

    [Theory]
    [InlineData("backfill-numeric-embeddings --as-of 2024-06-28 --model-id text-hash-v1")]
    [InlineData("backfill-profile-text-embeddings --as-of 2024-06-28 --model-id num-profile-core-v1")]
    [InlineData("backfill-joint-profiles --as-of 2024-06-28 --joint-model-id joint-portfolio-core-v1")]
    public async Task A_model_of_another_kind(string line)
    {
        using var folder = await DataFolder.OfSyntheticAsync(3);
        AssertRefused(await folder.RunAsync(line.Split(' ')), 2, "--model-id");
    }

    [Fact]
    public async Task A_second_writer()
    {
        using var folder = await DataFolder.OfSyntheticAsync(3);
        (await folder.RunAsync(s_text)).Succeeded();
        await using var held = new FileStream(folder.File(".writer.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        var output = await folder.RunAsync(s_numeric);
        AssertRefused(output, 1, "is being written by");
        Assert.Contains("may succeed later", output.Errors, StringComparison.Ordinal);
        // Readers need no lock.
        (await folder.RunAsync("verify")).Succeeded();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_damaged_partition(bool truncated)
    {
        using var folder = await DataFolder.OfSyntheticAsync(12);
        (await folder.RunAsync(s_text)).Succeeded();
        string file = Assert.Single(folder.VectorFiles());
        byte[] bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        if (truncated)
            bytes = bytes[..(bytes.Length / 2)];
        else
            bytes[bytes.Length / 2] ^= 4;
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);

        var verify = await folder.RunAsync("verify");
        Assert.Equal(1, verify.ExitCode);
        Assert.NotEqual("ok", Assert.Single(verify.Rows)[4]);
        var export = await folder.RunAsync("export", "--model-id", "text-hash-v1", "--as-of", "2024-06-28", "--out", folder.File("x.npy"));
        AssertRefused(export, 1, Path.GetFileName(file));
        Assert.False(File.Exists(folder.File("x.npy")));
    }

    [Theory]
    [InlineData("{\"entity_id\":\"ISS_A\",\"as_of_date\":\"2024-06-28\",\"vector\":[1,2]}", "2 values")]
    [InlineData("{\"entity_id\":\"ISS_A\",\"as_of_date\":\"tomorrow\",\"vector\":[1,2]}", "tomorrow")]
    [InlineData("{\"entity_id\":\"ISS_A\"", "line 1")]
    [InlineData("[]", "line 1")]
    public async Task Vectors_that_are_none(string line, string named)
    {
        using var folder = new DataFolder();
        await File.WriteAllTextAsync(folder.File("v.jsonl"), line + "\n", TestContext.Current.CancellationToken);
        AssertRefused(await folder.RunAsync("import", folder.File("v.jsonl"), "--model-id", "text-hash-v1"), 2, named);
        Assert.Empty(folder.VectorFiles("*"));
    }

    private static void AssertRefused(GridOutput output, int exitCode, string named)
    {
        Assert.Contains(named, output.Errors, StringComparison.Ordinal);
        Assert.True(output.ExitCode == exitCode, $"exit code {output.ExitCode}: {output.Errors}");
        Assert.Empty(output.Text);
        // A message for people: one line, no stack.
        Assert.DoesNotContain("   at ", output.Errors, StringComparison.Ordinal);
    }
}
