using Prometheus.Grid.Core.Grid;

namespace Prometheus.Grid.Conformance.Grids;

/// <summary>A plain scan in double over listed rows, to which answers are held.</summary>
internal static class GridOracle
{
    // Cosines are sums of 384 products in double; another order of summation moves the last digits.
    public const double SumTolerance = 1e-12;

    /// <summary>The nearest of the rows by cosine, ordered as every grid orders them.</summary>
    public static List<(double Cosine, double Euclidean, JointRow Row)> Nearest(List<JointRow> rows, JointRow target, int k) =>
    [
        .. rows.Where(row => (row.EntityId, row.AsOf) != (target.EntityId, target.AsOf))
            .Select(row => (Cosine(target.Vector.Span, row.Vector.Span), Distance(target.Vector.Span, row.Vector.Span), row))
            .OrderByDescending(hit => hit.Item1).ThenBy(hit => hit.Item2).ThenBy(hit => hit.row.AsOf).ThenBy(hit => hit.row.EntityId, StringComparer.Ordinal)
            .Take(k),
    ];

    /// <summary>Holds an answer to them, row by row.</summary>
    public static void AssertSame(List<(double Cosine, double Euclidean, JointRow Row)> expected, SimilarityAnswer answer, double tolerance = SumTolerance)
    {
        Assert.Equal(expected.Select(e => (e.Row.AsOf, e.Row.EntityId, e.Row.InstrumentId, e.Row.Region, e.Row.Source)),
            answer.Hits.Select(h => (h.AsOf, h.EntityId, h.InstrumentId, h.Region, h.Source)));
        for (int i = 0; i < expected.Count; i++)
        {
            Assert.Equal(expected[i].Cosine, answer.Hits[i].Cosine, tolerance);
            Assert.Equal(1, (1 + answer.Hits[i].Euclidean) / (1 + expected[i].Euclidean), tolerance);
        }
    }

    public static double Cosine(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        double xy = 0, xx = 0, yy = 0;
        for (int i = 0; i < x.Length; i++)
            (xy, xx, yy) = (xy + (double)x[i] * y[i], xx + (double)x[i] * x[i], yy + (double)y[i] * y[i]);
        return xx == 0 || yy == 0 ? 0 : xy / (Math.Sqrt(xx) * Math.Sqrt(yy));
    }

    public static double Distance(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        double sum = 0;
        for (int i = 0; i < x.Length; i++)
            sum += ((double)x[i] - y[i]) * ((double)x[i] - y[i]);
        return Math.Sqrt(sum);
    }
}
