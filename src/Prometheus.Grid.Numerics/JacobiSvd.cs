using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Prometheus.Grid.Numerics;

/// <summary>
/// Singular values of a small dense matrix by one-sided Jacobi rotations (Hestenes 1958; de Rijk 1989 orders the columns): slow for large
/// matrices, but simple, accurate to the last digits even for small singular values, and the same bits on every run.
/// A symmetric positive semi-definite matrix has its eigenvectors as singular vectors, so this serves both.
/// </summary>
public sealed class JacobiSvd
{
    private const int MostSweeps = 60;

    // Columns whose cosine is below this are as orthogonal as doubles can show.
    private const double Orthogonal = 1e-15;

    private JacobiSvd(double[] left, double[] values, double[] right, int rows, int columns)
    {
        Left = left;
        Values = values;
        Right = right;
        Rows = rows;
        Columns = columns;
    }

    /// <summary>Left singular vectors, column by column (columns × rows); a column whose singular value is 0 is zero.</summary>
    public double[] Left { get; }

    /// <summary>Singular values, descending, none negative.</summary>
    public double[] Values { get; }

    /// <summary>Right singular vectors, column by column (columns × columns), orthonormal.</summary>
    public double[] Right { get; }

    /// <summary>Rows of the matrix.</summary>
    public int Rows { get; }

    /// <summary>Columns of the matrix.</summary>
    public int Columns { get; }

    /// <summary>Left singular vector <paramref name="index"/>.</summary>
    public ReadOnlySpan<double> LeftVector(int index) => Left.AsSpan(index * Rows, Rows);

    /// <summary>Right singular vector <paramref name="index"/>.</summary>
    public ReadOnlySpan<double> RightVector(int index) => Right.AsSpan(index * Columns, Columns);

    /// <summary>Decomposes A = U Σ Vᵀ.</summary>
    /// <param name="columnMajor">The matrix, column by column: <paramref name="columns"/> × <paramref name="rows"/> finite values.</param>
    /// <param name="rows">At least <paramref name="columns"/>.</param>
    /// <param name="columns">At least 1.</param>
    public static JacobiSvd Of(ReadOnlySpan<double> columnMajor, int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, columns);
        ArgumentOutOfRangeException.ThrowIfNotEqual(columnMajor.Length, rows * columns);

        double[] a = columnMajor.ToArray();
        double[] v = new double[columns * columns];
        for (int c = 0; c < columns; c++)
            v[(c * columns) + c] = 1;
        for (int sweep = 0; sweep < MostSweeps && Sweep(a, v, rows, columns); sweep++)
        {
        }
        return Sorted(a, v, rows, columns);
    }

    /// <summary>Rotates every pair of columns once; false when all were orthogonal already.</summary>
    private static bool Sweep(double[] a, double[] v, int rows, int columns)
    {
        bool rotated = false;
        for (int p = 0; p < columns - 1; p++)
        {
            for (int q = p + 1; q < columns; q++)
            {
                Span<double> ap = a.AsSpan(p * rows, rows), aq = a.AsSpan(q * rows, rows);
                double alpha = Vectors.Dot(ap, ap), beta = Vectors.Dot(aq, aq), gamma = Vectors.Dot(ap, aq);
                if (gamma == 0 || Math.Abs(gamma) <= Orthogonal * Math.Sqrt(alpha * beta))
                    continue;
                rotated = true;
                double zeta = (beta - alpha) / (2 * gamma);
                double t = (zeta >= 0 ? 1 : -1) / (Math.Abs(zeta) + Math.Sqrt(1 + (zeta * zeta)));
                double cosine = 1 / Math.Sqrt(1 + (t * t));
                Rotate(ap, aq, cosine, cosine * t);
                Rotate(v.AsSpan(p * columns, columns), v.AsSpan(q * columns, columns), cosine, cosine * t);
            }
        }
        return rotated;
    }

    private static void Rotate(Span<double> x, Span<double> y, double cosine, double sine)
    {
        ref double xs = ref MemoryMarshal.GetReference(x), ys = ref MemoryMarshal.GetReference(y[..x.Length]);
        Vector256<double> cosines = Vector256.Create(cosine), sines = Vector256.Create(sine);
        int i = 0;
        // Products and sums rounded one by one, as in the scalar loop below, so that a value has the same bits in both.
        for (; i <= x.Length - 4; i += 4)
        {
            Vector256<double> xi = Vector256.LoadUnsafe(ref xs, (nuint)i), yi = Vector256.LoadUnsafe(ref ys, (nuint)i);
            ((cosines * xi) - (sines * yi)).StoreUnsafe(ref xs, (nuint)i);
            ((sines * xi) + (cosines * yi)).StoreUnsafe(ref ys, (nuint)i);
        }
        for (; i < x.Length; i++)
        {
            double xi = x[i], yi = y[i];
            x[i] = (cosine * xi) - (sine * yi);
            y[i] = (sine * xi) + (cosine * yi);
        }
    }

    private static JacobiSvd Sorted(double[] a, double[] v, int rows, int columns)
    {
        double[] norms = new double[columns];
        for (int c = 0; c < columns; c++)
            norms[c] = Math.Sqrt(Vectors.Dot(a.AsSpan(c * rows, rows), a.AsSpan(c * rows, rows)));
        int[] order = [.. Enumerable.Range(0, columns).OrderByDescending(c => norms[c]).ThenBy(c => c)];
        double[] left = new double[columns * rows];
        double[] right = new double[columns * columns];
        for (int c = 0; c < columns; c++)
        {
            int from = order[c];
            v.AsSpan(from * columns, columns).CopyTo(right.AsSpan(c * columns));
            if (norms[from] == 0)
                continue;
            for (int r = 0; r < rows; r++)
                left[(c * rows) + r] = a[(from * rows) + r] / norms[from];
        }
        return new JacobiSvd(left, [.. order.Select(c => norms[c])], right, rows, columns);
    }
}
