namespace Prometheus.Grid.Numerics.Tests;

public sealed class LinearAlgebraTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(5, 3)]
    [InlineData(40, 40)]
    public void A_matrix_is_the_product_of_its_singular_parts(int rows, int columns)
    {
        double[] matrix = Random(rows * columns, rows);
        var svd = JacobiSvd.Of(matrix, rows, columns);
        Assert.Equal(svd.Values.OrderDescending(), svd.Values);
        for (int c = 0; c < columns; c++)
        {
            for (int r = 0; r < rows; r++)
            {
                double rebuilt = Enumerable.Range(0, columns).Sum(k => svd.LeftVector(k)[r] * svd.Values[k] * svd.RightVector(k)[c]);
                Assert.Equal(matrix[(c * rows) + r], rebuilt, 1e-12);
            }
        }
    }

    [Fact]
    public void A_rotation_is_found_again()
    {
        const int dimension = 6, count = 50;
        double[] rotation = [.. JacobiSvd.Of(Random(dimension * dimension, 3), dimension, dimension).Right];
        float[] x = [.. Random(count * dimension, 4).Select(v => (float)v)];
        float[] y = [.. Enumerable.Range(0, count * dimension).Select(i =>
            (float)Enumerable.Range(0, dimension).Sum(k => x[(i / dimension * dimension) + k] * rotation[(k * dimension) + (i % dimension)]))];
        double[] found = Procrustes.Rotation(x, y, dimension);
        for (int i = 0; i < found.Length; i++)
            Assert.Equal(rotation[i], found[i], 1e-5);
    }

    [Fact]
    public void Fewer_vectors_than_dimensions_still_give_an_orthogonal_matrix()
    {
        const int dimension = 7;
        float[] x = [.. Random(2 * dimension, 8).Select(v => (float)v)], y = [.. Random(2 * dimension, 9).Select(v => (float)v)];
        foreach (double[] q in new[] { Procrustes.Rotation(x, y, dimension), Procrustes.Rotation([], [], dimension) })
        {
            for (int i = 0; i < dimension; i++)
            {
                for (int j = 0; j < dimension; j++)
                    Assert.Equal(i == j ? 1 : 0, Enumerable.Range(0, dimension).Sum(k => q[(i * dimension) + k] * q[(j * dimension) + k]), 1e-12);
            }
        }
    }

    private static double[] Random(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() - 0.5)];
    }
}
