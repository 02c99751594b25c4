using System.Globalization;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.EndToEnd;

/// <summary>What users' prices were seen to do, on a folder and on Postgres: changes of the made-up tables of tests/data, with their right answers.</summary>
public sealed class PriceCasesTests(SharedPostgres server) : IDisposable
{
    private const string AsOf = "2024-03-28";
    private const string Hole = "prices_daily: rows without an adjusted_close among adjusted ones, which are no price of that day";
    private static readonly string[] s_behaviour = ["backfill-numeric-embeddings", "--as-of", AsOf, "--model-id", "num-regime-core-v2"];
    private readonly DataFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Prices => _folder.File("prices_daily.csv");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_empty_adjusted_close_among_adjusted_ones_is_no_price_of_that_day_and_said(bool onPostgres)
    {
        // As if two splits came later: a factor of a quarter, which the close of the day does not have.
        string[] lines = [.. Rows().Select(cells => cells[0] == "S05.US" ? With(cells, 6, Text(Number(cells[6]) / 4)) : cells).Select(cells => string.Join(',', cells))];
        var store = await WithPricesAsync(lines, onPostgres);
        Assert.DoesNotContain("adjusted_close", (await store.RunAsync(s_behaviour)).Succeeded().Errors, StringComparison.Ordinal);
        float[] whole = await VectorAsync(store, "S05.US");

        int hole = Array.FindLastIndex(lines, line => line.StartsWith("S05.US,", StringComparison.Ordinal)) - 40;
        string[] cells = lines[hole].Split(',');
        lines[hole] = string.Join(',', With(cells, 6, ""));
        await WriteAsync(store, lines);
        var output = (await store.RunAsync(s_behaviour)).Succeeded();
        Assert.Contains($",,passed over,\"{Hole}\",1", output.Text, StringComparison.Ordinal);
        Assert.Contains($"S05.US on {cells[1]}", output.Errors, StringComparison.Ordinal);
        // With the close in its place there would be a fourfold jump, and back.
        Assert.InRange(Cosine(whole, await VectorAsync(store, "S05.US")), 0.98, 1.0001);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Backfills_name_price_rows_of_no_instrument_and_a_missing_adjusted_close(bool onPostgres)
    {
        string[] lines = [.. Rows().Select((cells, i) => string.Join(',', With(i % 2 == 0 || cells[0] != "S05.US" ? cells : With(cells, 0, "s05.us"), 6, i == 0 ? "adjusted_close" : "")))];
        int changed = lines.Count(line => line.StartsWith("s05.us,", StringComparison.Ordinal));
        var store = await WithPricesAsync(lines, onPostgres);
        var output = (await store.RunAsync(s_behaviour)).Succeeded();
        Assert.Contains($"prices_daily: rows of an instrument_id that instruments does not have: {changed}", output.Errors, StringComparison.Ordinal);
        Assert.Contains("s05.us (did you mean S05.US?)", output.Errors, StringComparison.Ordinal);
        Assert.Contains("prices_daily: adjusted_close is empty in every row: closes are taken as adjusted", output.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_bond_that_sorts_first_does_not_stand_for_an_issuer_in_v2(bool onPostgres)
    {
        string[] instruments = await File.ReadAllLinesAsync(Golden("instruments"), Token);
        string[] equity = instruments[1..].Select(line => line.Split(',')).GroupBy(cells => cells[1]).First(lines => lines.Count() == 1).Single();
        string bond = string.Join(',', With(With(equity, 0, "A_BOND"), 3, "BOND"));
        var store = await WithPricesAsync([.. Rows().Select(cells => string.Join(',', cells))], onPostgres, [.. instruments, bond]);
        foreach (string[] backfill in (string[][])
            [
                ["backfill-numeric-embeddings", "--model-id", "num-profile-core-v2"], ["backfill-numeric-embeddings", "--model-id", "num-regime-core-v2"],
                ["backfill-profile-text-embeddings", "--model-id", "text-lsa-v1"], ["backfill-joint-profiles", "--joint-model-id", "joint-profile-core-v2"],
            ])
            (await store.RunAsync([.. backfill, "--as-of", "2024-03-31"])).Succeeded();
        var shown = (await store.RunAsync("show-joint-profiles", "--as-of", "2024-03-31", "--model-id", "joint-profile-core-v2", "--issuer-id", equity[1])).Succeeded();
        Assert.Equal(equity[0], Assert.Single(shown.Rows)[shown.Header.Split(',').IndexOf("instrument_id")]);
    }

    private async Task<StoreUnderTest> WithPricesAsync(string[] lines, bool onPostgres, string[]? instruments = null)
    {
        foreach (string table in (string[])["markets", "issuers", "instruments", "profiles"])
            File.Copy(Golden(table), _folder.File(table + ".csv"));
        if (instruments is not null)
            await File.WriteAllLinesAsync(_folder.File("instruments.csv"), instruments, Token);
        await File.WriteAllLinesAsync(Prices, lines, Token);
        return await StoreUnderTest.CreateAsync(_folder, onPostgres ? server : null);
    }

    private async Task WriteAsync(StoreUnderTest store, string[] lines)
    {
        await File.WriteAllLinesAsync(Prices, lines, Token);
        await store.LoadTablesAsync();
    }

    private async Task<float[]> VectorAsync(StoreUnderTest store, string instrument)
    {
        string file = _folder.File("vectors.csv");
        (await store.RunAsync("export", "--model-id", "num-regime-core-v2", "--as-of", AsOf, "--out", file)).Succeeded();
        return [.. (await File.ReadAllLinesAsync(file, Token)).Single(line => line.StartsWith(instrument + ",", StringComparison.Ordinal)).Split(',')[6..].Select(cell => (float)Number(cell))];
    }

    private static IEnumerable<string[]> Rows() => File.ReadLines(Golden("prices_daily")).Select(line => line.Split(','));

    private static string Golden(string table) => Path.Combine(TestData.RepositoryRoot, "tests", "data", "golden-synthetic", table + ".csv");

    private static string[] With(string[] cells, int column, string value) => [.. cells.Select((cell, i) => i == column ? value : cell)];

    private static double Cosine(float[] a, float[] b) => a.Zip(b).Sum(pair => (double)pair.First * pair.Second) / Math.Sqrt(a.Sum(x => (double)x * x) * b.Sum(x => (double)x * x));

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
