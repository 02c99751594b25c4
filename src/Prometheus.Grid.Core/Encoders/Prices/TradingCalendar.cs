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
        PriceSeries[] priced = [.. universe.Where(series => series.Count > 0)];
        if (priced.Length == 0)
            return [];
        // A counter for every day of the span: a tree of days took a third of the fit's time.
        int first = priced.Min(series => series.Days.Span[0]);
        int[] counts = new int[priced.Max(series => series.Days.Span[^1]) - first + 1];
        foreach (var series in priced)
        {
            foreach (int day in series.Days.Span)
                counts[day - first]++;
        }
        double fewest = LeastShareOfInstruments * priced.Length;
        int[] days = [.. Enumerable.Range(0, counts.Length).Where(day => counts[day] >= fewest).Select(day => first + day)];
        return days[Math.Max(0, days.Length - most)..];
    }
}
