using Prometheus.Grid.Similarity.Rows;

namespace Prometheus.Grid.Similarity.Scanning;

/// <summary>A range of tiles of one chunk: what a thread takes at a time. Its prepared queries start at a slot.</summary>
internal readonly record struct ScanUnit(Chunk Chunk, OrdinalSet? Within, int Source, int Slot, int FirstTile, int LastTile);

/// <summary>The best k-th cosine that any thread has found, a query: rows below it cannot be among the best k.</summary>
internal sealed class SharedThresholds
{
    private double[] _values = [];

    public void Reset(int queries)
    {
        if (_values.Length < queries) _values = new double[queries];
        _values.AsSpan(0, queries).Fill(double.NegativeInfinity);
    }

    public double Get(int query) => Volatile.Read(ref _values[query]);

    /// <summary>Raises a threshold, if that raises it, and returns it.</summary>
    public double Raise(int query, double value)
    {
        double seen = Get(query);
        while (value > seen)
        {
            double before = Interlocked.CompareExchange(ref _values[query], value, seen);
            if (before.Equals(seen)) return value;
            seen = before;
        }
        return seen;
    }
}
