using System.Globalization;
using DuckDB.NET.Data;
using Prometheus.Grid.Columnar;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Prices;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Folder.Prices;
using Prometheus.Grid.Tables;
using Prometheus.Grid.Tests;
using Xunit;

namespace Prometheus.Grid.Storage.Folder.Tests;

/// <summary>Tables that come as Parquet are the tables that come as CSV.</summary>
public sealed class ParquetTablesTests
{
    private const string Prices = "instrument_id VARCHAR, trade_date DATE, open DOUBLE, close DOUBLE, adjusted_close DOUBLE, volume BIGINT";
    private static readonly string[] s_tables = ["markets", "issuers", "instruments", "prices_daily", "profiles", "portfolio_risk_reports"];
    private static readonly PriceWindow s_all = DateRange.All;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task A_folder_of_Parquet_is_the_folder_of_CSV(string allText)
    {
        string source = Path.Combine(TestData.RepositoryRoot, "tests", "data", "golden-synthetic");
        using TestFolder text = new(), columns = new();
        foreach (string table in s_tables)
        {
            string csv = Path.Combine(source, table + ".csv");
            File.Copy(csv, text.File(table + ".csv"));
            Execute($"COPY (SELECT * FROM read_csv('{csv}', header = true, all_varchar = {allText})) TO '{columns.File(table + ".parquet")}' (FORMAT parquet)");
        }
        Assert.Equal(await ContentAsync(text), await ContentAsync(columns));
    }

    [Theory]
    [InlineData("'A', DATE '2024-01-02', 1, NULL, 1, 5", "close is ''; allowed: a finite number above 0")]
    [InlineData("'A', DATE '2024-01-02', 1, 'NaN', 1, 5", "close is 'NaN'; allowed: a finite number above 0")]
    [InlineData("'A', DATE '2024-01-02', 1, -3.5, 1, 5", "close is '-3.5'; allowed: a finite number above 0")]
    [InlineData("'A', DATE '2024-01-02', 0, 1, 1, 5", "open is '0'; allowed: a finite number above 0, or nothing")]
    [InlineData("'A', DATE '2024-01-02', 1, 1, 'inf', 5", "adjusted_close is 'Infinity'; allowed: a finite number above 0, or nothing")]
    [InlineData("'A', DATE '2024-01-02', 1, 1, 1, -5", "volume is '-5'; allowed: a finite number, 0 or more")]
    [InlineData("'A', DATE '2024-01-02', 1, 1, 1, NULL", "volume is ''; allowed: a finite number, 0 or more")]
    [InlineData("'A', NULL, 1, 1, 1, 5", "trade_date is ''; allowed: a date as yyyy-MM-dd")]
    [InlineData("' A', DATE '2024-01-02', 1, 1, 1, 5", "instrument_id is ' A'; allowed: an id without blanks at its ends")]
    [InlineData("NULL, DATE '2024-01-02', 1, 1, 1, 5", "instrument_id is ''; allowed: 1 to 256 bytes without control characters")]
    [InlineData("'B', DATE '2024-01-01', 1, 1, 1, 5", "instrument_id, trade_date is 'B, 2024-01-01'; allowed: a key that no row before has")]
    public async Task A_bad_price_is_named_by_file_row_column_and_value_and_may_be_passed_over(string row, string expected)
    {
        using var folder = new TestFolder();
        Execute($"CREATE TABLE p ({Prices}); INSERT INTO p VALUES ('B', DATE '2024-01-01', NULL, 1, NULL, 1), ('B', DATE '2024-01-02', 1, 2.5, 1, 0), ({row}); COPY p TO '{folder.File("prices_daily.parquet")}' (FORMAT parquet)");
        await using (var store = await folder.OpenAsync())
        {
            var error = await Assert.ThrowsAsync<BadInputException>(() => store.Inputs.PricesAsync(["B"], s_all, Token));
            Assert.Contains($"prices_daily.parquet row 3, {expected}", error.Message, StringComparison.Ordinal);
        }
        await using var lenient = await FolderStore.OpenAsync(folder.Path, new FolderStoreOptions { BadRows = BadRowPolicy.Skip }, Token);
        var prices = Assert.Single(await lenient.Inputs.PricesAsync(["B"], s_all, Token));
        Assert.Equal([1, 2.5], prices.Close.ToArray());
    }

