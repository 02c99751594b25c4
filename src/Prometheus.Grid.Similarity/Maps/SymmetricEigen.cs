namespace Prometheus.Grid.Similarity.Maps;

/// <summary>Eigenvalues and eigenvectors of a small symmetric matrix by cyclic Jacobi rotations (Golub and Van Loan, algorithm 8.5.3).</summary>
internal static class SymmetricEigen
{
    private const int MaxSweeps = 60;

    /// <summary>Eigenvalues, largest first, and for each its unit eigenvector.</summary>
    public static (double[] Values, double[][] Vectors) Solve(ReadOnlySpan<double> matrix, int size)
    {
        double[,] a = new double[size, size];
        double[,] v = new double[size, size];
        for (int i = 0; i < size; i++)
        {
            v[i, i] = 1;
            // The mean of both halves: a product that is symmetric in theory is so only up to rounding.
            for (int j = 0; j < size; j++) a[i, j] = (matrix[i * size + j] + matrix[j * size + i]) / 2;
        }
        for (int sweep = 0; sweep < MaxSweeps && Sweep(a, v, size); sweep++)
        {
        }
        int[] order = Enumerable.Range(0, size).OrderByDescending(i => a[i, i]).ToArray();
        return (
            [.. order.Select(i => a[i, i])],
            [.. order.Select(i => Enumerable.Range(0, size).Select(d => v[d, i]).ToArray())]);
    }

    /// <summary>Turns every pair of coordinates once; false when nothing is left to turn.</summary>
    private static bool Sweep(double[,] a, double[,] v, int size)
    {
        bool turned = false;
        for (int p = 0; p < size; p++)
        {
            for (int q = p + 1; q < size; q++)
            {
                if (Math.Abs(a[p, q]) <= 1e-18 * (Math.Abs(a[p, p]) + Math.Abs(a[q, q]))) continue;
                turned = true;
                double theta = (a[q, q] - a[p, p]) / (2 * a[p, q]);
                double tangent = (theta >= 0 ? 1 : -1) / (Math.Abs(theta) + Math.Sqrt(theta * theta + 1));
                double cosine = 1 / Math.Sqrt(tangent * tangent + 1);
                Rotate(a, v, size, p, q, cosine, tangent * cosine);
            }
        }
        return turned;
    }

    private static void Rotate(double[,] a, double[,] v, int size, int p, int q, double cosine, double sine)
    {
        for (int k = 0; k < size; k++)
            (a[k, p], a[k, q]) = (cosine * a[k, p] - sine * a[k, q], sine * a[k, p] + cosine * a[k, q]);
        for (int k = 0; k < size; k++)
            (a[p, k], a[q, k]) = (cosine * a[p, k] - sine * a[q, k], sine * a[p, k] + cosine * a[q, k]);
        for (int k = 0; k < size; k++)
            (v[k, p], v[k, q]) = (cosine * v[k, p] - sine * v[k, q], sine * v[k, p] + cosine * v[k, q]);
    }
}
