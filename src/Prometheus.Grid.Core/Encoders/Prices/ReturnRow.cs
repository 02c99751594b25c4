using Prometheus.Grid.Numerics;
using Prometheus.Grid.Core.Prices;

namespace Prometheus.Grid.Core.Encoders.Prices;

/// <summary>
/// The log returns of one instrument on common days, and what is done to them before instruments are compared. Missing returns are NaN.
/// A day gives two returns, overnight (close to open) and intraday (open to close): twice the observations of a day's return, and news
/// that moves one stock before the opening does not drown what it shares with its peers during the day (docs/models.md has the gain).
/// </summary>
internal static class ReturnRow
{
    // The median absolute deviation of a normal variable times this is its standard deviation.
    private const double NormalDeviationsPerMad = 1.4826;

    /// <summary>Writes the returns of <paramref name="series"/>.</summary>
    /// <param name="series">Prices; days that are not in the calendar are passed over.</param>
    /// <param name="calendar">T + 1 ascending day numbers; the first only starts the first return.</param>
    /// <param name="returns">Receives 2 T values: overnight returns, then intraday returns.</param>
    /// <returns>Days with an intraday return.</returns>
    /// <remarks>
    /// Adjusted closes carry splits and dividends into the overnight return; intraday returns need no adjustment. A day without volume is a
    /// halt: its price is stale, so it is no observation, and neither is the overnight return across it or across a missing day.
    /// Where the table has no opening price, the return from close to close stands in for the intraday one.
    /// </remarks>
    public static int Read(PriceSeries series, ReadOnlySpan<int> calendar, Span<double> returns)
    {
        int length = calendar.Length - 1;
        Span<double> overnight = returns[..length], intraday = returns.Slice(length, length);
        returns.Fill(double.NaN);
        var days = series.Days.Span;
        ReadOnlySpan<double> open = series.Open.Span, close = series.Close.Span, adjusted = series.AdjustedClose.Span, volume = series.Volume.Span;
        bool hasVolume = volume.ContainsAnyExcept(0.0);

        int observed = 0, row = 0, previous = -1;
        for (int day = 0; day < calendar.Length; day++)
        {
            while (row < days.Length && days[row] < calendar[day])
                row++;
            if (row == days.Length || days[row] != calendar[day] || (hasVolume && volume[row] == 0))
            {
                previous = -1;
                continue;
            }
            bool hasOpen = open[row] > 0;
            if (day > 0)
            {
                double closeToClose = previous >= 0 ? Math.Log(adjusted[row] / adjusted[previous]) : double.NaN;
                double openToClose = hasOpen ? Math.Log(close[row] / open[row]) : double.NaN;
                intraday[day - 1] = hasOpen ? openToClose : closeToClose;
                overnight[day - 1] = closeToClose - openToClose;
                observed += double.IsNaN(intraday[day - 1]) ? 0 : 1;
            }
            previous = row;
        }
        return observed;
    }

    /// <summary>
    /// Cuts outliers at <paramref name="clip"/> robust standard deviations from the median, so that a single jump cannot set the scale of
    /// all other days as it would through the plain standard deviation.
    /// </summary>
    public static void ClipOutliers(Span<double> returns, double clip, Span<double> scratch)
    {
        double median = MedianOf(returns, 0, scratch);
        double deviation = NormalDeviationsPerMad * MedianOf(returns, median, scratch, absolute: true);
        if (!(deviation > 0))
            return; // More than half the returns are equal: an illiquid instrument, whose few moves are all it says.
        double low = median - (clip * deviation), high = median + (clip * deviation);
        foreach (ref double value in returns)
            value = value < low ? low : value > high ? high : value;
    }

    /// <summary>Makes the weighted mean 0 and the weighted variance 1 over the observed days; a constant row becomes 0.</summary>
    public static void Standardise(Span<double> returns, ReadOnlySpan<double> weights)
    {
        double sum = 0, total = 0;
        for (int i = 0; i < returns.Length; i++)
        {
            if (double.IsNaN(returns[i]))
                continue;
            sum += weights[i] * returns[i];
            total += weights[i];
        }
        if (total == 0)
            return;
        double mean = sum / total, squares = 0;
        for (int i = 0; i < returns.Length; i++)
        {
            if (!double.IsNaN(returns[i]))
                squares += weights[i] * (returns[i] - mean) * (returns[i] - mean);
        }
        double deviation = Math.Sqrt(squares / total);
        double factor = deviation > 1e-12 ? 1 / deviation : 0;
        foreach (ref double value in returns)
            value = (value - mean) * factor;
    }

    /// <summary>Cuts at ± <paramref name="limit"/>.</summary>
    public static void Clip(Span<double> values, double limit)
    {
        foreach (ref double value in values)
            value = value < -limit ? -limit : value > limit ? limit : value;
    }

    private static double MedianOf(ReadOnlySpan<double> values, double centre, Span<double> scratch, bool absolute = false)
    {
        int count = 0;
        foreach (double value in values)
        {
            if (!double.IsNaN(value))
                scratch[count++] = absolute ? Math.Abs(value - centre) : value;
        }
        return Median.Of(scratch[..count]);
    }
}
