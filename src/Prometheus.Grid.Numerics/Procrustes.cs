namespace Prometheus.Grid.Numerics;

/// <summary>
/// The rotation that brings one set of vectors closest to another (orthogonal Procrustes problem, Schönemann 1966). Cosines within a set
/// do not change under it, so a basis can be turned towards an earlier one without touching any answer of its own date.
/// </summary>
public static class Procrustes
{
    /// <summary>Finds the orthogonal Q that minimises ‖X Q − Y‖.</summary>
    /// <param name="x">n × <paramref name="dimension"/> values, row by row.</param>
    /// <param name="y">As many values; row i is the counterpart of row i of <paramref name="x"/>.</param>
    /// <param name="dimension">Length of a row, at least 1.</param>
    /// <returns>Q row by row (dimension × dimension).</returns>
    public static double[] Rotation(ReadOnlySpan<float> x, ReadOnlySpan<float> y, int dimension)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        ArgumentOutOfRangeException.ThrowIfNotEqual(y.Length, x.Length);

        // M = XᵀY, held column by column; then Q = U Vᵀ.
        double[] product = new double[dimension * dimension];
        for (int row = 0; row < x.Length; row += dimension)
        {
            // A product of two floats is exact in a double, so that adding it in one step or in two gives the same bits.
            for (int c = 0; c < dimension; c++)
                Vectors.AddScaled(product.AsSpan(c * dimension, dimension), y[row + c], x.Slice(row, dimension));
        }
        var svd = JacobiSvd.Of(product, dimension, dimension);
        double[] left = Completed(svd, dimension);
        double[] rotation = new double[dimension * dimension];
        for (int k = 0; k < dimension; k++)
        {
            for (int r = 0; r < dimension; r++)
                Vectors.AddScaled(rotation.AsSpan(r * dimension, dimension), left[(k * dimension) + r], svd.RightVector(k));
        }
        return rotation;
    }

    /// <summary>
    /// Left vectors with the directions that carry nothing filled in, so that the rotation is orthogonal even when there are fewer vectors
    /// than dimensions.
    /// </summary>
    private static double[] Completed(JacobiSvd svd, int dimension)
    {
        double[] left = [.. svd.Left];
        double negligible = 1e-12 * svd.Values[0];
        int candidate = 0;
        for (int k = 0; k < dimension; k++)
        {
            if (svd.Values[k] > negligible)
                continue;
            var column = left.AsSpan(k * dimension, dimension);
            double norm;
            do
            {
                column.Clear();
                column[candidate++] = 1;
                for (int pass = 0; pass < 2; pass++)
                {
                    for (int other = 0; other < k; other++)
                        Vectors.AddScaled(column, -Vectors.Dot(column, left.AsSpan(other * dimension, dimension)), left.AsSpan(other * dimension, dimension));
                }
                norm = Math.Sqrt(Vectors.Dot(column, column));
            }
            while (norm < 0.1 / Math.Sqrt(dimension));
            Vectors.Normalise(column);
        }
        return left;
    }
}
