using Prometheus.Grid.Core.Prices;

namespace Prometheus.Grid.Core.Encoders.Prices;

/// <summary>The common days of many instruments, so that day t means the same day for all of them.</summary>
internal static class TradingCalendar
{
    // A day on which fewer instruments than this share have a price is a stray row or a holiday with one venue open, not a trading day.
    private const double LeastShareOfInstruments = 0.25;

    /// <summary>The last trading days of a universe.</summary>
    /// <param name="universe">Price histories up to the as-of date.</param>
    /// <param name="most">How many days at most.</param>
    /// <returns>Day numbers, ascending.</returns>
    public static int[] Last(IReadOnlyList<PriceSeries> universe, int most)
    {
        var counts = new SortedDictionary<int, int>();
        int priced = 0;
        foreach (PriceSeries series in universe)
        {
            if (series.Count > 0)
                priced++;
            foreach (int day in series.Days.Span)
                counts[day] = counts.GetValueOrDefault(day) + 1;
        }
        int[] days = [.. counts.Where(day => day.Value >= LeastShareOfInstruments * priced).Select(day => day.Key)];
        return days[Math.Max(0, days.Length - most)..];
    }
}
