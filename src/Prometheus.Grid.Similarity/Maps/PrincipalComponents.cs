using Prometheus.Grid.Numerics;

namespace Prometheus.Grid.Similarity.Maps;

/// <summary>
/// Principal components (Hotelling 1933): the orthogonal directions of largest variance. Found by subspace iteration on the
/// covariance matrix, which needs no full eigendecomposition for a handful of components.
/// </summary>
/// <remarks>Same bytes whatever the number of threads: each entry of the covariance is summed by one thread in row order.</remarks>
public static class PrincipalComponents
{
    /// <summary>The directions are iterated beside 32 others, so that after this many products the leading ones stand still even where variances are close.</summary>
    private const int Iterations = 60;

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
        var directions = SubspaceIteration.Leading(
            dims, components, (block, width) => Gram.Multiply(covariance, block, dims, width, Environment.ProcessorCount, cancellationToken), Iterations, cancellationToken);
        double[] projected = new double[rows.Count * components];
        for (int i = 0; i < rows.Count; i++)
        {
            var row = rows.Row(i);
            for (int c = 0; c < components; c++)
            {
                double sum = 0.0;
                var direction = directions.Vector(c);
                for (int d = 0; d < dims; d++) sum += (row[d] - mean[d]) * direction[d];
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
}
