namespace Prometheus.Grid.Similarity.Maps;

/// <summary>
/// How far a map can be trusted (Venna and Kaski 2001): 1 minus a penalty for every neighbour on the map that is no neighbour among the
/// rows, the greater the farther it is from being one. 1 is perfect, about 0.5 is chance.
/// </summary>
public static class Trustworthiness
{
    /// <summary>Trustworthiness of the neighbours of some rows, all of which count alike.</summary>
    /// <param name="rows">The rows; distances are those of their directions.</param>
    /// <param name="points">Their places on the map, two numbers each.</param>
    /// <param name="neighbours">How many neighbours to look at, below half of the rows.</param>
    /// <param name="every">Looks at every so many rows only: a row costs a comparison with all others.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public static double Of(MapRows rows, ReadOnlySpan<float> points, int neighbours, int every = 1, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(neighbours);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(neighbours, rows.Count / 2);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(every);
        if (points.Length != 2 * rows.Count) throw new ArgumentException($"points: {points.Length} numbers; allowed are {2 * rows.Count}.", nameof(points));
        int count = rows.Count;
        var unit = rows.Normalised();
        float[] high = new float[count];
        float[] low = new float[count];
        int[] order = new int[count];
        int[] rank = new int[count];
        double penalty = 0;
        int looked = 0;
        for (int i = 0; i < count; i += every, looked++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (int j = 0; j < count; j++)
            {
                high[j] = j == i ? float.NegativeInfinity : -System.Numerics.Tensors.TensorPrimitives.Dot(unit.Row(i), unit.Row(j));
                float dx = points[2 * i] - points[2 * j], dy = points[2 * i + 1] - points[2 * j + 1];
                low[j] = j == i ? float.NegativeInfinity : dx * dx + dy * dy;
                order[j] = j;
            }
            Array.Sort(high, order);
            for (int r = 0; r < count; r++) rank[order[r]] = r;
            for (int j = 0; j < count; j++) order[j] = j;
            Array.Sort(low, order);
            for (int r = 1; r <= neighbours; r++) penalty += Math.Max(0, rank[order[r]] - neighbours);
        }
        return 1 - penalty * 2 / ((double)looked * neighbours * (2.0 * count - 3 * neighbours - 1));
    }
}
