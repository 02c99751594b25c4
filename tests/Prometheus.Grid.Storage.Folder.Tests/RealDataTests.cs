using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Tests;
using Xunit;

namespace Prometheus.Grid.Storage.Folder.Tests;

/// <summary>The real data set, read as it lies there.</summary>
public sealed class RealDataTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_table_of_the_equities_folder_is_read()
    {
        string tables = TestData.Path("us-equities");
        using var folder = new TestFolder();
        foreach (string file in Directory.EnumerateFiles(tables))
            File.CreateSymbolicLink(folder.File(Path.GetFileName(file)), file);
        await using var store = await folder.OpenAsync();

        var universe = await store.Inputs.ReadUniverseAsync(Token);
        Assert.Equal(587, universe.Issuers.Count);
        Assert.Equal("US", universe.RegionOf("ISS_AAPL"));
        var all = new DateRange(DateOnly.MinValue, DateOnly.MaxValue);
        string[] ids = [.. universe.Instruments.Select(instrument => instrument.InstrumentId)];
        var prices = await store.Inputs.PricesAsync(ids, all, Token);
        Assert.Equal(609_435, prices.Sum(series => series.Count));
        var aa = prices[Array.IndexOf(ids, "AA.US")];
        Assert.Equal(new DateOnly(2020, 1, 2).DayNumber, aa.Days.Span[0]);
        Assert.Equal(
            (21.860001, 21.860001, 21.315001, 21.42, 20.890646, 3062500),
            (aa.Open.Span[0], aa.High.Span[0], aa.Low.Span[0], aa.Close.Span[0], aa.AdjustedClose.Span[0], aa.Volume.Span[0]));
        Assert.Equal([new DateOnly(2022, 6, 30), new DateOnly(2023, 11, 30)], await store.Inputs.DatesAsync(InputTable.Profiles, all, Token));
        Assert.Equal(306, (await store.Inputs.RiskReportPortfoliosAsync(new DateOnly(2023, 11, 30), Token)).Count);
        Assert.NotEmpty(await store.Inputs.PositionsAsync(new DateOnly(2023, 11, 30), ["PF_D_0001"], Token));
    }
}
