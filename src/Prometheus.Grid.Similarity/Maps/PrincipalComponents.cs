namespace Prometheus.Grid.Similarity.Maps;

/// <summary>
/// Principal components (Hotelling 1933): the orthogonal directions of largest variance. Found by subspace iteration on the
/// covariance matrix, which needs no full eigendecomposition for a handful of components.
/// </summary>
/// <remarks>Same bytes whatever the number of threads: each entry of the covariance is summed by one thread in row order.</remarks>
public static class PrincipalComponents
{
    /// <summary>Directions that are iterated beside those asked for: they keep close eigenvalues from slowing it down.</summary>
    private const int Spare = 8;
    private const int MaxIterations = 500;
    private const double Tolerance = 1e-12;

    /// <summary>Coordinates of each row on the leading components: count × components numbers, row by row, centred on the mean.</summary>
    /// <param name="rows">At least 1 row.</param>
    /// <param name="components">1 to the dimension of the rows.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public static double[] Project(MapRows rows, int components, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows.Count, 1, nameof(rows));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(components);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(components, rows.Dimensions);
        int dims = rows.Dimensions;
        double[] mean = Mean(rows);
        double[] covariance = Covariance(rows, mean, cancellationToken);
        double[][] directions = Leading(covariance, dims, components, cancellationToken);
        double[] projected = new double[rows.Count * components];
        for (int i = 0; i < rows.Count; i++)
        {
            var row = rows.Row(i);
            for (int c = 0; c < components; c++)
            {
                double sum = 0.0;
                for (int d = 0; d < dims; d++) sum += (row[d] - mean[d]) * directions[c][d];
                projected[i * components + c] = sum;
            }
        }
        return projected;
    }

    private static double[] Mean(MapRows rows)
    {
        double[] mean = new double[rows.Dimensions];
        for (int i = 0; i < rows.Count; i++)
        {
            var row = rows.Row(i);
            for (int d = 0; d < mean.Length; d++) mean[d] += row[d];
        }
        for (int d = 0; d < mean.Length; d++) mean[d] /= rows.Count;
        return mean;
    }

    /// <summary>Σ (x − m)(x − m)ᵀ / n in double. A thread has a band of lines to itself; all of them read the same tile of rows.</summary>
    private static double[] Covariance(MapRows rows, double[] mean, CancellationToken cancellationToken)
    {
        const int TileRows = 64;
        int dims = rows.Dimensions;
        double[] covariance = new double[dims * dims];
        double[] tile = new double[TileRows * dims];
        for (int start = 0; start < rows.Count; start += TileRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = Math.Min(TileRows, rows.Count - start);
            for (int i = 0; i < count; i++)
            {
                var row = rows.Row(start + i);
                for (int d = 0; d < dims; d++) tile[i * dims + d] = row[d] - mean[d];
            }
            int bands = Math.Min(Environment.ProcessorCount, dims);
            Parallel.For(0, bands, band =>
            {
                for (int line = band; line < dims; line += bands)
                {
                    var target = covariance.AsSpan(line * dims + line, dims - line);
                    for (int i = 0; i < count; i++)
                        System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(tile.AsSpan(i * dims + line, dims - line), tile[i * dims + line], target, target);
                }
            });
        }
        for (int line = 0; line < dims; line++)
        {
            for (int column = line; column < dims; column++)
                covariance[column * dims + line] = covariance[line * dims + column] /= rows.Count;
        }
        return covariance;
    }

    private static double[][] Leading(double[] matrix, int dims, int components, CancellationToken cancellationToken)
    {
        int width = Math.Min(dims, components + Spare);
        var random = new SplitMix64(1);
        double[][] basis = new double[width][];
        for (int c = 0; c < width; c++)
        {
            basis[c] = new double[dims];
            for (int d = 0; d < dims; d++) basis[c][d] = random.NextDouble() - 0.5;
        }
        Orthonormalise(basis);
        double[] values = new double[width];
        for (int iteration = 0; iteration < MaxIterations; iteration++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            double[][] next = new double[width][];
            for (int c = 0; c < width; c++) next[c] = Multiply(matrix, dims, basis[c]);
            var (order, rotated) = RayleighRitz(basis, next);
            basis = rotated;
            Orthonormalise(basis);
            double moved = 0.0;
            for (int c = 0; c < components; c++) moved = Math.Max(moved, Math.Abs(order[c] - values[c]));
            values = order;
            if (moved <= Tolerance * Math.Max(values[0], double.Epsilon)) break;
        }
        foreach (double[] direction in basis) Orient(direction);
        return basis[..components];
    }

    /// <summary>Turns A·V so that its columns approach eigenvectors, the largest eigenvalue first.</summary>
    private static (double[] Values, double[][] Turned) RayleighRitz(double[][] basis, double[][] images)
    {
        int width = basis.Length;
        double[] small = new double[width * width];
        for (int i = 0; i < width; i++)
        {
            for (int j = 0; j < width; j++) small[i * width + j] = Dot(basis[i], images[j]);
        }
        var (values, vectors) = SymmetricEigen.Solve(small, width);
        double[][] turned = new double[width][];
        for (int c = 0; c < width; c++)
        {
            turned[c] = new double[basis[0].Length];
            for (int j = 0; j < width; j++)
            {
                for (int d = 0; d < turned[c].Length; d++) turned[c][d] += vectors[c][j] * images[j][d];
            }
        }
        return (values, turned);
    }

    /// <summary>Gram–Schmidt, twice, which is enough; a vanished direction is replaced by a unit vector that is left.</summary>
    private static void Orthonormalise(double[][] basis)
    {
        for (int c = 0; c < basis.Length; c++)
        {
            for (int attempt = -1; attempt < basis[c].Length; attempt++)
            {
                if (attempt >= 0)
                {
                    Array.Clear(basis[c]);
                    basis[c][attempt] = 1;
                }
                double before = Math.Sqrt(Dot(basis[c], basis[c]));
                for (int pass = 0; pass < 2; pass++)
                {
                    for (int other = 0; other < c; other++)
                    {
                        double share = Dot(basis[other], basis[c]);
                        for (int d = 0; d < basis[c].Length; d++) basis[c][d] -= share * basis[other][d];
                    }
                }
                double norm = Math.Sqrt(Dot(basis[c], basis[c]));
                if (norm <= 1e-10 * before || norm == 0) continue;
                for (int d = 0; d < basis[c].Length; d++) basis[c][d] /= norm;
                break;
            }
        }
    }

    /// <summary>An eigenvector has no sign of its own: its largest coordinate is made positive.</summary>
    private static void Orient(double[] direction)
    {
        int largest = 0;
        for (int d = 1; d < direction.Length; d++)
        {
            if (Math.Abs(direction[d]) > Math.Abs(direction[largest])) largest = d;
        }
        if (direction[largest] >= 0) return;
        for (int d = 0; d < direction.Length; d++) direction[d] = -direction[d];
    }

    private static double[] Multiply(double[] matrix, int dims, double[] vector)
    {
        double[] image = new double[dims];
        for (int line = 0; line < dims; line++) image[line] = Dot(matrix.AsSpan(line * dims, dims), vector);
        return image;
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b) => System.Numerics.Tensors.TensorPrimitives.Dot(a, b);
}
