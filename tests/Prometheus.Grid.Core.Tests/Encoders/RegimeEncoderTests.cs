using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Tests.Fakes;

namespace Prometheus.Grid.Core.Tests.Encoders;

public sealed class RegimeEncoderTests
{
    private const string ModelId = "num-regime-core-v2";
    private const int Issuers = 30, Days = 300;

    [Fact]
    public async Task Vectors_have_length_one_and_alike_volatility_is_near()
    {
        var store = FactorMarket.Create(Issuers, Days);
        var vectors = await V2.PricesAsync(store, ModelId, FactorMarket.Day(store, Days - 1));
        Assert.All(vectors.Values, vector => Assert.Equal(1, vector.Sum(v => (double)v * v), 1e-5));
        // Issuers 0, 3, 6 … are calm, 2, 5, 8 … three times as wild.
        Assert.InRange(V2.Cosine(vectors["S000"], vectors["S003"]), V2.Cosine(vectors["S000"], vectors["S002"]) + 0.05, 1);
    }

    [Fact]
    public async Task Scales_are_fixed_so_neither_the_universe_nor_the_level_of_prices_matters()
    {
        MemoryStore all = FactorMarket.Create(Issuers, Days), alone = new();
        var asOf = FactorMarket.Day(all, Days - 1);
        var series = all.Prices["S004"];
        double[] Times(ReadOnlyMemory<double> prices) => [.. prices.ToArray().Select(price => 8 * price)];
        alone.Add(series with
        {
            Open = Times(series.Open),
            High = Times(series.High),
            Low = Times(series.Low),
            Close = Times(series.Close),
            AdjustedClose = Times(series.AdjustedClose),
        });
        float[] expected = (await V2.PricesAsync(all, ModelId, asOf))["S004"], actual = (await V2.PricesAsync(alone, ModelId, asOf))["S004"];
        Assert.InRange(V2.Cosine(expected, actual), 1 - 1e-9, 1 + 1e-9);
    }

    [Fact]
    public async Task One_jump_hardly_moves_volatility()
    {
        var store = FactorMarket.Create(Issuers, Days);
        var asOf = FactorMarket.Day(store, Days - 1);
        float[] before = (await V2.PricesAsync(store, ModelId, asOf))["S000"];
        double[] adjusted = store.Prices["S000"].AdjustedClose.ToArray();
        for (int t = 280; t < Days; t++)
            adjusted[t] *= 2;
        store.Prices["S000"] = store.Prices["S000"] with { AdjustedClose = adjusted };
        float[] after = (await V2.PricesAsync(store, ModelId, asOf))["S000"];
        Assert.InRange(V2.Cosine(before, after), 0.99, 1);
    }

    [Fact]
    public async Task Too_few_returns_are_skipped_with_the_numbers()
    {
        var store = FactorMarket.Create(Issuers, Days);
        var encoder = await V2.PriceEncoderAsync(store, ModelId, FactorMarket.Day(store, Days - 1));
        Assert.Null(encoder.Encode(store.Prices["S000"].Slice(Days - 64, 64), new float[16]));
        Assert.Equal(
            new SkipReason("insufficient price rows", "62 returns of the 63 that behaviour needs"),
            encoder.Encode(store.Prices["S000"].Slice(Days - 63, 63), new float[16]));
        Assert.Equal("insufficient price rows", encoder.Encode(store.Prices["S000"].Slice(0, 0), new float[16])?.Code);
    }
}