    [Fact]
    public async Task Dates_with_a_time_ids_that_are_numbers_and_narrow_numbers_are_read_as_what_they_are()
    {
        using var folder = new TestFolder();
        Execute($"""
            COPY (SELECT 10107 AS instrument_id, TIMESTAMP '2024-01-02' + INTERVAL (i) DAY AS trade_date, (i + 1.1)::FLOAT AS close, (i + 1)::DECIMAL(9, 2) AS adjusted_close, i AS volume FROM range(3) t(i))
            TO '{folder.File("prices_daily.parquet")}' (FORMAT parquet)
            """);
        await using var store = await folder.OpenAsync();
        var prices = Assert.Single(await store.Inputs.PricesAsync(["10107"], s_all, Token));
        Assert.Equal([1.1f, 2.1f, 3.1f], prices.Close.ToArray());
        Assert.Equal([1.0, 2, 3], prices.AdjustedClose.ToArray());
        Assert.Equal([0.0, 1, 2], prices.Volume.ToArray());
        Assert.Equal(new DateOnly(2024, 1, 4).DayNumber, prices.Days.Span[2]);
    }

    [Theory]
    [InlineData("SELECT 'M' AS market_id, 'a' AS name, 'US' AS region", "markets.parquet, header is 'market_id,name,region'; allowed: a file with column timezone")]
    [InlineData("SELECT 'M' AS market_id, 'a' AS name, 'US' AS region, 'UTC' AS \"Time Zone\"", "markets.parquet, header is 'Time Zone'; allowed: timezone, written so")]
    [InlineData("SELECT ' ' AS market_id, 'a' AS name, 'US' AS region, 'UTC' AS timezone", "markets.parquet row 1, market_id is ' '")]
    [InlineData("SELECT {'a': 1} AS market_id, 'a' AS name, 'US' AS region, 'UTC' AS timezone", "markets.parquet column market_id is 'struct'; allowed: a column of text, numbers, dates or lists of numbers")]
    public async Task A_bad_reference_table_is_refused(string sql, string expected)
    {
        using var folder = new TestFolder().With("issuers.csv", "").With("instruments.csv", "");
        Execute($"COPY ({sql}) TO '{folder.File("markets.parquet")}' (FORMAT parquet)");
        await using var store = await folder.OpenAsync();
        var error = await Assert.ThrowsAsync<BadInputException>(() => store.Inputs.ReadUniverseAsync(Token));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_in_two_forms_is_refused_and_a_CSV_by_that_name_is_no_Parquet()
    {
        using var folder = new TestFolder().With("prices_daily.csv", "").With("prices_daily.parquet", "instrument_id,trade_date,close,volume\n");
        await using var store = await folder.OpenAsync();
        Assert.Contains("prices_daily.csv is 'beside prices_daily.parquet'; allowed: one of the two", (await Refused()).Message, StringComparison.Ordinal);
        File.Delete(folder.File("prices_daily.csv"));
        Assert.Contains("allowed: a whole Parquet file", (await Refused()).Message, StringComparison.Ordinal);

        Task<BadInputException> Refused() => Assert.ThrowsAsync<BadInputException>(() => store.Inputs.PricesAsync(["A"], s_all, Token));
    }

    /// <summary>The same cells as fields of text and as cells of columns: the same series, or the same words about the same row.</summary>
    [Fact]
    public async Task Whatever_the_cells_both_forms_are_read_alike()
    {
        string[] values = ["1.5", "2", "0", "-1", "", "NaN", "1e999", "x", "1,5", " 3", "0.30000000000000004", "\"", "é"];
        string[] dates = ["2024-01-02", "2024-02-30", "", "2024-1-2", "0001-01-01", "2024-01-02 00:00:00"];
        string[] ids = ["A", "B", "A ", "", "\"B\"", "é,1", "C\u0001"];
        string[] names = ["instrument_id", "trade_date", "open", "close", "adjusted_close", "volume"];
        var random = new Random(11);
        int read = 0, refused = 0;
        for (int trial = 0; trial < 300; trial++)
        {
            string[][] rows =
            [
                .. Enumerable.Range(0, random.Next(1, 6)).Select(i => (string[])
                    [Pick(ids, "A"), Pick(dates, new DateOnly(2024, 1, 1 + i).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)), Pick(values, "1"), Pick(values, "2"), Pick(values, ""), Pick(values, "3")]),
            ];
            using TestFolder text = new(), columns = new();
            text.With("prices_daily.csv", string.Join(',', names) + "\n" + string.Concat(rows.Select(row => string.Join(',', row.Select(cell => $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"")) + "\n")));
            using (var file = File.Create(columns.File("prices_daily.parquet")))
            {
                using var writer = new ColumnarWriter(ColumnarFormat.Parquet, file, [.. names.Select(Column.Text)], new Dictionary<string, string>());
                foreach (string[] row in rows)
                    writer.Write(row);
                writer.Complete();
            }
            foreach (var policy in Enum.GetValues<BadRowPolicy>())
            {
                string one = await OutcomeAsync(text, policy), two = await OutcomeAsync(columns, policy);
                string shifted = System.Text.RegularExpressions.Regex.Replace(two.Replace("prices_daily.parquet", "prices_daily.csv", StringComparison.Ordinal), "row ([0-9]+)", match => $"line {int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) + 1}");
                Assert.Equal(one, shifted);
                _ = one.Contains("allowed", StringComparison.Ordinal) ? refused++ : read++;
            }
        }
        Assert.True(read > 50 && refused > 50, $"{read} were read, {refused} refused");

        string Pick(string[] odd, string usual) => random.Next(12) == 0 ? odd[random.Next(odd.Length)] : usual;
    }

