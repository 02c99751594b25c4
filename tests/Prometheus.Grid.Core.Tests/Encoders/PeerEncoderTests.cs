using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Prices;
using Prometheus.Grid.Core.Tests.Fakes;

namespace Prometheus.Grid.Core.Tests.Encoders;

public sealed class PeerEncoderTests
{
    private const string ModelId = "num-profile-core-v2";
    private const int Issuers = 32, Days = 340, AsOfIndex = 270;

    [Fact]
    public async Task Issuers_that_share_a_factor_are_nearest()
    {
        var store = FactorMarket.Create(Issuers, Days);
        var vectors = await V2.PricesAsync(store, ModelId, FactorMarket.Day(store, AsOfIndex));
        Assert.Equal(Issuers, vectors.Count);
        foreach ((string id, float[] vector) in vectors)
        {
            string nearest = vectors.Where(other => other.Key != id).MaxBy(other => V2.Cosine(vector, other.Value)).Key;
            Assert.Equal(Number(id) % FactorMarket.Sectors, Number(nearest) % FactorMarket.Sectors);
        }
    }

    [Fact]
    public async Task No_row_after_the_date_can_change_a_vector_or_a_fit()
    {
        MemoryStore store = FactorMarket.Create(Issuers, Days), altered = FactorMarket.Create(Issuers, Days), cut = FactorMarket.Create(Issuers, Days);
        var asOf = FactorMarket.Day(store, AsOfIndex);
        foreach (string id in store.Prices.Keys)
        {
            var series = altered.Prices[id];
            double[] open = series.Open.ToArray(), close = series.Close.ToArray(), adjusted = series.AdjustedClose.ToArray();
            for (int t = AsOfIndex + 1; t < Days; t++)
                (open[t], close[t], adjusted[t]) = (7, 3 + t, 11);
            altered.Prices[id] = series with { Open = open, Close = close, AdjustedClose = adjusted };
            cut.Prices[id] = cut.Prices[id].Slice(0, AsOfIndex + 1);
        }

        var expected = await V2.PricesAsync(store, ModelId, asOf);
        foreach (var other in new[] { altered, cut })
        {
            var actual = await V2.PricesAsync(other, ModelId, asOf);
            Assert.All(expected, pair => Assert.Equal(pair.Value, actual[pair.Key]));
            Assert.Equal(Assert.Single(store.Files).Value, Assert.Single(other.Files).Value);
        }
    }

    [Fact]
    public async Task A_fit_of_a_later_date_is_not_looked_at()
    {
        MemoryStore fresh = FactorMarket.Create(Issuers, Days), used = FactorMarket.Create(Issuers, Days);
        var asOf = FactorMarket.Day(fresh, AsOfIndex);
        await V2.PricesAsync(used, ModelId, FactorMarket.Day(used, Days - 1));
        Dictionary<string, float[]> expected = await V2.PricesAsync(fresh, ModelId, asOf), actual = await V2.PricesAsync(used, ModelId, asOf);
        Assert.All(expected, pair => Assert.Equal(pair.Value, actual[pair.Key]));
    }

    [Fact]
    public async Task The_number_of_cores_does_not_change_a_bit()
    {
        MemoryStore one = FactorMarket.Create(Issuers, Days), many = FactorMarket.Create(Issuers, Days);
        var asOf = FactorMarket.Day(one, AsOfIndex);
        await V2.PricesAsync(one, ModelId, asOf, workers: 1);
        await V2.PricesAsync(many, ModelId, asOf, workers: 7);
        Assert.Equal(one.Files.Single().Value, many.Files.Single().Value);
    }

    [Fact]
    public async Task The_next_fit_is_turned_to_the_axes_of_the_one_before()
    {
        MemoryStore aligned = FactorMarket.Create(Issuers, Days), alone = FactorMarket.Create(Issuers, Days);
        DateOnly before = FactorMarket.Day(aligned, AsOfIndex), after = FactorMarket.Day(aligned, AsOfIndex + 40);
        var then = await V2.PricesAsync(aligned, ModelId, before);
        Dictionary<string, float[]> now = await V2.PricesAsync(aligned, ModelId, after), unturned = await V2.PricesAsync(alone, ModelId, after);

        Assert.All(now, pair => Assert.InRange(V2.Cosine(pair.Value, then[pair.Key]), 0.8, 1));
        // Turning the axes changes no answer of the date itself.
        Assert.All(now, pair => Assert.Equal(
            V2.Cosine(unturned[pair.Key], unturned["S000"]), V2.Cosine(pair.Value, now["S000"]), 1e-5));
    }

