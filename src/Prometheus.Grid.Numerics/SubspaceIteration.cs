namespace Prometheus.Grid.Numerics;

/// <summary>Computes Y = A X for a symmetric positive semi-definite A and a block of vectors.</summary>
/// <param name="block">X row by row: the first coordinates of all vectors, then the second ones.</param>
/// <param name="width">How many vectors.</param>
/// <returns>Y in the same layout, which lets a product run along the vectors whatever the matrix looks like.</returns>
public delegate double[] SymmetricProduct(double[] block, int width);

/// <summary>Leading eigenvectors of a large symmetric positive semi-definite matrix.</summary>
/// <param name="Values">Eigenvalues, descending.</param>
/// <param name="Vectors">Eigenvectors, one after the other (count × size), orthonormal; each has its largest coordinate positive.</param>
public sealed record Eigenpairs(double[] Values, double[] Vectors)
{
    /// <summary>Eigenvector <paramref name="index"/>.</summary>
    public ReadOnlySpan<double> Vector(int index) => Vectors.AsSpan(index * (Vectors.Length / Values.Length), Vectors.Length / Values.Length);
}

/// <summary>
/// Subspace iteration with a Rayleigh–Ritz step (Halko, Martinsson and Tropp 2011, "Finding Structure with Randomness"). It needs nothing
/// but products with the matrix, so one solver serves dense return matrices and sparse term matrices.
/// </summary>
public static class SubspaceIteration
{
    // More columns than asked for: the slowest direction then converges with the ratio of eigenvalues 'rank' and 'rank + 32'.
    private const int Oversampling = 32;

    private const int TransposedTogether = 16;

    /// <summary>Finds the leading eigenpairs.</summary>
    /// <param name="size">Rows of the matrix.</param>
    /// <param name="rank">How many eigenpairs, at most <paramref name="size"/>.</param>
    /// <param name="multiply">Multiplies with the matrix.</param>
    /// <param name="iterations">Products with the whole block; at least 1.</param>
    /// <param name="cancellationToken">Ends the work between two products.</param>
    public static Eigenpairs Leading(int size, int rank, SymmetricProduct multiply, int iterations, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rank, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rank, size);
        int width = Math.Min(size, rank + Oversampling);
        double[] basis = RandomStart(size, width);
        GramSchmidt.Orthonormalise(basis, size, width);
        for (int i = 0; i < iterations; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            basis = Multiply();
            GramSchmidt.Orthonormalise(basis, size, width);
        }
        return RayleighRitz(basis, Multiply(), size, width, rank);

        double[] Multiply() => Transposed(multiply(Transposed(basis, width, size), width), size, width);
    }

    private static double[] Transposed(double[] matrix, int rows, int columns)
    {
        double[] transposed = new double[matrix.Length];
        // Block by block, so that neither side touches a line of the cache for one value at a time.
        for (int start = 0; start < rows; start += TransposedTogether)
        {
            int end = Math.Min(start + TransposedTogether, rows);
            for (int c = 0; c < columns; c++)
            {
                for (int r = start; r < end; r++)
                    transposed[(c * rows) + r] = matrix[(r * columns) + c];
            }
        }
        return transposed;
    }

    private static Eigenpairs RayleighRitz(double[] basis, double[] image, int size, int width, int rank)
    {
        double[] projected = new double[width * width];
        for (int i = 0; i < width; i++)
        {
            for (int j = i; j < width; j++)
                projected[(i * width) + j] = projected[(j * width) + i] = Vectors.Dot(basis.AsSpan(i * size, size), image.AsSpan(j * size, size));
        }
        var small = JacobiSvd.Of(projected, width, width);
        double[] vectors = new double[rank * size];
        for (int r = 0; r < rank; r++)
        {
            var vector = vectors.AsSpan(r * size, size);
            for (int c = 0; c < width; c++)
                Vectors.AddScaled(vector, small.Right[(r * width) + c], basis.AsSpan(c * size, size));
            FixSign(vector);
        }
        return new Eigenpairs(small.Values[..rank], vectors);
    }

    /// <summary>An eigenvector's sign is free; the largest coordinate decides it, so that two fits of the same data agree.</summary>
    private static void FixSign(Span<double> vector)
    {
        int largest = 0;
        for (int i = 1; i < vector.Length; i++)
        {
            if (Math.Abs(vector[i]) > Math.Abs(vector[largest]))
                largest = i;
        }
        if (vector[largest] >= 0)
            return;
        foreach (ref double value in vector)
            value = -value;
    }

    /// <summary>Uniform numbers with a fixed seed: any start with all directions in it will do.</summary>
    private static double[] RandomStart(int size, int width)
    {
        double[] start = new double[size * width];
        var random = new SplitMix64(1);
        foreach (ref double value in start.AsSpan())
            value = (random.Next() / (double)ulong.MaxValue) - 0.5;
        return start;
    }
}
