namespace Prometheus.Grid.Core.Evaluation;

/// <summary>Figures over pairs: for neighbours one by one, for all pairs of different rows in closed form, so no n × n matrix is built.</summary>
/// <param name="neighbours">For each row its neighbours.</param>
internal sealed class PairFigures(int[][] neighbours)
{
    /// <summary>A mean over neighbours, and the mean over all pairs.</summary>
    public readonly record struct Figure(Estimate OfNeighbours, double OfAllPairs);

    /// <summary>Share of neighbours with the same label.</summary>
    public Figure Precision(IReadOnlyList<string> labels)
    {
        double pairs = labels.CountBy(label => label, StringComparer.Ordinal).Sum(group => (double)group.Value * (group.Value - 1));
        return Over((i, j) => labels[i] == labels[j] ? 1 : 0, pairs / Pairs(labels.Count));
    }

    /// <summary>Correlation of the rows of <paramref name="scores"/>, each standardised to sum 0 and squared sum 1.</summary>
    public Figure Correlation(double[][] scores)
    {
        // Σ_{i≠j} z_i·z_j = ‖Σ z_i‖² − n.
        double[] sum = new double[scores[0].Length];
        foreach (double[] row in scores)
        {
            for (int t = 0; t < sum.Length; t++)
                sum[t] += row[t];
        }
        double all = (sum.Sum(value => value * value) - scores.Length) / Pairs(scores.Length);
        return Over((i, j) => Dot(scores[i], scores[j]), all);
    }

    /// <summary>Absolute difference of two values.</summary>
    public Figure Gap(double[] values)
    {
        // In ascending order the i-th value is the larger one of i pairs and the smaller one of n − 1 − i.
        double[] sorted = [.. values.Order()];
        double all = sorted.Index().Sum(pair => pair.Item * ((2.0 * pair.Index) - (sorted.Length - 1)));
        return Over((i, j) => Math.Abs(values[i] - values[j]), 2 * all / Pairs(values.Length));
    }

    private Figure Over(Func<int, int, double> ofPair, double allPairs)
    {
        double[] means = [.. neighbours.Select((near, i) => near.Average(j => ofPair(i, j)))];
        return new Figure(Estimate.Mean(means), allPairs);
    }

    private static double Pairs(int count) => (double)count * (count - 1);

    private static double Dot(double[] x, double[] y)
    {
        double sum = 0;
        for (int t = 0; t < x.Length; t++)
            sum += x[t] * y[t];
        return sum;
    }
}
