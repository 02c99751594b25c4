using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Prices;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Conformance.Stores;

/// <summary>What <see cref="IGridInputs"/> promises.</summary>
public abstract class InputsConformance : StoreConformance
{
    private static readonly InputTables s_market = new()
    {
        Markets = [new("US_EQ", "US equities", "US", "America/New_York")],
        Issuers = [new("ISS_B", "CORPORATION", "B, \"the\" company", "Sweden", "Energy", "Oil & Gas"), new("ISS_A", "CORPORATION", "Ä", "", "", "")],
        Instruments =
        [
            new("B2.US", "ISS_B", "US_EQ", "EQUITY", "B2", "NYS", "USD", "ACTIVE"),
            new("B1.US", "ISS_B", "US_EQ", "EQUITY", "B1", "NYS", "USD", "DELISTED"),
        ],
    };

    [Fact]
    public async Task The_universe_has_every_row_of_the_reference_tables()
    {
        await Fixture.SeedAsync(s_market);
        var universe = await (await OpenAsync()).Inputs.ReadUniverseAsync(Token);
        Assert.Equal(s_market.Markets, universe.Markets.Values);
        Assert.Equal(s_market.Issuers.OrderBy(issuer => issuer.IssuerId, StringComparer.Ordinal), universe.Issuers.Values.OrderBy(issuer => issuer.IssuerId, StringComparer.Ordinal));
        Assert.Equal([s_market.Instruments[1], s_market.Instruments[0]], universe.Instruments);
        Assert.Equal("B1.US", universe.RepresentativeOf("ISS_B")!.InstrumentId);
    }

    [Fact]
    public async Task Prices_come_in_the_order_asked_for_and_by_date()
    {
        var inputs = await WithPricesAsync(
            new("B", "2024-01-03", "11.5", "5"), new("A", "2024-01-02", "20", "6"), new("B", "2024-01-02", "10.25", "0"), new("B", "2023-12-29", "9", "1"));
        var prices = await inputs.PricesAsync(["B", "Z", "A", "B"], new DateRange(Date("2024-01-01"), Date("2024-01-03")), Token);
        Assert.Equal(["B", "Z", "A", "B"], prices.Select(series => series.InstrumentId));
        Assert.Equal([2, 0, 1, 2], prices.Select(series => series.Count));
        Assert.Equal([Date("2024-01-02").DayNumber, Date("2024-01-03").DayNumber], prices[0].Days.ToArray());
        Assert.Equal([10.25, 11.5], prices[0].Close.ToArray());
        Assert.Equal([0, 5], prices[0].Volume.ToArray());
    }

    [Theory]
    [InlineData(1, new double[] { 13 })]
    [InlineData(2, new double[] { 12, 13 })]
    [InlineData(5, new double[] { 11, 12, 13 })]
    public async Task Of_the_days_in_range_the_last_ones_are_read(int mostDays, double[] closes)
    {
        var inputs = await WithPricesAsync(
            new("A", "2024-01-02", "11", "1"), new("A", "2024-01-03", "12", "1"), new("A", "2024-01-04", "13", "1"), new("A", "2024-01-05", "14", "1"));
        DateRange range = new(Date("2024-01-01"), Date("2024-01-04"));
        var prices = (await inputs.PricesAsync(["A"], new PriceWindow(range, mostDays), Token))[0];
        Assert.Equal(closes, prices.Close.ToArray());
        Assert.Equal(Date("2024-01-04").DayNumber, prices.Days.Span[^1]);
    }

    [Fact]
    public async Task A_price_that_the_table_lacks_is_NaN()
    {
        var inputs = await WithPricesAsync(
            new("A", "2024-01-02", "20", "6"), new("A", "2024-01-03", "21", "7", Open: "20.5", High: "22", Low: "19", AdjustedClose: "10.5"));
        var prices = (await inputs.PricesAsync(["A"], AllDates, Token))[0];
        Assert.Equal([double.NaN, 20.5], prices.Open.ToArray());
        Assert.Equal([double.NaN, 22], prices.High.ToArray());
        Assert.Equal([double.NaN, 19], prices.Low.ToArray());
        // One hole among adjusted closes is no price of that day: the close would be a jump by the factor of the adjustment.
        Assert.Equal([double.NaN, 10.5], prices.AdjustedClose.ToArray());
    }

