using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Tests.Fakes;

namespace Prometheus.Grid.Core.Tests.Backfill;

/// <summary>A range of dates reads prices once, plans ahead, and has the vectors of its dates one by one.</summary>
public sealed class RangeBackfillTests
{
    private const int First = 170, Dates = 8;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("num-profile-core-v1", 2)]
    [InlineData("num-regime-core-v2", 2)]
    [InlineData("num-profile-core-v2", 3)] // Once more at the last date, whose fit took what was kept.
    public async Task A_range_has_the_vectors_of_its_dates_one_by_one_and_reads_prices_once(string modelId, int reads)
    {
        MemoryStore oneByOne = Market(), range = Market();
        for (int day = 0; day < Dates; day++)
            await RunAsync(oneByOne, modelId, day, day, null, workers: 1);
        await RunAsync(range, modelId, 0, Dates - 1, null, workers: 3);
        AssertSame(oneByOne, range);
        Assert.Equal(reads, range.PriceReads);
    }

    [Theory]
    [InlineData("num-profile-core-v1")]
    [InlineData("num-regime-core-v2")]
    [InlineData("num-profile-core-v2")]
    public async Task A_correction_of_the_past_is_seen_by_the_dates_whose_turn_comes_after_it(string modelId)
    {
        const int corrected = 3;
        MemoryStore oneByOne = Market(), range = Market(), untouched = Market();
        await RunAsync(untouched, modelId, 0, Dates - 1, null);
        for (int day = 0; day < Dates; day++)
        {
            await RunAsync(oneByOne, modelId, day, day, null);
            if (day == corrected)
                Correct(oneByOne);
        }
        await RunAsync(range, modelId, 0, Dates - 1, new AfterDay(corrected, () => Correct(range)));
        AssertSame(oneByOne, range);
        Assert.NotEqual(Rows(untouched)[^1], Rows(range)[^1]);
    }

    private static MemoryStore Market() => FactorMarket.Create(issuers: 12, days: First + Dates);

    private static void Correct(MemoryStore store)
    {
        var series = store.Prices["S004"];
        double[] close = series.Close.ToArray();
        close[First - 40] *= 1.2;
        store.Prices["S004"] = series with { Close = close, AdjustedClose = close };
        store.InputVersion = "2";
    }

    private static Task<BackfillReport> RunAsync(MemoryStore store, string modelId, int from, int to, IProgress<BackfillProgress>? progress, int workers = 2) =>
        new BackfillJob(new BackfillContext(store, Catalogs.Shipped, EncoderRegistry.BuiltIn(workers), workers)).RunAsync(
            new NumericBackfill { ModelId = modelId, Dates = new DateRange(FactorMarket.Day(store, First + from), FactorMarket.Day(store, First + to)) }, progress, Token);

    private static int[][] Rows(MemoryStore store) =>
        [.. store.Partitions.OrderBy(pair => pair.Key.AsOf).Select(pair => pair.Value.Rows.Values.ToArray().Select(BitConverter.SingleToInt32Bits).ToArray())];

    private static void AssertSame(MemoryStore expected, MemoryStore actual)
    {
        Assert.Equal(Dates, actual.Partitions.Count);
        Assert.Equal(Rows(expected), Rows(actual));
        Assert.Equal(expected.Files, actual.Files);
    }

    private sealed class AfterDay(int day, Action act) : IProgress<BackfillProgress>
    {
        public void Report(BackfillProgress value)
        {
            if (value.DatesDone == day && value.EntitiesDone == value.EntitiesTotal)
                act();
        }
    }
}
