using Prometheus.Grid.Numerics;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.Evaluation;

/// <summary>The nearest neighbours of every row among all others, exactly: cosine in double, ties by row, which is by id.</summary>
internal static class Neighbourhoods
{
    /// <summary>Finds them.</summary>
    /// <param name="rows">Rows in ordinal order of their ids.</param>
    /// <param name="k">Neighbours a row; fewer when there are not so many others.</param>
    /// <param name="workers">Cores to use.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>For each row its neighbours, nearest first.</returns>
    public static int[][] Of(VectorBatch rows, int k, int workers, CancellationToken cancellationToken)
    {
        int count = rows.Count, dimension = rows.Dimension;
        double[] units = new double[count * dimension];
        for (int i = 0; i < count; i++)
        {
            var unit = units.AsSpan(i * dimension, dimension);
            var row = rows.Row(i).Span;
            for (int c = 0; c < dimension; c++)
                unit[c] = row[c];
            Vectors.Normalise(unit);
        }
        int[][] neighbours = new int[count][];
        var options = new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken };
        Parallel.For(0, count, options, i => neighbours[i] = Nearest(units, i, count, dimension, Math.Min(k, count - 1)));
        return neighbours;
    }

    private static int[] Nearest(double[] units, int target, int count, int dimension, int k)
    {
        int[] best = new int[k];
        Span<double> cosines = stackalloc double[k];
        int found = 0;
        ReadOnlySpan<double> query = units.AsSpan(target * dimension, dimension);
        for (int other = 0; other < count; other++)
        {
            if (other == target)
                continue;
            double cosine = Vectors.Dot(query, units.AsSpan(other * dimension, dimension));
            if (found == k && !(cosine > cosines[k - 1]))
                continue;
            // Rows come in order of their ids, so an equal one goes behind those that are there.
            int place = found < k ? found++ : k - 1;
            for (; place > 0 && cosine > cosines[place - 1]; place--)
                (cosines[place], best[place]) = (cosines[place - 1], best[place - 1]);
            (cosines[place], best[place]) = (cosine, other);
        }
        return best;
    }
}
