using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Prometheus.Grid.Similarity;

/// <summary>
/// The orthonormal coordinates in which a part is coded, and how many of them the first look of a scan reads. The identity
/// with a head of all coordinates where rows spread evenly over them.
/// </summary>
internal sealed class Basis
{
    private Basis(int sourceDims, int headDims)
    {
        SourceDims = sourceDims;
        Dims = Padded(sourceDims);
        HeadDims = headDims;
        RowError = 4e-7;
    }

    /// <summary>Coordinates of the part itself.</summary>
    public int SourceDims { get; }

    /// <summary>Coordinates that are coded: the part's, filled up with zeros to a multiple of 64.</summary>
    public int Dims { get; }

    /// <summary>Coordinates of the first look, a multiple of 64.</summary>
    public int HeadDims { get; }

    /// <summary>Coordinates that only the second look reads.</summary>
    public int TailDims => Dims - HeadDims;

    /// <summary>Upper bound of ‖turned in float32 − turned exactly‖ of a unit row.</summary>
    public double RowError { get; }

    /// <summary>No turn, everything in the head.</summary>
    public static Basis Identity(int dimensions) => new(dimensions, Padded(dimensions));

    /// <summary>Turns a query in double precision.</summary>
    public void Turn(ReadOnlySpan<double> query, Span<double> turned)
    {
        turned[SourceDims..].Clear();
        query.CopyTo(turned);
    }

    /// <summary>Turns rows times their inverse norms, each SourceDims floats, rowStride apart, into Dims floats each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void Turn(float* rows, int rowStride, int count, ReadOnlySpan<double> inverseNorms, float* turned)
    {
        for (var r = 0; r < count; r++, rows += rowStride, turned += Dims)
        {
            var d = 0;
            for (; d + 8 <= SourceDims; d += 8)
            {
                var (lower, upper) = Vector256.Widen(Vector256.Load(rows + d));
                Vector256.Narrow(lower * inverseNorms[r], upper * inverseNorms[r]).Store(turned + d);
            }
            for (; d < SourceDims; d++) turned[d] = (float)(rows[d] * inverseNorms[r]);
            for (; d < Dims; d++) turned[d] = 0;
        }
    }

    private static int Padded(int dimensions) => (dimensions + 63) / 64 * 64;
}
