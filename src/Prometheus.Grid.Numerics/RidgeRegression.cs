namespace Prometheus.Grid.Numerics;

/// <summary>
/// Ridge regression on a sparse matrix for many targets at once: W that makes ‖A W − Y‖² + λ ‖W‖² smallest, by conjugate gradients for
/// least squares (Hestenes and Stiefel 1952; CGLS in Björck 1996, "Numerical Methods for Least Squares Problems", 7.4). Targets go in blocks of as many
/// as a row's sums find room for in registers; each target has its own step, and those of a block share the two products with A.
/// </summary>
public static class RidgeRegression
{
    // Gradients are down to a thousandth by then, where a weight of one byte tells no difference any more.
    private const double Tolerance = 1e-3;
    private const int MostSteps = 100;
    private const int Block = SparseRows.BlockWidth;

    /// <summary>Solves, in single precision with sums over rows in double.</summary>
    /// <param name="rows">A, examples × features.</param>
    /// <param name="targets">Y row by row, examples × <paramref name="width"/>.</param>
    /// <param name="width">How many targets.</param>
    /// <param name="lambda">λ, above 0.</param>
    /// <param name="workers">Cores to use; the bits do not depend on it.</param>
    /// <param name="progress">Receives a share of the work, 0 to 1; null for none.</param>
    /// <param name="cancellationToken">Ends the work between two steps.</param>
    /// <returns>W row by row, features × <paramref name="width"/>.</returns>
    public static float[] Solve(
        SparseRows rows, float[] targets, int width, float lambda, int workers, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var columns = rows.Transposed();
        float[] weights = new float[rows.ColumnCount * width];
        for (int from = 0; from < width; from += Block)
        {
            int count = Math.Min(Block, width - from);
            float[] residuals = new float[rows.RowCount * Block];
            for (int r = 0; r < rows.RowCount; r++)
                targets.AsSpan((r * width) + from, count).CopyTo(residuals.AsSpan(r * Block));
            float[] solved = SolveBlock(rows, columns, residuals, lambda, workers, cancellationToken);
            for (int c = 0; c < rows.ColumnCount; c++)
                solved.AsSpan(c * Block, count).CopyTo(weights.AsSpan((c * width) + from));
            progress?.Report((double)(from + count) / width);
        }
        return weights;
    }

    /// <summary>Solves for the targets of a block, which become the residuals.</summary>
    private static float[] SolveBlock(SparseRows rows, SparseRows columns, float[] residuals, float lambda, int workers, CancellationToken cancellationToken)
    {
        float[] weights = new float[rows.ColumnCount * Block], direction = new float[weights.Length];
        float[] downhill = new float[weights.Length], image = new float[residuals.Length];
        columns.MultiplyBlock(residuals, direction, workers, cancellationToken);
        double[] first = SquaredNorms(direction), gradient = first;
        for (int step = 0; step < MostSteps && first.Zip(gradient).Any(pair => pair.Second > Tolerance * Tolerance * pair.First); step++)
        {
            rows.MultiplyBlock(direction, image, workers, cancellationToken);
            double[] ofImage = SquaredNorms(image), ofDirection = SquaredNorms(direction);
            // A target that is all zero, as those that fill up the last block, stays where it is.
            float[] length = [.. gradient.Select((now, c) => now > 0 ? (float)(now / (ofImage[c] + (lambda * ofDirection[c]))) : 0)];
            AddByTarget(weights, length, direction);
            AddByTarget(residuals, [.. length.Select(value => -value)], image);

            columns.MultiplyBlock(residuals, downhill, workers, cancellationToken);
            for (int i = 0; i < downhill.Length; i++)
                downhill[i] -= lambda * weights[i];
            double[] next = SquaredNorms(downhill);
            AddByTarget(downhill, [.. next.Zip(gradient, (to, from) => from > 0 ? (float)(to / from) : 0)], direction);
            (direction, downhill, gradient) = (downhill, direction, next);
        }
        return weights;
    }

    private static double[] SquaredNorms(float[] block)
    {
        double[] sums = new double[Block];
        for (int i = 0; i < block.Length; i += Block)
        {
            var row = block.AsSpan(i, Block);
            for (int c = 0; c < row.Length; c++)
                sums[c] += (double)row[c] * row[c];
        }
        return sums;
    }

    private static void AddByTarget(float[] y, float[] factors, float[] x)
    {
        for (int i = 0; i < y.Length; i += Block)
        {
            Span<float> to = y.AsSpan(i, Block), from = x.AsSpan(i, Block);
            for (int c = 0; c < to.Length; c++)
                to[c] += factors[c] * from[c];
        }
    }
}
