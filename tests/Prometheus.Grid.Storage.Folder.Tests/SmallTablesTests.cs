using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;
using Xunit;

namespace Prometheus.Grid.Storage.Folder.Tests;

/// <summary>What the tables read by row refuse, and how they say so.</summary>
public sealed class SmallTablesTests
{
    private const string Profiles = "issuer_id,as_of_date,business_description,risk_summary,recent_events_summary\n";
    private const string Reports = "portfolio_id,as_of_date,risk_metrics,exposures_by_sector,exposures_by_factor\n";
    private static readonly DateOnly s_date = new(2023, 11, 30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("markets", "market_id,name,region,timezone\nUS,a,b,c\nUS,a,b,c\n", "line 3, market_id is 'US'")]
    [InlineData("markets", "market_id,name,region\n", "line 1, header is 'market_id,name,region'; allowed: a header with column timezone")]
    [InlineData("markets", "", "line 1, header")]
    [InlineData("markets", "market_id,name,region,timezone\nUS,a,b\n", "line 2, row is '3 fields'; allowed: 4 fields")]
    [InlineData("markets", "market_id,name,region,timezone\n,a,b,c\n", "line 2, market_id is ''")]
    [InlineData("markets", "market_id,name,region,timezone,name\n", "line 1, header is 'name'; allowed: each column once")]
    [InlineData("markets", "market_id,name,region,timezone\nUS,\"a\nb\",c,d\nSE,x\"y,c,d\n", "line 4, row")]
    public async Task A_bad_reference_table_is_refused(string table, string content, string expected)
    {
        using var folder = Universe().With(table + ".csv", content);
        await AssertRefusedAsync(folder, $"{table}.csv {expected}", inputs => inputs.ReadUniverseAsync(Token));
    }

    [Theory]
    [InlineData(Profiles + "A,2023-11-31,a,b,c\n", "profiles.csv line 2, as_of_date is '2023-11-31'; allowed: a date as yyyy-MM-dd")]
    [InlineData(Profiles + "A,2023-11-30,\"a\nb\",b,c\nA,2023-11-30,a,b,c\n", "profiles.csv line 4, issuer_id, as_of_date is 'A, 2023-11-30'")]
    [InlineData(Profiles + "A,2023-11-30,\"never closed\n", "profiles.csv line 2, row")]
    [InlineData("issuer_id,as_of_date,business_description,risk_summary\n", "recent_events_summary")]
    [InlineData("issuer_id,as_of_date,structured\nA,2023-11-30,{\n", "profiles.csv line 2, structured is '{'; allowed: a JSON object")]
    [InlineData("issuer_id,as_of_date,structured\nA,2023-11-30,[]\n", "profiles.csv line 2, structured is '[]'")]
    public async Task A_bad_profile_is_refused(string content, string expected)
    {
        using var folder = new TestFolder().With("profiles.csv", content);
        await AssertRefusedAsync(folder, expected, inputs => inputs.ProfilesAsync(s_date, ["A"], Token));
    }

    [Theory]
    [InlineData(Reports + "P,2023-11-30,{\"\"a\"\": 1,{},{}\n", "portfolio_risk_reports.csv line 2, row")]
    [InlineData(Reports + "P,2023-11-30,nonsense,{},{}\n", "portfolio_risk_reports.csv line 2, risk_metrics is 'nonsense'")]
    [InlineData(Reports + "P,2023-11-30,{},\"{\"\"a\"\": 1e999}\",{}\n", "portfolio_risk_reports.csv line 2, exposures_by_sector a is '1e999'")]
    [InlineData(Reports + "P,2023-11-30,{},{},\"{\"\"a\"\": NaN}\"\n", "portfolio_risk_reports.csv line 2, exposures_by_factor")]
    [InlineData(Reports + "P,2023-11-30,{},{},{}\nP,2023-11-30,{},{},{}\n", "portfolio_risk_reports.csv line 3, portfolio_id, as_of_date is 'P, 2023-11-30'")]
    public async Task A_bad_report_is_refused(string content, string expected)
    {
        using var folder = new TestFolder().With("portfolio_risk_reports.csv", content);
        await AssertRefusedAsync(folder, expected, inputs => inputs.RiskReportsAsync(s_date, ["P"], Token));
    }

