using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Prometheus.Grid.Similarity.Kernels;

/// <summary>
/// The sums that answers are made of, in double precision over float32 rows. Eight lanes in a fixed order and no fused
/// multiply-add, so a cosine has the same bits on every processor, and equal rows have equal cosines.
/// </summary>
internal static unsafe class Exact
{
    /// <summary>Adds Σ q·x, Σ x² and Σ (q − x)² of one row to three sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Compare(double* query, float* row, int count, ref double dot, ref double squared, ref double gap)
    {
        Vector256<double> dot0 = default, dot1 = default, squared0 = default, squared1 = default, gap0 = default, gap1 = default;
        int d = 0;
        for (; d + 8 <= count; d += 8)
        {
            var (x0, x1) = Vector256.Widen(Vector256.Load(row + d));
            var q0 = Vector256.Load(query + d);
            var q1 = Vector256.Load(query + d + 4);
            dot0 += q0 * x0;
            dot1 += q1 * x1;
            squared0 += x0 * x0;
            squared1 += x1 * x1;
            gap0 += (q0 - x0) * (q0 - x0);
            gap1 += (q1 - x1) * (q1 - x1);
        }
        dot += Vector256.Sum(dot0 + dot1);
        squared += Vector256.Sum(squared0 + squared1);
        gap += Vector256.Sum(gap0 + gap1);
        for (; d < count; d++)
        {
            double x = row[d];
            dot += query[d] * x;
            squared += x * x;
            gap += (query[d] - x) * (query[d] - x);
        }
    }

    /// <summary>The same for rows of doubles, which fused rows are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Compare(double* query, double* row, int count, ref double dot, ref double squared, ref double gap)
    {
        for (int d = 0; d < count; d++)
        {
            dot += query[d] * row[d];
            squared += row[d] * row[d];
            gap += (query[d] - row[d]) * (query[d] - row[d]);
        }
    }

    /// <summary>‖x‖² in double precision: finite exactly when every coordinate is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double NormSquared(ReadOnlySpan<float> row)
    {
        Vector256<double> sum0 = default, sum1 = default;
        int d = 0;
        for (; d + 8 <= row.Length; d += 8)
        {
            var (x0, x1) = Vector256.Widen(Vector256.Create(row.Slice(d, 8)));
            sum0 += x0 * x0;
            sum1 += x1 * x1;
        }
        double sum = Vector256.Sum(sum0 + sum1);
        for (; d < row.Length; d++) sum += (double)row[d] * row[d];
        return sum;
    }

    /// <summary>Σ a·b of two rows in double precision.</summary>
    public static double Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sum = 0.0;
        for (int d = 0; d < a.Length; d++) sum += (double)a[d] * b[d];
        return sum;
    }

    /// <summary>dot / (‖q‖‖x‖) from squares, 0 when either is 0, and never beyond ±1 by rounding.</summary>
    /// <remarks>Two roots and not the root of a product, which leaves the range of doubles for norms of 1e155.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Cosine(double dot, double querySquared, double rowSquared) => querySquared == 0 || rowSquared == 0
        ? 0
        : Math.Clamp(dot / (Math.Sqrt(querySquared) * Math.Sqrt(rowSquared)), -1, 1);
}
