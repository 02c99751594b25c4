using Prometheus.Grid.Core.Prices;

namespace Prometheus.Grid.Core.Tests.Fakes;

/// <summary>Prices with known structure: a market, sectors and noise, from a seed.</summary>
internal static class FactorMarket
{
    public const int Sectors = 4;

    /// <summary>The first trading day of every market.</summary>
    public static DateOnly Start { get; } = new(2021, 1, 4);

    /// <summary>A store with <paramref name="issuers"/> issuers, issuer i of sector i mod 4, over weekdays.</summary>
    public static MemoryStore Create(int issuers, int days, int seed = 1)
    {
        var random = new Random(seed);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        int[] calendar = [.. Enumerable.Range(Start.DayNumber, 2 * days)
            .Where(day => DateOnly.FromDayNumber(day).DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday)).Take(days)];
        double[,] night = new double[days, Sectors + 1], session = new double[days, Sectors + 1];
        foreach (double[,] factors in new[] { night, session })
        {
            for (int t = 0; t < days; t++)
            {
                for (int f = 0; f <= Sectors; f++)
                    factors[t, f] = Normal();
            }
        }

        var store = new MemoryStore();
        for (int i = 0; i < issuers; i++)
        {
            int sector = i % Sectors;
            double price = 50 + i, scale = 0.006 * (1 + i % 3);
            double[] open = new double[days], high = new double[days], low = new double[days], close = new double[days], volume = new double[days];
            for (int t = 0; t < days; t++)
            {
                open[t] = price * Math.Exp(scale * (0.5 * night[t, Sectors] + 0.5 * night[t, sector] + 0.6 * Normal()));
                close[t] = price = open[t] * Math.Exp(scale * (session[t, Sectors] + session[t, sector] + Normal()));
                high[t] = Math.Max(open[t], close[t]) * (1 + scale * random.NextDouble());
                low[t] = Math.Min(open[t], close[t]) * (1 - scale * random.NextDouble());
                volume[t] = 1e6 * (1 + random.NextDouble());
            }
            store.Add(
                new PriceSeries
                {
                    InstrumentId = $"S{i:000}",
                    Days = calendar,
                    Open = open,
                    High = high,
                    Low = low,
                    Close = close,
                    AdjustedClose = close.ToArray(),
                    Volume = volume,
                },
                $"sector {sector}",
                $"industry {i % 8}");
        }
        return store;
    }

    /// <summary>A series without some of its days.</summary>
    public static PriceSeries Without(PriceSeries series, int[] days)
    {
        int[] missing = [.. days.Select(day => Start.DayNumber + (day / 5 * 7) + (day % 5))];
        int[] kept = [.. Enumerable.Range(0, series.Count).Where(row => !missing.Contains(series.Days.Span[row]))];
        double[] Kept(ReadOnlyMemory<double> column) => [.. kept.Select(row => column.Span[row])];
        return series with
        {
            Days = kept.Select(row => series.Days.Span[row]).ToArray(),
            Open = Kept(series.Open),
            High = Kept(series.High),
            Low = Kept(series.Low),
            Close = Kept(series.Close),
            AdjustedClose = Kept(series.AdjustedClose),
            Volume = Kept(series.Volume),
        };
    }

    /// <summary>The date of trading day <paramref name="index"/>.</summary>
    public static DateOnly Day(MemoryStore store, int index) => DateOnly.FromDayNumber(store.Prices.First().Value.Days.Span[index]);
}