    [Theory]
    [InlineData("P,2023-11-30,A,NaN\n", "portfolio_positions.csv line 2, weight is 'NaN'")]
    [InlineData("P,2023-11-30,A,x\n", "portfolio_positions.csv line 2, weight is 'x'")]
    [InlineData("P,2023-11-30,A,1\nP,2023-11-30,A,2\n", "portfolio_positions.csv line 3, portfolio_id, as_of_date, instrument_id")]
    public async Task A_bad_position_is_refused(string rows, string expected)
    {
        using var folder = new TestFolder().With("portfolio_positions.csv", "portfolio_id,as_of_date,instrument_id,weight\n" + rows);
        await AssertRefusedAsync(folder, expected, inputs => inputs.PositionsAsync(s_date, null, Token));
    }

    [Fact]
    public async Task Text_that_is_no_UTF8_is_refused()
    {
        using var folder = new TestFolder();
        await File.WriteAllBytesAsync(folder.File("profiles.csv"), [.. "issuer_id,as_of_date,structured\nA,2023-11-30,"u8, 0xC3, 0x28], Token);
        await AssertRefusedAsync(folder, "profiles.csv line", inputs => inputs.ProfilesAsync(s_date, ["A"], Token));
    }

    [Fact]
    public async Task A_field_without_end_does_not_fill_the_memory()
    {
        using var folder = new TestFolder().With("profiles.csv", Profiles + "A,2023-11-30,\"" + new string('x', 20_000_000));
        long before = GC.GetTotalAllocatedBytes(precise: true);
        await AssertRefusedAsync(folder, "profiles.csv line 2, row", inputs => inputs.ProfilesAsync(s_date, ["A"], Token));
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 100_000_000);
    }

    [Fact]
    public async Task A_missing_table_is_named_and_only_positions_may_be_missing()
    {
        using var folder = new TestFolder();
        await AssertRefusedAsync(folder, "markets.csv is 'missing'", inputs => inputs.ReadUniverseAsync(Token));
        await AssertRefusedAsync(folder, "profiles.csv is 'missing'", inputs => inputs.ProfileIssuersAsync(s_date, Token));
        await AssertRefusedAsync(folder, "portfolio_risk_reports.csv is 'missing'", inputs => inputs.RiskReportPortfoliosAsync(s_date, Token));
        await using var store = await folder.OpenAsync();
        Assert.Empty(await store.Inputs.PositionsAsync(s_date, null, Token));
        Assert.Empty(await store.Inputs.DatesAsync(InputTable.Positions, DateRange.On(s_date), Token));
    }

    [Fact]
    public async Task A_missing_folder_is_named_with_what_to_do()
    {
        var error = await Assert.ThrowsAsync<BadInputException>(() => FolderStore.OpenAsync("/no/such/folder", null, Token));
        Assert.Contains("/no/such/folder", error.Message, StringComparison.Ordinal);
        Assert.Contains("grid demo", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_that_changes_is_read_again()
    {
        using var folder = new TestFolder().With("profiles.csv", Profiles + "A,2023-11-30,one,,\n");
        await using var store = await folder.OpenAsync();
        Assert.Equal("one", (await store.Inputs.ProfilesAsync(s_date, ["A"], Token))[0].BusinessDescription);
        folder.With("profiles.csv", Profiles + "A,2023-11-30,another,,\n");
        var profile = Assert.Single(await store.Inputs.ProfilesAsync(s_date, ["A"], Token));
        Assert.Equal("another", profile.BusinessDescription);
    }

    private static TestFolder Universe() => new TestFolder()
        .With("markets.csv", "market_id,name,region,timezone\nUS,a,b,c\n")
        .With("issuers.csv", "issuer_id,issuer_type,name,country,sector,industry\n")
        .With("instruments.csv", "instrument_id,issuer_id,market_id,asset_class,symbol,exchange,currency,status\n");

    private static async Task AssertRefusedAsync(TestFolder folder, string expected, Func<IGridInputs, Task> read)
    {
        await using var store = await folder.OpenAsync();
        var error = await Assert.ThrowsAsync<BadInputException>(() => read(store.Inputs));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }
}