    [Fact]
    public async Task A_split_in_the_adjusted_close_is_no_return()
    {
        MemoryStore store = FactorMarket.Create(Issuers, Days), split = FactorMarket.Create(Issuers, Days);
        var asOf = FactorMarket.Day(store, AsOfIndex);
        var series = split.Prices["S005"];
        // Four for one on day 200: prices as traded are quartered from then on, adjusted closes go on as if nothing had happened.
        double[] Quartered(ReadOnlyMemory<double> prices) => [.. prices.ToArray().Select((price, t) => t >= 200 ? price / 4 : price)];
        split.Prices["S005"] = series with
        {
            Open = Quartered(series.Open),
            High = Quartered(series.High),
            Low = Quartered(series.Low),
            Close = Quartered(series.Close),
        };
        float[] expected = (await V2.PricesAsync(store, ModelId, asOf))["S005"], actual = (await V2.PricesAsync(split, ModelId, asOf))["S005"];
        Assert.InRange(V2.Cosine(expected, actual), 1 - 1e-6, 1);
    }

    [Fact]
    public async Task One_jump_does_not_make_another_company()
    {
        var store = FactorMarket.Create(Issuers, Days);
        var series = store.Prices["S005"];
        double[] Tripled(ReadOnlyMemory<double> prices) => [.. prices.ToArray().Select((price, t) => t >= 200 ? 3 * price : price)];
        var jumped = series with
        {
            Open = Tripled(series.Open),
            High = Tripled(series.High),
            Low = Tripled(series.Low),
            Close = Tripled(series.Close),
            AdjustedClose = Tripled(series.AdjustedClose),
        };
        Assert.InRange(await CosineAsync(store, series, jumped), 0.99, 1);
    }

    [Fact]
    public async Task A_halt_leaves_holes_and_a_late_listing_is_encoded_from_what_it_has()
    {
        var store = FactorMarket.Create(Issuers, Days);
        var series = store.Prices["S005"];
        double[] volume = series.Volume.ToArray();
        volume.AsSpan(250, 20).Clear();
        Assert.InRange(await CosineAsync(store, series, series with { Volume = volume }), 0.95, 1);
        Assert.InRange(await CosineAsync(store, series, series.Slice(110, Days - 110)), 0.7, 1);
    }

    [Fact]
    public async Task Too_little_history_is_skipped_with_the_numbers()
    {
        var store = FactorMarket.Create(Issuers, Days);
        store.Prices["S007"] = store.Prices["S007"].Slice(AsOfIndex - 99, 100);
        var asOf = FactorMarket.Day(store, AsOfIndex);
        var encoder = await V2.PriceEncoderAsync(store, ModelId, asOf);
        var skip = encoder.Encode(store.Prices["S007"], new float[encoder.Dimension]);
        Assert.Equal(new SkipReason("insufficient price rows", "100 days with a return of the 126 that peers need"), skip);
    }

    [Fact]
    public async Task Without_a_history_to_fit_on_everyone_is_skipped()
    {
        var store = FactorMarket.Create(Issuers, 60);
        var encoder = await V2.PriceEncoderAsync(store, ModelId, FactorMarket.Day(store, 59));
        Assert.Equal("too little history to fit", encoder.Encode(store.Prices["S000"], new float[encoder.Dimension])?.Code);
        Assert.Empty(store.Files);
    }

    /// <summary>The cosine of two histories under one fit: two fits of altered data would also differ in their axes.</summary>
    private static async Task<double> CosineAsync(MemoryStore store, PriceSeries one, PriceSeries other)
    {
        var asOf = FactorMarket.Day(store, AsOfIndex);
        var encoder = await V2.PriceEncoderAsync(store, ModelId, asOf);
        float[] x = new float[encoder.Dimension], y = new float[encoder.Dimension];
        var known = new DateRange(asOf.AddDays(-encoder.LookbackCalendarDays), asOf);
        Assert.Null(encoder.Encode(one.Within(known), x));
        Assert.Null(encoder.Encode(other.Within(known), y));
        return V2.Cosine(x, y);
    }

    private static int Number(string id) => int.Parse(id.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture);
}
