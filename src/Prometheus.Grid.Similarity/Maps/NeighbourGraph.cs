namespace Prometheus.Grid.Similarity.Maps;

/// <summary>The exact nearest neighbours of every row among the others, by cosine.</summary>
public sealed class NeighbourGraph
{
    private const int BatchQueries = 256;

    private NeighbourGraph(int count, int neighbours)
    {
        (Count, Neighbours) = (count, neighbours);
        Indices = new int[count * neighbours];
        Distances = new float[count * neighbours];
    }

    /// <summary>Rows.</summary>
    public int Count { get; }

    /// <summary>Neighbours a row: what was asked for, or all others when there are fewer.</summary>
    public int Neighbours { get; }

    /// <summary>Count × Neighbours row numbers, the nearest first.</summary>
    public int[] Indices { get; }

    /// <summary>Cosine distance 1 − cos of each, in [0, 2].</summary>
    public float[] Distances { get; }

    /// <summary>Searches all rows in a shard of their own, in batches.</summary>
    /// <param name="rows">At least 2 rows.</param>
    /// <param name="neighbours">How many a row, at least 1.</param>
    /// <param name="searcher">Where to scan; null for the shared threads.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public static NeighbourGraph Of(MapRows rows, int neighbours, Searcher? searcher = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows.Count, 2, nameof(rows));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(neighbours);
        searcher ??= new Searcher();
        var graph = new NeighbourGraph(rows.Count, Math.Min(neighbours, rows.Count - 1));
        var sources = new[] { new SearchSource(Shard.Build(new RowShape(rows.Dimensions), rows.Values, cancellationToken)) };
        for (int first = 0; first < rows.Count; first += BatchQueries)
        {
            var queries = Enumerable.Range(first, Math.Min(BatchQueries, rows.Count - first))
                .Select(i => new VectorQuery(rows.Values.Slice(i * rows.Dimensions, rows.Dimensions), graph.Neighbours + 1))
                .ToArray();
            var answers = searcher.SearchBatch(sources, queries, cancellationToken);
            for (int i = 0; i < answers.Length; i++) graph.Set(first + i, answers[i]);
        }
        return graph;
    }

    /// <summary>Keeps all but the row itself, which is not always first: equal rows tie with it.</summary>
    private void Set(int row, Hit[] hits)
    {
        int target = row * Neighbours;
        int end = target + Neighbours;
        foreach (var hit in hits)
        {
            if (hit.Ordinal == row || target == end) continue;
            Indices[target] = hit.Ordinal;
            Distances[target++] = (float)Math.Max(0, 1 - hit.Cosine);
        }
    }
}
