namespace Prometheus.Grid.Numerics.Tests;

/// <summary>Blocked kernels have the bits of their definitions: the same products, added in the same order.</summary>
public sealed class DefinitionTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 8)]
    [InlineData(6, 13)]
    [InlineData(37, 95)]
    public void A_product_with_a_block_adds_row_by_row(int count, int width)
    {
        double[] gram = Random(count * count, 1), x = Random(count * width, 2), expected = new double[count * width];
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < count; j++)
            {
                for (int c = 0; c < width; c++)
                    expected[(i * width) + c] = Math.FusedMultiplyAdd(gram[(i * count) + j], x[(j * width) + c], expected[(i * width) + c]);
            }
        }
        foreach (int workers in new[] { 1, 3 })
            Assert.Equal(expected.Select(BitConverter.DoubleToInt64Bits), Gram.Multiply(gram, x, count, width, workers, TestContext.Current.CancellationToken).Select(BitConverter.DoubleToInt64Bits));
    }

    [Theory]
    [InlineData(5, 2)]
    [InlineData(43, 6)]
    [InlineData(70, 33)]
    public void A_subspace_is_made_orthonormal_column_by_column_and_direction_by_direction(int size, int rank)
    {
        double[] factors = Random(size * size, 3);
        double[] matrix = Gram.OfColumns(factors, size, size, 1, TestContext.Current.CancellationToken);
        double[] Multiply(double[] block, int width) => Gram.Multiply(matrix, block, size, width, 1, TestContext.Current.CancellationToken);
        double[] expected = Basis(size, Math.Min(size, rank + 32), Multiply, iterations: 3);
        double[]? last = null;
        SubspaceIteration.Leading(size, rank, (block, width) => Multiply(last = block, width), 3, TestContext.Current.CancellationToken);
        Assert.Equal(expected.Select(BitConverter.DoubleToInt64Bits), last!.Select(BitConverter.DoubleToInt64Bits));
    }

    /// <summary>The last block that the iteration multiplies with the matrix, row by row.</summary>
    private static double[] Basis(int size, int width, SymmetricProduct multiply, int iterations)
    {
        var random = new SplitMix64(1);
        double[] basis = new double[size * width];
        for (int i = 0; i < basis.Length; i++)
            basis[i] = (random.Next() / (double)ulong.MaxValue) - 0.5;
        Orthonormalise(basis, size, width);
        for (int i = 0; i < iterations; i++)
        {
            basis = Transposed(multiply(Transposed(basis, width, size), width), size, width);
            Orthonormalise(basis, size, width);
        }
        return Transposed(basis, width, size);
    }

    private static void Orthonormalise(double[] basis, int size, int width)
    {
        for (int c = 0; c < width; c++)
        {
            var column = basis.AsSpan(c * size, size);
            double before = Math.Sqrt(Vectors.Dot(column, column));
            for (int pass = 0; pass < 2; pass++)
            {
                for (int other = 0; other < c; other++)
                    Vectors.AddScaled(column, -Vectors.Dot(column, basis.AsSpan(other * size, size)), basis.AsSpan(other * size, size));
            }
            if (Math.Sqrt(Vectors.Dot(column, column)) <= 1e-12 * before)
                column.Clear();
            else
                Vectors.Normalise(column);
        }
    }

    private static double[] Transposed(double[] matrix, int rows, int columns)
    {
        double[] transposed = new double[matrix.Length];
        for (int i = 0; i < matrix.Length; i++)
            transposed[(i % columns * rows) + (i / columns)] = matrix[i];
        return transposed;
    }

    private static double[] Random(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() - 0.5)];
    }
}
