namespace Prometheus.Grid.Synthetic;

/// <summary>The few statistics of a risk report, over daily returns. An empty or constant series gives 0.</summary>
internal static class Statistics
{
    public static double Sum(ReadOnlySpan<double> x)
    {
        double sum = 0.0;
        foreach (double value in x)
            sum += value;
        return sum;
    }

    public static double Mean(ReadOnlySpan<double> x) => x.IsEmpty ? 0 : Sum(x) / x.Length;

    /// <summary>Sample standard deviation.</summary>
    public static double Deviation(ReadOnlySpan<double> x) => Math.Sqrt(Covariance(x, x));

    /// <summary>Sample covariance.</summary>
    public static double Covariance(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        if (x.Length < 2)
            return 0;
        double meanX = Mean(x), meanY = Mean(y), sum = 0;
        for (int i = 0; i < x.Length; i++)
            sum += (x[i] - meanX) * (y[i] - meanY);
        return sum / (x.Length - 1);
    }

    /// <summary>Slope of x on the market.</summary>
    public static double Beta(ReadOnlySpan<double> x, ReadOnlySpan<double> market) => Ratio(Covariance(x, market), Covariance(market, market));

    public static double Correlation(ReadOnlySpan<double> x, ReadOnlySpan<double> y) => Ratio(Covariance(x, y), Deviation(x) * Deviation(y));

    public static double Skewness(ReadOnlySpan<double> x)
    {
        double mean = Mean(x), deviation = Deviation(x), sum = 0;
        foreach (double value in x)
            sum += Math.Pow(value - mean, 3);
        return x.IsEmpty ? 0 : Ratio(sum / x.Length, Math.Pow(deviation, 3));
    }

    /// <summary>Largest fall of the compounded series from its peak: 0 … −1.</summary>
    public static double MaxDrawdown(ReadOnlySpan<double> x)
    {
        double wealth = 1, peak = 1, worst = 0;
        foreach (double value in x)
        {
            wealth *= 1 + value;
            peak = Math.Max(peak, wealth);
            worst = Math.Min(worst, (wealth / peak) - 1);
        }
        return worst;
    }

    /// <summary>Loss that one day in twenty exceeds, and the mean loss of those days.</summary>
    public static (double ValueAtRisk, double Shortfall) Tail(ReadOnlySpan<double> x)
    {
        if (x.IsEmpty)
            return (0, 0);
        double[] sorted = x.ToArray();
        Array.Sort(sorted);
        var tail = sorted.AsSpan(0, Math.Max(1, sorted.Length / 20));
        return (-tail[^1], -Mean(tail));
    }

    private static double Ratio(double a, double b) => b > 0 ? a / b : 0;
}
