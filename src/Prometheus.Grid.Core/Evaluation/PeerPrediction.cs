namespace Prometheus.Grid.Core.Evaluation;

/// <summary>
/// How much of what happens to an issuer its peers tell: R² = 1 − Σ (own − peers' mean)² / Σ (own − mean of all)². It is 1 when peers tell
/// all, 0 when the mean of all issuers does as well, and negative when it does better.
/// </summary>
internal static class PeerPrediction
{
    /// <summary>R² of peers' means.</summary>
    /// <param name="series">For each issuer its values: one, or one a day. Each position is taken relative to its mean over the issuers.</param>
    /// <param name="peers">For each issuer its peers; an issuer without any is predicted by the mean of all.</param>
    public static Estimate Of(double[][] series, IReadOnlyList<IReadOnlyList<int>> peers)
    {
        int count = series.Length, length = series[0].Length;
        double[] mean = new double[length];
        foreach (double[] row in series)
        {
            for (int t = 0; t < length; t++)
                mean[t] += row[t] / count;
        }

        double[] missed = new double[count], total = new double[count];
        for (int i = 0; i < count; i++)
        {
            for (int t = 0; t < length; t++)
            {
                double own = series[i][t] - mean[t];
                double predicted = peers[i].Count == 0 ? 0 : peers[i].Average(j => series[j][t]) - mean[t];
                missed[i] += (own - predicted) * (own - predicted);
                total[i] += own * own;
            }
        }
        double sum = total.Sum();
        if (!(sum > 0))
            return new Estimate(0, new double[count]);
        double ratio = missed.Sum() / sum;
        return new Estimate(1 - ratio, [.. missed.Zip(total, (lost, own) => ((ratio * own) - lost) / sum)]);
    }
}
