using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Tests.Fakes;

namespace Prometheus.Grid.Core.Tests.Encoders;

/// <summary>The prices say who was listed on a date, and which days have a price.</summary>
public sealed class ListedByPricesTests
{
    private const int Issuers = 30, Days = 300;

    public static TheoryData<string> Models => ["num-profile-core-v2", "num-regime-core-v2"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Models))]
    public async Task What_has_not_traded_for_longer_than_the_model_allows_has_no_vector(string modelId)
    {
        var store = FactorMarket.Create(Issuers, Days);
        var asOf = FactorMarket.Day(store, Days - 1);
        var ended = store.Prices["S000"];
        // 22 weekdays before a Friday are 30 calendar days, 40 are 56.
        store.Prices["S000"] = ended.Slice(0, Days - 22);
        store.Prices["S001"] = store.Prices["S001"].Slice(0, Days - 40);
        var report = await BackfillAsync(store, modelId, asOf);
        var skip = Assert.Single(Assert.Single(report.Days).Skipped);
        Assert.Equal(("S001", "no recent trade"), (skip.EntityId, skip.Reason.Code));
        Assert.Contains($"last trade {DateRange.Text(FactorMarket.Day(FactorMarket.Create(1, Days), Days - 41))}", skip.Reason.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task What_is_delisted_today_has_its_vectors_of_the_past_and_is_not_complained_of_later(string modelId)
    {
        var store = FactorMarket.Create(Issuers, Days);
        store.Prices["S002"] = store.Prices["S002"].Slice(0, Days - 60);
        store.Instruments[2] = store.Instruments[2] with { Status = "DELISTED" };
        store.Instruments[3] = store.Instruments[3] with { AssetClass = "Common Stock" };
        var before = Assert.Single((await BackfillAsync(store, modelId, FactorMarket.Day(store, Days - 61))).Days);
        Assert.Equal(Issuers - 1, before.Written);
        var after = Assert.Single((await BackfillAsync(store, modelId, FactorMarket.Day(store, Days - 1))).Days);
        Assert.Equal(Issuers - 2, after.Written);
        Assert.All(
            (BackfillDay[])[before, after],
            day => Assert.Equal(("S003", "not an active equity (asset_class EQUITY and status ACTIVE)"), (Assert.Single(day.Skipped).EntityId, day.Skipped[0].Reason.Code)));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task An_empty_adjusted_close_among_adjusted_ones_is_no_price_of_that_day(string modelId)
    {
        const int Hole = Days - 30;
        MemoryStore sound = FactorMarket.Create(Issuers, Days), hole = FactorMarket.Create(Issuers, Days), halted = FactorMarket.Create(Issuers, Days);
        foreach (var store in (MemoryStore[])[sound, hole, halted])
        {
            var series = store.Prices["S000"];
            double[] adjusted = [.. series.Close.ToArray().Select(close => close / 4)], volume = series.Volume.ToArray();
            if (store == hole)
                adjusted[Hole] = double.NaN;
            if (store == halted)
                volume[Hole] = 0;
            store.Prices["S000"] = series with { AdjustedClose = adjusted, Volume = volume };
        }
        var asOf = FactorMarket.Day(sound, Days - 1);
        float[] whole = (await V2.PricesAsync(sound, modelId, asOf))["S000"], actual = (await V2.PricesAsync(hole, modelId, asOf))["S000"];
        // As a halt, whose price counts as none: the same but for the volume that the day had.
        Assert.InRange(V2.Cosine((await V2.PricesAsync(halted, modelId, asOf))["S000"], actual), 0.9999, 1.0001);
        // Axes of two fits have no common sign, so only the model without a fit is compared with the whole series.
        if (modelId == "num-regime-core-v2")
            Assert.InRange(V2.Cosine(whole, actual), 0.99, 1.0001);
    }

    [Fact]
    public void Without_any_adjusted_close_the_closes_are_taken_as_adjusted()
    {
        var series = FactorMarket.Create(1, 5).Prices["S000"];
        double[] none = [.. Enumerable.Repeat(double.NaN, 5)], one = [double.NaN, 1, double.NaN, double.NaN, double.NaN];
        Assert.Equal(series.Close.ToArray(), (series with { AdjustedClose = none }).ReturnCloses.ToArray());
        Assert.Equal(one, (series with { AdjustedClose = one }).ReturnCloses.ToArray());
    }

    private static Task<BackfillReport> BackfillAsync(MemoryStore store, string modelId, DateOnly asOf) =>
        new BackfillJob(new BackfillContext(store, Catalogs.Shipped, EncoderRegistry.BuiltIn(2), 2))
            .RunAsync(new NumericBackfill { ModelId = modelId, Dates = new DateRange(asOf, asOf) }, null, Token);
}
