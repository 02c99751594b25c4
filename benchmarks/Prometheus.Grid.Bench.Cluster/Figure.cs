namespace Prometheus.Grid.Bench.Cluster;

/// <summary>One measured number beside what is promised of it.</summary>
/// <param name="Name">What it is, with its unit.</param>
/// <param name="Measured">The number.</param>
/// <param name="Promised">The promise, or empty.</param>
internal sealed record Figure(string Name, double Measured, string Promised = "")
{
    /// <summary>The value below which a share of the samples lies.</summary>
    public static double Quantile(IEnumerable<double> samples, double share)
    {
        double[] sorted = [.. samples.Order()];
        return sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];
    }
}