    [Theory]
    [InlineData("0.1")]
    [InlineData("123456.789012")]
    [InlineData("17.999999999999998")]
    [InlineData("1e-7")]
    [InlineData("9007199254740993")]
    public async Task Prices_are_the_doubles_that_the_text_means(string text)
    {
        var inputs = await WithPricesAsync(new PriceInput("A", "2024-01-02", text, text));
        var prices = (await inputs.PricesAsync(["A"], AllDates, Token))[0];
        double expected = double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal((expected, expected), (prices.Close.Span[0], prices.Volume.Span[0]));
    }

    [Theory]
    [InlineData("NaN", "5", "close")]
    [InlineData("Infinity", "5", "close")]
    [InlineData("-3.5", "5", "close")]
    [InlineData("0", "5", "close")]
    [InlineData("20", "-1", "volume")]
    [InlineData("20", "NaN", "volume")]
    public async Task A_price_that_cannot_be_is_refused_with_its_column(string close, string volume, string column)
    {
        var inputs = await WithPricesAsync(new("A", "2024-01-02", "20", "6"), new("A", "2024-01-03", close, volume));
        var error = await Assert.ThrowsAsync<BadInputException>(() => inputs.PricesAsync(["A"], AllDates, Token));
        Assert.Contains(column, error.Message, StringComparison.Ordinal);
        Assert.Contains("prices_daily", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dates_are_those_of_the_range_in_order()
    {
        await Fixture.SeedAsync(s_market with
        {
            Prices = [new("A", "2024-01-03", "1", "1"), new("B", "2024-01-02", "1", "1"), new("B", "2024-01-03", "1", "1"), new("B", "2025-01-03", "1", "1")],
            Profiles = [new("ISS_A", "2023-06-30", "{}"), new("ISS_B", "2022-06-30", "{}"), new("ISS_B", "2023-06-30", "{}")],
            RiskReports = [new("P", "2023-07-01", "{}")],
            Positions = [new("P", "2023-08-01", "A", "1")],
        });
        var inputs = (await OpenAsync()).Inputs;
        Assert.Equal([Date("2024-01-02"), Date("2024-01-03")], await inputs.DatesAsync(InputTable.Prices, new DateRange(Date("2024-01-01"), Date("2024-12-31")), Token));
        Assert.Equal([Date("2022-06-30"), Date("2023-06-30")], await inputs.DatesAsync(InputTable.Profiles, AllDates, Token));
        Assert.Equal([Date("2023-07-01")], await inputs.DatesAsync(InputTable.RiskReports, AllDates, Token));
        Assert.Equal([Date("2023-08-01")], await inputs.DatesAsync(InputTable.Positions, AllDates, Token));
        Assert.Empty(await inputs.DatesAsync(InputTable.Profiles, DateRange.On(Date("2023-06-29")), Token));
    }

    [Fact]
    public async Task The_latest_date_of_an_owner_is_the_last_in_the_range_that_has_its_rows()
    {
        await Fixture.SeedAsync(s_market with
        {
            Profiles = [new("ISS_A", "2023-06-30", "{}"), new("ISS_B", "2022-06-30", "{}"), new("ISS_B", "2024-06-30", "{}")],
            RiskReports = [new("P", "2023-07-01", "{}"), new("P", "2023-08-01", "{}"), new("Q", "2023-09-01", "{}")],
            Positions = [new("P", "2023-08-01", "A", "1"), new("P", "2023-08-01", "B", "1"), new("Q", "2023-08-02", "A", "1")],
        });
        var inputs = (await OpenAsync()).Inputs;
        Task<DateOnly?> Latest(InputTable table, string owner, DateRange range) => inputs.LatestAsync(table, owner, range, Token);
        Assert.Equal(Date("2024-06-30"), await Latest(InputTable.Profiles, "ISS_B", AllDates));
        Assert.Equal(Date("2022-06-30"), await Latest(InputTable.Profiles, "ISS_B", new DateRange(Date("2020-01-01"), Date("2024-06-29"))));
        Assert.Equal(Date("2023-08-01"), await Latest(InputTable.RiskReports, "P", AllDates));
        Assert.Equal(Date("2023-07-01"), await Latest(InputTable.RiskReports, "P", new DateRange(Date("2023-07-01"), Date("2023-07-31"))));
        Assert.Equal(Date("2023-08-01"), await Latest(InputTable.Positions, "P", AllDates));
        Assert.Null(await Latest(InputTable.Positions, "P", new DateRange(Date("2023-08-02"), Date("2024-01-01"))));
        Assert.Null(await Latest(InputTable.Positions, "p", AllDates));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Latest(InputTable.Prices, "P", AllDates));
    }

    [Fact]
    public async Task Profiles_are_those_of_the_date_in_ordinal_order()
    {
        await Fixture.SeedAsync(s_market with
        {
            Profiles =
            [
                new("b", "2023-06-30", """{"business_description": "makes \"oil\"", "risk_summary": "weather", "recent_events_summary": "none"}"""),
                new("B", "2023-06-30", """{"business_description": "line one\nline two", "risk_summary": null, "more": {"a": 1}}"""),
                new("C", "2023-06-29", "{}"),
            ],
        });
        var inputs = (await OpenAsync()).Inputs;
        var asOf = Date("2023-06-30");
        Assert.Equal(["B", "b"], await inputs.ProfileIssuersAsync(asOf, Token));
        Assert.Equal(
            [new IssuerProfile("B", asOf, "line one\nline two", "", ""), new IssuerProfile("b", asOf, "makes \"oil\"", "weather", "none")],
            await inputs.ProfilesAsync(asOf, ["b", "C", "B"], Token));
        Assert.Empty(await inputs.ProfilesAsync(asOf, [], Token));
        Assert.Empty(await inputs.ProfileIssuersAsync(Date("2020-01-01"), Token));
    }

    [Fact]
    public async Task Risk_reports_keep_numbers_and_booleans()
    {
        await Fixture.SeedAsync(s_market with
        {
            RiskReports =
            [
                new("P2", "2023-06-30", """{"vol": 0.25, "hedged": true, "open": false, "note": "x", "none": null, "list": [1]}""", """{"Energy": -1e-3}""", "{}"),
                new("P1", "2023-06-30", "{}"),
                new("P1", "2023-06-29", "{}"),
            ],
        });
        var inputs = (await OpenAsync()).Inputs;
        Assert.Equal(["P1", "P2"], await inputs.RiskReportPortfoliosAsync(Date("2023-06-30"), Token));
        var report = Assert.Single(await inputs.RiskReportsAsync(Date("2023-06-30"), ["P2", "P3"], Token));
        Assert.Equal(("P2", Date("2023-06-30")), (report.PortfolioId, report.AsOf));
        Assert.Equal(new Dictionary<string, double> { ["vol"] = 0.25, ["hedged"] = 1, ["open"] = 0 }, report.RiskMetrics);
        Assert.Equal(new Dictionary<string, double> { ["Energy"] = -1e-3 }, report.ExposuresBySector);
        Assert.Empty(report.ExposuresByFactor);
    }

    [Fact]
    public async Task Positions_come_by_portfolio_and_instrument()
    {
        await Fixture.SeedAsync(s_market with
        {
            Positions =
            [
                new("Q", "2023-06-30", "A", "0.5"), new("P", "2023-06-30", "b", "-0.25"), new("P", "2023-06-30", "B", "1.25"), new("P", "2023-06-29", "A", "1"),
            ],
        });
        var inputs = (await OpenAsync()).Inputs;
        var asOf = Date("2023-06-30");
        Position[] all = [new("P", asOf, "B", 1.25), new("P", asOf, "b", -0.25), new("Q", asOf, "A", 0.5)];
        Assert.Equal(all, await inputs.PositionsAsync(asOf, null, Token));
        Assert.Equal(all[..2], await inputs.PositionsAsync(asOf, ["P", "R"], Token));
        Assert.Empty(await inputs.PositionsAsync(Date("2020-01-01"), null, Token));
    }

    [Theory]
    [InlineData(InputTable.Prices)]
    [InlineData(InputTable.Profiles)]
    [InlineData(InputTable.RiskReports)]
    [InlineData(InputTable.Positions)]
    public async Task The_version_of_a_table_changes_with_its_rows_and_not_without(InputTable table)
    {
        var one = s_market with
        {
            Prices = [new("A", "2024-01-03", "1", "1")],
            Profiles = [new("ISS_A", "2023-06-30", "{}")],
            RiskReports = [new("P", "2023-07-01", "{}")],
            Positions = [new("P", "2023-08-01", "A", "1")],
        };
        await Fixture.SeedAsync(one);
        var inputs = (await OpenAsync()).Inputs;
        string before = await inputs.VersionAsync(table, Token);
        Assert.Equal(before, await inputs.VersionAsync(table, Token));
        Assert.Equal(before, await (await OpenAsync()).Inputs.VersionAsync(table, Token));

        await Fixture.SeedAsync(one with
        {
            Prices = [.. one.Prices, new("A", "2024-01-04", "1", "1")],
            Profiles = [.. one.Profiles, new("ISS_B", "2023-06-30", "{}")],
            RiskReports = [.. one.RiskReports, new("Q", "2023-07-01", "{}")],
            Positions = [.. one.Positions, new("Q", "2023-08-01", "A", "1")],
        });
        Assert.NotEqual(before, await inputs.VersionAsync(table, Token));
    }

    [Fact]
    public async Task What_prices_lack_is_said_once_they_have_been_read()
    {
        var inputs = await WithPricesAsync(
            new("B1.US", "2024-01-02", "20", "6", AdjustedClose: "10"), new("B1.US", "2024-01-03", "21", "7"), new("B1.US", "2024-01-04", "21", "7", AdjustedClose: "10.5"),
            new("B2.US", "2024-01-02", "5", "1"), new("b1 us", "2024-01-05", "9", "1"), new("Z", "2024-01-02", "9", "1", AdjustedClose: "9"));
        await inputs.PricesAsync(["B1.US", "B2.US"], AllDates, Token);
        await inputs.PricesAsync(["B1.US"], AllDates, Token);
        var notes = (await inputs.NotesAsync(Token)).ToDictionary(note => note.What);
        var hole = notes["rows without an adjusted_close among adjusted ones, which are no price of that day"];
        Assert.Equal(("prices_daily", 1), (hole.Table, hole.Count));
        Assert.Equal(["B1.US on 2024-01-03"], hole.Examples);
        Assert.Contains("B2.US", notes["instruments without any adjusted_close, whose closes are taken as adjusted"].Examples);
        var unknown = notes["rows of an instrument_id that instruments does not have"];
        Assert.Equal(2, unknown.Count);
        Assert.Equal(["b1 us (did you mean B1.US?)", "Z"], unknown.Examples);
    }

    [Fact]
    public async Task Prices_that_are_whole_leave_nothing_to_say()
    {
        var inputs = await WithPricesAsync(new("B1.US", "2024-01-02", "20", "6", AdjustedClose: "10"), new("B2.US", "2024-01-02", "5", "1", AdjustedClose: "5"));
        await inputs.PricesAsync(["B1.US", "B2.US", "nobody"], AllDates, Token);
        Assert.Empty(await inputs.NotesAsync(Token));
    }

    [Fact]
    public async Task A_cancelled_read_ends()
    {
        var inputs = await WithPricesAsync(new PriceInput("A", "2024-01-02", "1", "1"));
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => inputs.PricesAsync(["A"], AllDates, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => inputs.ReadUniverseAsync(cancelled));
    }

    private async Task<IGridInputs> WithPricesAsync(params PriceInput[] prices)
    {
        await Fixture.SeedAsync(s_market with { Prices = prices });
        return (await OpenAsync()).Inputs;
    }
}
