namespace Prometheus.Grid.Similarity.Tests;

/// <summary>The naive search in double precision: every row, sorted, nothing shared with the engine.</summary>
internal static class Oracle
{
    public static List<(int Ordinal, double Cosine, double Distance)> Search(
        ReadOnlySpan<float> rows, int dimensions, ReadOnlySpan<float> query, int top, Func<int, bool>? within = null)
    {
        double[] wide = new double[rows.Length];
        for (int i = 0; i < wide.Length; i++) wide[i] = rows[i];
        return Search(wide, dimensions, query, top, within);
    }

    public static List<(int Ordinal, double Cosine, double Distance)> Search(
        ReadOnlySpan<double> rows, int dimensions, ReadOnlySpan<float> query, int top, Func<int, bool>? within = null)
    {
        var all = new List<(int Ordinal, double Cosine, double Distance)>();
        for (int r = 0; r < rows.Length / dimensions; r++)
        {
            if (within is null || within(r)) all.Add(Compare(rows.Slice(r * dimensions, dimensions), query, r));
        }
        return [.. all.OrderByDescending(hit => hit.Cosine).ThenBy(hit => hit.Distance).ThenBy(hit => hit.Ordinal).Take(top)];
    }

    private static (int, double, double) Compare(ReadOnlySpan<double> row, ReadOnlySpan<float> query, int ordinal)
    {
        double dot = 0, rowSquared = 0, querySquared = 0, gap = 0;
        for (int d = 0; d < row.Length; d++)
        {
            dot += row[d] * query[d];
            rowSquared += row[d] * row[d];
            querySquared += (double)query[d] * query[d];
            gap += (row[d] - query[d]) * (row[d] - query[d]);
        }
        double cosine = rowSquared == 0 || querySquared == 0 ? 0 : Math.Clamp(dot / (Math.Sqrt(rowSquared) * Math.Sqrt(querySquared)), -1, 1);
        return (ordinal, cosine, Math.Sqrt(gap));
    }

    /// <summary>
    /// Fails unless the answer is the oracle's. Two double sums of the same numbers in another order differ by about 1e-15; rows
    /// whose oracle cosines are that close may stand in either order, and nothing else may differ.
    /// </summary>
    public static void AssertEqual(IReadOnlyList<(int Ordinal, double Cosine, double Distance)> expected, IReadOnlyList<Hit> actual)
    {
        const double Rounding = 2e-14;
        Assert.Equal(expected.Count, actual.Count);
        for (int i = 0; i < expected.Count; i++)
        {
            Assert.True(Math.Abs(expected[i].Cosine - actual[i].Cosine) <= Rounding, $"rank {i}: cosine {actual[i].Cosine:R} for {expected[i].Cosine:R}");
            if (expected[i].Ordinal == actual[i].Ordinal)
            {
                Assert.True(Math.Abs(expected[i].Distance - actual[i].Distance) <= 1e-12 * expected[i].Distance + 1e-300, $"rank {i}: distance {actual[i].Distance:R} for {expected[i].Distance:R}");
            }
            else
            {
                bool rounds = expected.Any(other => other.Ordinal == actual[i].Ordinal && Math.Abs(other.Cosine - expected[i].Cosine) <= Rounding)
                    || Math.Abs(expected[^1].Cosine - actual[i].Cosine) <= Rounding;
                Assert.True(rounds, $"rank {i}: row {actual[i].Ordinal} for {expected[i].Ordinal}");
            }
        }
    }
}
