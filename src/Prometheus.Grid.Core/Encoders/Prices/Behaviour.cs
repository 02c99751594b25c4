using Prometheus.Grid.Numerics;
using Prometheus.Grid.Core.Prices;

namespace Prometheus.Grid.Core.Encoders.Prices;

/// <summary>Measures of how one instrument behaved over its last trading days.</summary>
/// <param name="Returns">Returns that the measures rest on.</param>
/// <param name="Measures">
/// Log annualised volatility over 63 days and over the window (robust: returns cut at four robust standard deviations, so that one jump
/// does not make a calm stock wild); log annualised range volatility (Parkinson 1980) over 63 days and over the window; largest log
/// drawdown; lag-1 autocorrelation over half the window; skewness; log volume of 21 days against that of the window.
/// </param>
internal readonly record struct Behaviour(int Returns, double[] Measures)
{
    private const int QuarterDays = 63;
    private const int MonthDays = 21;
    private const double TradingDaysPerYear = 252;
    private const double RobustClip = 4 * 1.4826;

    /// <summary>Measures the last <paramref name="windowDays"/> returns; days without volume are halts and are left out.</summary>
    public static Behaviour Of(PriceSeries series, int windowDays)
    {
        int[] rows = TradedRows(series, windowDays + 1);
        double[] returns = LogReturns(series.AdjustedClose.Span, rows);
        if (returns.Length == 0)
            return new Behaviour(0, []);
        double[] ranges = Ranges(series, rows);
        double[] clipped = Clipped(returns);
        return new Behaviour(returns.Length,
        [
            LogVolatility(Clipped(returns[^Math.Min(QuarterDays, returns.Length)..]), TradingDaysPerYear),
            LogVolatility(clipped, TradingDaysPerYear),
            LogRange(ranges[^Math.Min(QuarterDays, ranges.Length)..], clipped),
            LogRange(ranges, clipped),
            Drawdown(returns),
            Autocorrelation(Clipped(returns[^Math.Min(windowDays / 2, returns.Length)..])),
            Skewness(clipped),
            VolumeTrend(series.Volume.Span, rows),
        ]);
    }

    private static int[] TradedRows(PriceSeries series, int most)
    {
        var volume = series.Volume.Span;
        bool hasVolume = volume.ContainsAnyExcept(0.0);
        var rows = new List<int>(most);
        for (int row = series.Count - 1; row >= 0 && rows.Count < most; row--)
        {
            if (!hasVolume || volume[row] > 0)
                rows.Add(row);
        }
        rows.Reverse();
        return [.. rows];
    }

    private static double[] LogReturns(ReadOnlySpan<double> adjustedClose, int[] rows)
    {
        double[] returns = new double[Math.Max(0, rows.Length - 1)];
        for (int t = 0; t < returns.Length; t++)
            returns[t] = Math.Log(adjustedClose[rows[t + 1]] / adjustedClose[rows[t]]);
        return returns;
    }

    private static double[] Ranges(PriceSeries series, int[] rows)
    {
        var ranges = new List<double>(rows.Length);
        foreach (int row in rows.AsSpan(Math.Min(1, rows.Length)))
        {
            double range = Math.Log(series.High.Span[row] / series.Low.Span[row]);
            if (double.IsFinite(range))
                ranges.Add(range);
        }
        return [.. ranges];
    }

    /// <summary>Returns cut at four robust standard deviations; as they are when more than half of them are zero.</summary>
    private static double[] Clipped(double[] returns)
    {
        double median = Median.Of([.. returns.Select(Math.Abs)]);
        double limit = median > 0 ? RobustClip * median : double.PositiveInfinity;
        return [.. returns.Select(r => Math.Clamp(r, -limit, limit))];
    }

    private static double LogVolatility(double[] returns, double perYear) => Math.Log(Math.Sqrt(perYear * MeanSquare(returns)));

    /// <summary>Parkinson's estimator from highs and lows; the volatility of closes where the table has neither.</summary>
    private static double LogRange(double[] ranges, double[] returns) =>
        ranges.Length == 0 ? LogVolatility(returns, TradingDaysPerYear) : LogVolatility(ranges, TradingDaysPerYear / (4 * Math.Log(2)));

    private static double MeanSquare(double[] values) => values.Sum(value => value * value) / values.Length;

    private static double Drawdown(double[] returns)
    {
        double level = 0, peak = 0, deepest = 0;
        foreach (double r in returns)
        {
            level += r;
            peak = Math.Max(peak, level);
            deepest = Math.Min(deepest, level - peak);
        }
        return deepest;
    }

    private static double Autocorrelation(double[] returns)
    {
        double mean = returns.Average(), lagged = 0, squares = 0;
        for (int t = 0; t < returns.Length; t++)
        {
            squares += (returns[t] - mean) * (returns[t] - mean);
            if (t > 0)
                lagged += (returns[t] - mean) * (returns[t - 1] - mean);
        }
        return squares > 0 ? lagged / squares : 0;
    }

    private static double Skewness(double[] returns)
    {
        double mean = returns.Average();
        double squares = 0, cubes = 0;
        foreach (double r in returns)
        {
            double deviation = r - mean;
            squares += deviation * deviation / returns.Length;
            cubes += deviation * deviation * deviation / returns.Length;
        }
        return squares > 0 ? cubes / Math.Pow(squares, 1.5) : 0;
    }

    private static double VolumeTrend(ReadOnlySpan<double> volume, int[] rows)
    {
        double recent = 0, all = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            double log = Math.Log(1 + volume[rows[i]]);
            all += log;
            recent += i >= rows.Length - MonthDays ? log : 0;
        }
        return (recent / Math.Min(MonthDays, rows.Length)) - (all / rows.Length);
    }
}
