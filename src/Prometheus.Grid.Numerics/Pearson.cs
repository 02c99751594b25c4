namespace Prometheus.Grid.Numerics;

/// <summary>Linear correlation (Pearson 1895).</summary>
public static class Pearson
{
    /// <summary>The correlation of two series, in [−1, 1]; null when one of them does not vary or holds a value that is not finite.</summary>
    /// <param name="x">Values.</param>
    /// <param name="y">As many values.</param>
    public static double? Correlation(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(y.Length, x.Length);
        double meanX = Mean(x), meanY = Mean(y), xx = 0, yy = 0, xy = 0;
        for (int i = 0; i < x.Length; i++)
        {
            double dx = x[i] - meanX, dy = y[i] - meanY;
            (xx, yy, xy) = (xx + (dx * dx), yy + (dy * dy), xy + (dx * dy));
        }
        double correlation = xy / (Math.Sqrt(xx) * Math.Sqrt(yy));
        // Rounding may carry a perfect one beyond 1.
        return double.IsFinite(correlation) ? Math.Clamp(correlation, -1, 1) : null;
    }

    private static double Mean(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values)
            sum += value;
        return sum / values.Length;
    }
}