    private static async Task<string> OutcomeAsync(TestFolder folder, BadRowPolicy policy)
    {
        string path = folder.File($"cache-{policy}.bin");
        try
        {
            await new PriceCacheBuilder(new InputFile(folder.Path, "prices_daily"), path, policy).BuildAsync(Token);
        }
        catch (BadInputException error)
        {
            return error.Message.Replace(folder.Path, "", StringComparison.Ordinal);
        }
        using var cache = PriceCache.TryOpen(path)!;
        var notes = cache.Notes.Select(note => $"{note.What}: {note.Count}: {string.Join("; ", note.Examples)}".Replace(folder.Path, "", StringComparison.Ordinal));
        return string.Join('\n', notes.Concat(cache.RowCounts.Select(row => Text(cache.Series(row.Id)))));
    }

    private static async Task<string> ContentAsync(TestFolder folder)
    {
        await using var store = await folder.OpenAsync();
        var universe = await store.Inputs.ReadUniverseAsync(Token);
        var parts = new List<object> { string.Join('\n', universe.Markets), string.Join('\n', universe.Issuers), string.Join('\n', universe.Instruments) };
        foreach (var prices in await store.Inputs.PricesAsync([.. universe.Instruments.Select(instrument => instrument.InstrumentId)], s_all, Token))
            parts.Add(Text(prices));
        foreach (var date in await store.Inputs.DatesAsync(InputTable.Profiles, DateRange.All, Token))
            parts.Add(string.Join('\n', await store.Inputs.ProfilesAsync(date, await store.Inputs.ProfileIssuersAsync(date, Token), Token)));
        foreach (var date in await store.Inputs.DatesAsync(InputTable.RiskReports, DateRange.All, Token))
        {
            foreach (var report in await store.Inputs.RiskReportsAsync(date, await store.Inputs.RiskReportPortfoliosAsync(date, Token), Token))
                parts.Add($"{report.PortfolioId} {report.AsOf}: {Numbers(report.RiskMetrics)} {Numbers(report.ExposuresBySector)} {Numbers(report.ExposuresByFactor)}");
        }
        Assert.True(parts.Count > 8, "there is hardly anything to compare");
        return string.Join('\n', parts);

        static string Numbers(IReadOnlyDictionary<string, double> numbers) => string.Join(',', numbers.Select(number => FormattableString.Invariant($"{number.Key}={number.Value:R}")));
    }

    private static string Text(PriceSeries prices) => string.Join('\n', Enumerable.Range(0, prices.Count).Select(i => FormattableString.Invariant(
        $"{prices.Days.Span[i]} {prices.Open.Span[i]:R} {prices.High.Span[i]:R} {prices.Low.Span[i]:R} {prices.Close.Span[i]:R} {prices.AdjustedClose.Span[i]:R} {prices.Volume.Span[i]:R}")));

    private static void Execute(string sql)
    {
        using var database = new DuckDBConnection("DataSource=:memory:");
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
