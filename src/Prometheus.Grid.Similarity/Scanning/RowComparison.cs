using Prometheus.Grid.Similarity.Kernels;

namespace Prometheus.Grid.Similarity.Scanning;

/// <summary>The definition of an answer: cosine and distance between a query and a fused row, in double precision.</summary>
internal static unsafe class RowComparison
{
    /// <summary>Cosine and Euclidean distance.</summary>
    /// <param name="query">The query; its factors fuse the row.</param>
    /// <param name="row">A row as stored.</param>
    /// <param name="fused">Room for a fused row.</param>
    public static (double Cosine, double Distance) Of(ScanQuery query, float* row, double* fused)
    {
        double dot = 0, squared = 0, gap = 0;
        var shape = query.Shape;
        if (query.IsPlain || shape.Fusion == PartFusion.SideBySide && AllOne(query.Factors))
        {
            Exact.Compare(query.Target, row, shape.Dimensions, ref dot, ref squared, ref gap);
        }
        else
        {
            Fuse(shape, query.Factors, row, fused);
            Exact.Compare(query.Target, fused, shape.FusedDimensions, ref dot, ref squared, ref gap);
        }
        return (Exact.Cosine(dot, query.TargetSquared, squared), Math.Sqrt(gap));
    }

    private static void Fuse(RowShape shape, double[] factors, float* row, double* fused)
    {
        new Span<double>(fused, shape.FusedDimensions).Clear();
        double* target = fused;
        for (int j = 0; j < factors.Length; j++)
        {
            for (int d = 0; d < shape.Parts[j]; d++) target[d] += factors[j] * *row++;
            if (shape.Fusion == PartFusion.SideBySide) target += shape.Parts[j];
        }
    }

    private static bool AllOne(double[] factors) => !factors.AsSpan().ContainsAnyExcept(1.0);
}
