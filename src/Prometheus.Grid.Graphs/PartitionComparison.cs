namespace Prometheus.Grid.Graphs;

/// <summary>How much two partitions of the same things agree.</summary>
public static class PartitionComparison
{
    /// <summary>
    /// The adjusted Rand index (Hubert and Arabie 1985): 1 for equal partitions, 0 on average for partitions by chance of the same sizes; it may be
    /// negative. Two partitions without any pair together, or with all, agree: 1.
    /// </summary>
    /// <param name="x">For each thing its part.</param>
    /// <param name="y">For each thing its part in the other partition; as many.</param>
    public static double AdjustedRand<TX, TY>(IReadOnlyList<TX> x, IReadOnlyList<TY> y)
        where TX : notnull
        where TY : notnull
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(y.Count, x.Count);
        double both = Enumerable.Range(0, x.Count).CountBy(i => (x[i], y[i])).Sum(part => Pairs(part.Value));
        double inX = x.CountBy(part => part).Sum(part => Pairs(part.Value)), inY = y.CountBy(part => part).Sum(part => Pairs(part.Value));
        double expected = x.Count < 2 ? 0 : inX * inY / Pairs(x.Count), most = (inX + inY) / 2;
        return most == expected ? 1 : (both - expected) / (most - expected);
    }

    private static double Pairs(int count) => count * (count - 1.0) / 2;
}
