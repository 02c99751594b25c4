using System.IO.Compression;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Storage.Postgres.Tests;

public sealed class ImportTests(ServerFixture server) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("grid-import-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tables_are_loaded_and_a_second_time_change_nothing()
    {
        (var store, _) = await server.OpenAsync();
        await using var _store = store;
        foreach (string file in Golden.Tables)
            File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
        var first = await store.ImportTablesAsync(_folder, Token);
        Assert.Equal(
            [("markets", 2), ("issuers", 14), ("instruments", 15), ("prices_daily", 3013), ("profiles", 13), ("portfolio_risk_reports", 20)],
            first.Select(import => (import.Table, import.Rows)));
        Assert.All(first, import => Assert.Equal(import.Rows, import.Written));
        var prices = (await store.Inputs.PricesAsync(["S05.US"], new DateRange(new DateOnly(2023, 6, 1), new DateOnly(2023, 6, 5)), Token))[0];
        Assert.Equal([19.68, 19.29, 19.3], prices.Close.ToArray());
        Assert.StartsWith("The company makes turbines, and sells", Assert.Single(await store.Inputs.ProfilesAsync(Golden.AsOf, ["ISS_00"], Token)).Document, StringComparison.Ordinal);
        Assert.All(await store.ImportTablesAsync(_folder, Token), import => Assert.Equal(0, import.Written));
    }

    [Fact]
    public async Task The_real_tables_are_loaded_and_a_second_time_change_nothing()
    {
        (var store, _) = await server.OpenAsync();
        await using var _store = store;
        string folder = RealTables(prices: 5_000);
        string before = await store.Inputs.VersionAsync(InputTable.Prices, Token);
        var first = await store.ImportTablesAsync(folder, Token);
        Assert.Equal(
            ["markets", "issuers", "instruments", "prices_daily", "profiles", "portfolio_risk_reports", "portfolio_positions"], first.Select(import => import.Table));
        Assert.All(first, import => Assert.Equal(import.Rows, import.Written));
        Assert.Equal(5_000, first[3].Rows);
        string loaded = await store.Inputs.VersionAsync(InputTable.Prices, Token);
        Assert.NotEqual(before, loaded);

        var universe = await store.Inputs.ReadUniverseAsync(Token);
        Assert.Equal(587, universe.Issuers.Count);
        var prices = (await store.Inputs.PricesAsync(["AA.US"], new DateRange(new DateOnly(2020, 1, 2), new DateOnly(2020, 1, 3)), Token))[0];
        Assert.Equal([21.42, 21.5], prices.Close.ToArray());
        Assert.Equal(306, (await store.Inputs.RiskReportPortfoliosAsync(Samples.AsOf, Token)).Count);
        Assert.NotEmpty(await store.Inputs.PositionsAsync(Samples.AsOf, null, Token));

        Assert.All(await store.ImportTablesAsync(folder, Token), import => Assert.Equal(0, import.Written));
    }

    [Fact]
    public async Task A_correction_replaces_its_row_and_positions_that_are_gone_go()
    {
        (var store, _) = await server.OpenAsync();
        await using var _store = store;
        Write("portfolio_positions", "portfolio_id,as_of_date,instrument_id,weight", "P,2023-11-30,A,0.5", "P,2023-11-30,B,0.5", "Q,2023-11-30,A,1");
        Write("profiles", "issuer_id,as_of_date,business_description,risk_summary,recent_events_summary", "I,2023-11-30,\"makes, \"\"things\"\"\",,");
        Write("portfolio_risk_reports", "portfolio_id,as_of_date,risk_metrics,exposures_by_sector,exposures_by_factor", "P,2023-11-30,\"{\"\"a\"\": 1}\",{},{}");
        await store.ImportTablesAsync(_folder, Token);
        Write("portfolio_positions", "portfolio_id,as_of_date,instrument_id,weight", "P,2023-11-30,A,0.75");
        Write("portfolio_risk_reports", "portfolio_id,as_of_date,risk_metrics,exposures_by_sector,exposures_by_factor", "P,2023-11-30,\"{\"\"a\"\": 2}\",{},{}");
        var second = await store.ImportTablesAsync(_folder, Token);
        Assert.Equal(
            [new TableImport("profiles", 1, 0), new TableImport("portfolio_risk_reports", 1, 1), new TableImport("portfolio_positions", 1, 2)], second);
        Assert.Equal([("P", 0.75), ("Q", 1)], (await store.Inputs.PositionsAsync(Samples.AsOf, null, Token)).Select(p => (p.PortfolioId, p.Weight)));
        Assert.Equal(2, Assert.Single(await store.Inputs.RiskReportsAsync(Samples.AsOf, ["P"], Token)).RiskMetrics["a"]);
        Assert.Equal("makes, \"things\"", Assert.Single(await store.Inputs.ProfilesAsync(Samples.AsOf, ["I"], Token)).Document);
    }

    [Theory]
    [InlineData("A,2020-01-02,NaN,5", "line 3, close is 'NaN'")]
    [InlineData("A,2020-01-02,-1,5", "line 3, close is '-1'")]
    [InlineData("A,2020-01-02,,5", "line 3, close is ''")]
    [InlineData("A,2020-01-02,12,-5", "line 3, volume is '-5'")]
    [InlineData("A,2020-01-02,abc,5", "line 3, close is 'abc'")]
    [InlineData("A,2020-01-02,12", "line 3, row is '3 fields'")]
    [InlineData("A,02/01/2020,12,5", "line 3, trade_date is '02/01/2020'")]
    [InlineData("A,2020-02-30,12,5", "line 3, trade_date is '2020-02-30'")]
    [InlineData(",2020-01-02,12,5", "line 3, instrument_id is ''")]
    [InlineData("A ,2020-01-02,12,5", "line 3, instrument_id is 'A '")]
    [InlineData("A\"B,2020-01-02,12,5", "line 3, row is 'A\"B")]
    [InlineData("Z,2020-01-02,12,5", "line 3, instrument_id, trade_date is 'Z, 2020-01-02'")]
    public async Task A_bad_row_is_named_and_nothing_is_loaded(string row, string named)
    {
        (var store, string database) = await server.OpenAsync();
        await using var _store = store;
        Write("markets", "market_id,name,region,timezone", "M,m,US,UTC");
        Write("prices_daily", "instrument_id,trade_date,close,volume", "Z,2020-01-02,1,1", row);
        var error = await Assert.ThrowsAsync<BadInputException>(() => store.ImportTablesAsync(_folder, Token));
        Assert.Contains("prices_daily.csv", error.Message, StringComparison.Ordinal);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.Equal(0L, await ServerFixture.SqlAsync(database, "SELECT count(*) FROM markets"));
    }

    [Fact]
    public async Task A_missing_column_and_an_empty_folder_are_named()
    {
        (var store, _) = await server.OpenAsync();
        await using var _store = store;
        await Assert.ThrowsAsync<NotFoundException>(() => store.ImportTablesAsync(_folder, Token));
        Write("prices_daily", "instrument_id,trade_date,close", "A,2020-01-02,1");
        var error = await Assert.ThrowsAsync<BadInputException>(() => store.ImportTablesAsync(_folder, Token));
        Assert.Contains("volume", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_rows_are_passed_over_counted_and_named_where_that_is_asked_for()
    {
        (var store, _) = await server.OpenAsync();
        await using var _store = store;
        Write("instruments", "instrument_id,issuer_id,market_id,asset_class,symbol,exchange,currency,status", "A,I,M,EQUITY,A,X,USD,ACTIVE");
        Write(
            "prices_daily", "instrument_id,trade_date,close,volume", "A,2020-01-02,1,1", "A,2020-01-03,NaN,1", "A,2020-01-02,2,1", "a,2020-01-04,3,1", "A,2020-01-05 09:30,3,1");
        var import = (await store.ImportTablesAsync(_folder, BadRowPolicy.Skip, Token))[1];
        Assert.Equal((2, 2), (import.Rows, import.Written));
        Assert.Equal(
            [
                ("bad rows passed over, close is not a finite number above 0", 1),
                ("bad rows passed over, instrument_id, trade_date is not a key that no row before has", 1),
                ("bad rows passed over, trade_date is not a date as yyyy-MM-dd, for example 2023-11-30", 1),
                ("no column adjusted_close: closes are taken as adjusted for splits and dividends", 1),
                ("rows of an instrument_id that instruments does not have", 1),
            ],
            import.Notes.Select(note => (note.What, note.Count)).Order());
        Assert.Equal(["a (did you mean A?)"], import.Notes[^1].Examples);
        var prices = await store.Inputs.PricesAsync(["A"], DateRange.All, Token);
        Assert.Equal([1.0], prices[0].Close.ToArray());
    }

    [Fact]
    public async Task A_cut_archive_loads_nothing_and_deletes_nothing()
    {
        (var store, _) = await server.OpenAsync();
        await using var _store = store;
        string[] lines = [.. Enumerable.Range(0, 400).Select(i => $"P{i / 20:00},2023-11-30,I{i:000},0.{i:000}1")];
        Write("portfolio_positions", ["portfolio_id,as_of_date,instrument_id,weight", .. lines]);
        byte[] text = await File.ReadAllBytesAsync(Path.Combine(_folder, "portfolio_positions.csv"), Token);
        await store.ImportTablesAsync(_folder, Token);
        File.Delete(Path.Combine(_folder, "portfolio_positions.csv"));
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            await gzip.WriteAsync(text, Token);
        foreach (byte[] spoiled in (byte[][])[packed.ToArray()[..((int)packed.Length / 2)], packed.ToArray()[..^8], [.. packed.ToArray(), .. "P99,2023-11-30,I,1\n"u8]])
        {
            await File.WriteAllBytesAsync(Path.Combine(_folder, "portfolio_positions.csv.gz"), spoiled, Token);
            var error = await Assert.ThrowsAsync<BadInputException>(() => store.ImportTablesAsync(_folder, Token));
            Assert.Contains("a whole gzip file", error.Message, StringComparison.Ordinal);
            Assert.Equal(400, (await store.Inputs.PositionsAsync(Samples.AsOf, null, Token)).Count);
        }
    }

    [Fact]
    public async Task Quotes_are_those_of_the_folder()
    {
        (var store, _) = await server.OpenAsync();
        await using var _store = store;
        const string Header = "issuer_id,issuer_type,name,country,sector,industry";
        Write("issuers", Header, "ISS_A,CORPORATE,A,US,Tech,Screens of 24\" and", "ISS_B,CORPORATE,B,US,Tech,Frames of 24\"", "ISS_C,CORPORATE,C,US,Tech,x");
        var error = await Assert.ThrowsAsync<BadInputException>(() => store.ImportTablesAsync(_folder, Token));
        Assert.Contains("issuers.csv line 2, row", error.Message, StringComparison.Ordinal);
        Write("issuers", Header, "ISS_A,CORPORATE,\"A \"\"the\"\", Inc\",US,Tech,\"two\nlines\"", "ISS_B,CORPORATE,\\.,US,Tech,\\N");
        await store.ImportTablesAsync(_folder, Token);
        var issuers = (await store.Inputs.ReadUniverseAsync(Token)).Issuers;
        Assert.Equal(("A \"the\", Inc", "two\nlines"), (issuers["ISS_A"].Name, issuers["ISS_A"].Industry));
        Assert.Equal(("\\.", "\\N"), (issuers["ISS_B"].Name, issuers["ISS_B"].Industry));
    }

    [Theory]
    [InlineData("issuer_id,as_of_date,structured\nI,2023-11-30,\"{\"\"risk_summary\"\": \"\"cut \\ud83d\"\"}\"\n", "profiles.csv line 2, structured")]
    [InlineData("issuer_id,as_of_date,structured\nI,2023-11-30,\"{\"\"risk_summary\"\": \"\"nul \\u0000\"\"}\"\n", "profiles.csv line 2, structured")]
    [InlineData("issuer_id,as_of_date,structured\nI,2023-11-30,{\n", "profiles.csv line 2, structured")]
    [InlineData("issuer_id,as_of_date,Structured\nI,2023-11-30,{}\n", "profiles.csv line 1, header is 'Structured'")]
    [InlineData("issuer_id,as_of_date,structured\rI,2023-11-30,{}\r", "profiles.csv line 1, row")]
    public async Task JSON_headers_and_line_ends_are_checked_before_anything_is_loaded(string text, string place)
    {
        (var store, _) = await server.OpenAsync();
        await using var _store = store;
        await File.WriteAllTextAsync(Path.Combine(_folder, "profiles.csv"), text, Token);
        var error = await Assert.ThrowsAsync<BadInputException>(() => store.ImportTablesAsync(_folder, Token));
        Assert.Contains(place, error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>The data folder of real companies, with the first prices only: all of them take most of a minute on a busy machine.</summary>
    private string RealTables(int prices)
    {
        foreach (string file in Directory.EnumerateFiles(TestData.Path("us-equities")).Where(file => !file.Contains("prices_daily", StringComparison.Ordinal)))
            File.CreateSymbolicLink(Path.Combine(_folder, Path.GetFileName(file)), Path.GetFullPath(file));
        using var all = new StreamReader(new GZipStream(File.OpenRead(TestData.Path("us-equities", "prices_daily.csv.gz")), CompressionMode.Decompress));
        using var first = new StreamWriter(new GZipStream(File.Create(Path.Combine(_folder, "prices_daily.csv.gz")), CompressionLevel.Fastest));
        for (int line = 0; line <= prices; line++)
            first.WriteLine(all.ReadLine());
        return _folder;
    }

    private void Write(string table, params string[] lines) => File.WriteAllText(Path.Combine(_folder, table + ".csv"), string.Join('\n', lines) + "\n");
}
