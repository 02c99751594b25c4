using Prometheus.Grid.Similarity.Rows;

namespace Prometheus.Grid.Similarity;

/// <summary>
/// Builds a shard of rows that come one after the other, none knows how many: each is written where it stays. For one thread.
/// </summary>
/// <param name="shape">What a row consists of.</param>
public sealed class ShardBuilder(RowShape shape)
{
    /// <summary>Rows of the first chunk; later ones are as large as all before.</summary>
    private const int FirstRows = 1024;

    private readonly List<ChunkStore> _stores = [];
    private bool _isOpen;

    /// <summary>Rows so far.</summary>
    public int Count { get; private set; }

    /// <summary>Room for the next row, whose ordinal is <see cref="Count"/> before the call.</summary>
    /// <returns><see cref="RowShape.Dimensions"/> numbers, to be written before the next call of this builder; what is in them means nothing.</returns>
    /// <exception cref="ArgumentException">The row before holds NaN or infinity.</exception>
    public unsafe Span<float> Add()
    {
        Close();
        if (_stores.Count == 0 || _stores[^1].ReadRows == _stores[^1].Capacity)
            _stores.Add(new ChunkStore(shape, Math.Clamp(Count, FirstRows, Shard.BuiltRows), Count));
        _isOpen = true;
        Count++;
        return new Span<float>(_stores[^1].Row(_stores[^1].ReadRows), shape.Dimensions);
    }

    /// <summary>The shard of all rows; nothing may be added to it here any more.</summary>
    /// <exception cref="ArgumentException">The last row holds NaN or infinity.</exception>
    public Shard Build()
    {
        Close();
        return Shard.Of(shape, _stores);
    }

    private void Close()
    {
        if (_isOpen)
            _stores[^1].Take();
        _isOpen = false;
    }
}
