using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Prometheus.Grid.Similarity.Scanning;

/// <summary>
/// A look at the vector of a row in float32, for rows of one part that have no codes yet, or are too few of a tile to read its codes: a
/// third of the work of a comparison in double, and one that most rows do not survive.
/// </summary>
internal static unsafe class FloatLook
{
    /// <summary>Squares between these lose nothing to the ends of float32.</summary>
    private const float SmallestSquare = 1e-24f, LargestSquare = 1e24f;

    /// <summary>
    /// Bound of what float32 may lose of a cosine: sums of up to n/16 terms a lane and the lanes, each within 2⁻²⁴ of its own size, in the
    /// product and half of it in the norm; the direction of the query is rounded too.
    /// </summary>
    public static float Slack(int dimensions) => (dimensions / 8 + 32) * 1.5f / (1 << 23);

    /// <summary>False when the cosine of a row is proven to be below the threshold.</summary>
    /// <param name="direction">The query at unit length.</param>
    /// <param name="row">The row.</param>
    /// <param name="count">Coordinates of both.</param>
    /// <param name="least">The cosine to reach, less <see cref="Slack"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool MayReach(float* direction, float* row, int count, float least)
    {
        Vector256<float> dot0 = default, dot1 = default, dot2 = default, dot3 = default;
        Vector256<float> squared0 = default, squared1 = default, squared2 = default, squared3 = default;
        int d = 0;
        for (; d + 32 <= count; d += 32)
        {
            Add(direction + d, row + d, ref dot0, ref squared0);
            Add(direction + d + 8, row + d + 8, ref dot1, ref squared1);
            Add(direction + d + 16, row + d + 16, ref dot2, ref squared2);
            Add(direction + d + 24, row + d + 24, ref dot3, ref squared3);
        }
        float dot = Vector256.Sum(dot0 + dot1 + (dot2 + dot3));
        float squared = Vector256.Sum(squared0 + squared1 + (squared2 + squared3));
        for (; d < count; d++)
        {
            dot += direction[d] * row[d];
            squared += row[d] * row[d];
        }
        return !(squared is >= SmallestSquare and <= LargestSquare && dot < least * MathF.Sqrt(squared));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float* direction, float* row, ref Vector256<float> dot, ref Vector256<float> squared)
    {
        var values = Vector256.Load(row);
        dot = Vector256.MultiplyAddEstimate(values, Vector256.Load(direction), dot);
        squared = Vector256.MultiplyAddEstimate(values, values, squared);
    }
}
