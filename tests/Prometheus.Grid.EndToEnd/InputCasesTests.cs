using System.IO.Compression;
using System.Text;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.EndToEnd;

/// <summary>What users' files were seen to do: each is a change of the made-up tables of tests/data, with its right answer.</summary>
public sealed class InputCasesTests : IDisposable
{
    private static readonly string[] s_numeric = ["backfill-numeric-embeddings", "--as-of", "2024-03-31", "--model-id", "num-regime-core-v1"];
    private readonly DataFolder _folder = new();

    public InputCasesTests()
    {
        foreach (string table in (string[])["markets", "issuers", "instruments", "prices_daily", "profiles", "portfolio_risk_reports"])
            File.Copy(Path.Combine(TestData.RepositoryRoot, "tests", "data", "golden-synthetic", table + ".csv"), _folder.File(table + ".csv"));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Prices => _folder.File("prices_daily.csv");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_price_table_without_rows_is_named_as_such()
    {
        await File.WriteAllTextAsync(Prices, (await File.ReadAllLinesAsync(Prices, Token))[0] + "\n", Token);
        var output = await _folder.RunAsync(s_numeric);
        AssertRefused(output, "prices_daily.csv is 'a header without rows'");
        Assert.DoesNotContain("again", output.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Line_ends_of_CR_alone_are_named()
    {
        await File.WriteAllTextAsync(Prices, (await File.ReadAllTextAsync(Prices, Token)).Replace('\n', '\r'), Token);
        AssertRefused(await _folder.RunAsync(s_numeric), "prices_daily.csv line 1", "CR alone");
    }

    [Fact]
    public async Task UTF_16_is_named_and_its_bytes_stay_off_the_terminal()
    {
        await File.WriteAllTextAsync(Prices, await File.ReadAllTextAsync(Prices, Token), Encoding.Unicode, Token);
        var output = await _folder.RunAsync(s_numeric);
        AssertRefused(output, "is 'UTF-16'; allowed: UTF-8");
        Assert.DoesNotContain('\0', output.Errors);
    }

    [Fact]
    public async Task Rows_without_a_price_and_of_an_open_session_are_refused_unless_they_may_be_skipped()
    {
        string[] lines = await File.ReadAllLinesAsync(Prices, Token);
        lines[200] = WithField(lines[200], 5, "NaN");
        lines[^1] = WithField(lines[^1], 1, "2024-03-29 09:30:00-04:00");
        await File.WriteAllLinesAsync(Prices, lines, Token);
        AssertRefused(await _folder.RunAsync(s_numeric), "prices_daily.csv line 201, close is 'NaN'");

        var skipped = (await _folder.RunAsync([.. s_numeric, "--bad-rows", "skip"])).Succeeded();
        Assert.Contains(",,passed over,\"prices_daily: bad rows passed over, close is not a finite number above 0\",1", skipped.Text, StringComparison.Ordinal);
        Assert.Contains("prices_daily.csv line 201, close is 'NaN'", skipped.Errors, StringComparison.Ordinal);
        Assert.Contains($"prices_daily.csv line {lines.Length}, trade_date is '2024-03-29 09:30:00-04:00'", skipped.Errors, StringComparison.Ordinal);
        // What was passed over is said again when the cache already knows it, and a strict run does not use that cache.
        Assert.Contains("line 201", (await _folder.RunAsync([.. s_numeric, "--bad-rows", "skip"])).Succeeded().Errors, StringComparison.Ordinal);
        AssertRefused(await _folder.RunAsync(s_numeric), "line 201");
    }

    [Fact]
    public async Task Semicolons_between_fields_are_seen()
    {
        await File.WriteAllTextAsync(Prices, (await File.ReadAllTextAsync(Prices, Token)).Replace(',', ';'), Token);
        AssertRefused(await _folder.RunAsync(s_numeric), "it has ';' between its fields");
    }

    [Fact]
    public async Task Price_rows_of_no_instrument_are_counted_with_the_nearest_id()
    {
        string[] lines = await File.ReadAllLinesAsync(Prices, Token);
        int changed = 0;
        for (int i = 2; i < lines.Length; i += 2)
        {
            if (!lines[i].StartsWith("S05.US,", StringComparison.Ordinal))
                continue;
            lines[i] = "s05.us" + lines[i][6..];
            changed++;
        }
        await File.WriteAllLinesAsync(Prices, lines, Token);
        var output = (await _folder.RunAsync(s_numeric)).Succeeded();
        Assert.Contains($"prices_daily: rows of an instrument_id that instruments does not have: {changed}", output.Errors, StringComparison.Ordinal);
        Assert.Contains("s05.us (did you mean S05.US?)", output.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ids_with_blanks_at_their_ends_are_refused()
    {
        await File.WriteAllTextAsync(Prices, (await File.ReadAllTextAsync(Prices, Token)).Replace("S05.US,", "S05.US ,", StringComparison.Ordinal), Token);
        AssertRefused(await _folder.RunAsync(s_numeric), "prices_daily.csv line 2, instrument_id is 'S05.US '");
    }

    [Fact]
    public async Task A_missing_adjusted_close_is_said_and_a_misspelt_one_refused()
    {
        await File.WriteAllTextAsync(Prices, (await File.ReadAllTextAsync(Prices, Token)).Replace("adjusted_close", "spare", StringComparison.Ordinal), Token);
        Assert.Contains("prices_daily: no column adjusted_close: closes are taken as adjusted", (await _folder.RunAsync(s_numeric)).Succeeded().Errors, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Prices, (await File.ReadAllTextAsync(Prices, Token)).Replace(",spare,", ",Adj Close,", StringComparison.Ordinal), Token);
        AssertRefused(await _folder.RunAsync(s_numeric), "'Adj Close'; allowed: adjusted_close");
    }

    [Fact]
    public async Task A_clean_run_says_nothing_of_its_tables()
    {
        var output = (await _folder.RunAsync(s_numeric)).Succeeded();
        Assert.DoesNotContain("passed over", output.Text + output.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("prices_daily", output.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Instruments_that_a_model_is_not_for_are_counted_and_named()
    {
        string[] lines = await File.ReadAllLinesAsync(_folder.File("instruments.csv"), Token);
        lines[1] = WithField(lines[1], 3, "Common Stock");
        lines[2] = WithField(lines[2], 7, "active");
        await File.WriteAllLinesAsync(_folder.File("instruments.csv"), lines, Token);
        var output = (await _folder.RunAsync(s_numeric)).Succeeded();
        Assert.Contains("skipped,not an active equity (asset_class EQUITY and status ACTIVE),2", output.Text, StringComparison.Ordinal);
        Assert.Contains("S05.US, not an active equity (asset_class EQUITY and status ACTIVE) (asset_class Common Stock, status ACTIVE)", output.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Numbers_in_quotes_are_counted()
    {
        string path = _folder.File("portfolio_risk_reports.csv");
        await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path, Token)).Replace("\"\"volatility\"\": 0.230099", "\"\"volatility\"\": \"\"0.230099\"\"", StringComparison.Ordinal), Token);
        var output = (await _folder.RunAsync("backfill-numeric-portfolio-embeddings", "--as-of", "2024-03-31", "--model-id", "num-portfolio-core-v1")).Succeeded();
        Assert.Contains("portfolio_risk_reports: numbers in quotes left out of risk_metrics,1", output.Text, StringComparison.Ordinal);
        Assert.Contains("line 2, risk_metrics volatility", output.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Half_a_character_in_JSON_is_refused_with_its_place()
    {
        string path = _folder.File("portfolio_risk_reports.csv");
        await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path, Token)).Replace("\"\"volatility\"\": 0.230099", "\"\"vol\\ud83d\"\": 1", StringComparison.Ordinal), Token);
        AssertRefused(
            await _folder.RunAsync("backfill-numeric-portfolio-embeddings", "--as-of", "2024-03-31", "--model-id", "num-portfolio-core-v1"),
            "portfolio_risk_reports.csv line 2, risk_metrics", "whole characters");
        await File.WriteAllTextAsync(_folder.File("profiles.csv"), "issuer_id,as_of_date,structured\nISS_00,2024-03-31,\"{\"\"business_description\"\": \"\"cut \\ud83d\"\"}\"\n", Token);
        AssertRefused(
            await _folder.RunAsync("backfill-profile-text-embeddings", "--as-of", "2024-03-31", "--model-id", "text-hash-v1"), "profiles.csv line 2, structured", "whole characters");
    }

    [Fact]
    public async Task A_stray_quote_is_refused_in_labels_corpora_and_vectors()
    {
        (await _folder.RunAsync("backfill-profile-text-embeddings", "--as-of", "2024-03-31", "--model-id", "text-hash-v1")).Succeeded();
        string file = _folder.File("own.csv");
        string[] evaluate = ["evaluate", "--as-of", "2024-03-31", "--model-id", "text-hash-v1", "--labels", file];
        string[] fit = ["models", "fit", "text-lsa", "--corpus", file, "--dimension", "2"];
        string[] import = ["import", file, "--model-id", "text-hash-v1"];
        foreach ((string[] command, string text) in ((string[], string)[])
            [(evaluate, "id,theme\nISS_00,24\" screens\n"), (fit, "text\n24\" screens\n"), (import, "entity_id,as_of_date,v0\nCQ\"2,2024-03-31,1\n")])
        {
            await File.WriteAllTextAsync(file, text, Token);
            AssertRefused(await _folder.RunAsync(command), "own.csv line 2, row", "quoted fields with quotes doubled");
            await File.WriteAllBytesAsync(file, Encoding.Latin1.GetBytes(text.Replace("\"", "é", StringComparison.Ordinal)), Token);
            AssertRefused(await _folder.RunAsync(command), "own.csv line 2", "allowed: UTF-8");
        }
    }

    [Fact]
    public async Task A_cut_archive_is_refused_by_every_command_that_takes_one()
    {
        byte[] corpus = Packed("text\n" + string.Concat(Enumerable.Range(0, 2_000).Select(i => $"document {i} about ships and screens\n")));
        await File.WriteAllBytesAsync(_folder.File("corpus.csv.gz"), corpus[..(corpus.Length / 2)], Token);
        AssertRefused(await _folder.RunAsync("models", "fit", "text-lsa", "--corpus", _folder.File("corpus.csv.gz"), "--dimension", "2"), "corpus.csv.gz", "a whole gzip file");
        byte[] prices = Packed(await File.ReadAllTextAsync(Prices, Token));
        File.Delete(Prices);
        await File.WriteAllBytesAsync(Prices + ".gz", [.. prices, .. "S05.US,2024-04-01,,,,1,1,1,USD\n"u8], Token);
        AssertRefused(await _folder.RunAsync(s_numeric), "prices_daily.csv.gz", "a whole gzip file");
    }

    [Fact]
    public async Task An_archive_is_known_by_its_content_and_a_table_under_another_name_is_pointed_at()
    {
        byte[] text = await File.ReadAllBytesAsync(Prices, Token);
        await File.WriteAllBytesAsync(Prices, Packed(await File.ReadAllTextAsync(Prices, Token)), Token);
        AssertRefused(await _folder.RunAsync(s_numeric), "prices_daily.csv is 'a gzip file'; allowed: CSV text; the name of a gzip file ends in .gz");
        await File.WriteAllBytesAsync(Prices, [.. "PK\u0003\u0004"u8, .. text], Token);
        AssertRefused(await _folder.RunAsync(s_numeric), "prices_daily.csv is 'a zip archive or a spreadsheet'");
        File.Delete(Prices);
        await File.WriteAllBytesAsync(Prices + ".gz", text, Token);
        AssertRefused(await _folder.RunAsync(s_numeric), "prices_daily.csv.gz is 'not a gzip file'");
        File.Move(Prices + ".gz", _folder.File("PRICES_DAILY.CSV"));
        AssertRefused(await _folder.RunAsync(s_numeric), "prices_daily.csv is 'missing'", "the folder has PRICES_DAILY.CSV");
    }

    [Fact]
    public async Task Profiles_of_no_issuer_and_instruments_of_no_issuer_or_market_are_counted_with_the_nearest_id()
    {
        string profiles = _folder.File("profiles.csv"), instruments = _folder.File("instruments.csv");
        await File.WriteAllTextAsync(profiles, (await File.ReadAllTextAsync(profiles, Token)).Replace("ISS_01,", "iss-01,", StringComparison.Ordinal), Token);
        await File.WriteAllTextAsync(instruments, (await File.ReadAllTextAsync(instruments, Token)).Replace(",ISS_02,", ",iss_02,", StringComparison.Ordinal).Replace(",US_EQ,", ",us_eq,", StringComparison.Ordinal), Token);
        var output = (await _folder.RunAsync("backfill-profile-text-embeddings", "--as-of", "2024-03-31", "--model-id", "text-hash-v1")).Succeeded();
        Assert.Contains(",,passed over,profiles: rows of an issuer_id that issuers does not have,", output.Text, StringComparison.Ordinal);
        Assert.Contains("iss-01 (did you mean ISS_01?)", output.Errors, StringComparison.Ordinal);
        Assert.Contains("instruments: rows of an issuer_id that issuers does not have: 1", output.Errors, StringComparison.Ordinal);
        Assert.Contains("us_eq (did you mean US_EQ?)", output.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_blank_label_and_a_space_of_other_entities_are_refused()
    {
        (await _folder.RunAsync("backfill-profile-text-embeddings", "--as-of", "2024-03-31", "--model-id", "text-hash-v1")).Succeeded();
        string labels = _folder.File("own.csv");
        await File.WriteAllTextAsync(labels, "issuer_id,theme\nISS_00,a\nISS_01, \n", Token);
        AssertRefused(await _folder.RunAsync("evaluate", "--as-of", "2024-03-31", "--model-id", "text-hash-v1", "--labels", labels), "own.csv line 3, theme is ' '; allowed: a label");
        AssertRefused(
            await _folder.RunAsync("find-similar-profiles", "--issuer-id", "ISS_00", "--as-of", "2024-03-31", "--model-id", "joint-portfolio-core-v3"),
            "'joint-portfolio-core-v3'; allowed: a joint model of issuers");
        AssertRefused(await _folder.RunAsync("export", "--as-of", "2024-03-31", "--model-id", "text-hash-v1", "--out", _folder.File("nowhere/x.csv")), "allowed: a file in a folder that exists");
    }

    private static byte[] Packed(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return packed.ToArray();
    }

    private static string WithField(string line, int column, string value)
    {
        string[] cells = line.Split(',');
        cells[column] = value;
        return string.Join(',', cells);
    }

    private static void AssertRefused(GridOutput output, params string[] named)
    {
        Assert.True(output.ExitCode == 2, $"exit code {output.ExitCode}: {output.Errors}");
        Assert.All(named, name => Assert.Contains(name, output.Errors, StringComparison.Ordinal));
        Assert.DoesNotContain("Unhandled exception", output.Errors, StringComparison.Ordinal);
    }
}
