using Prometheus.Grid.Similarity.Rows;

namespace Prometheus.Grid.Similarity;

/// <summary>Sees one row.</summary>
/// <param name="ordinal">Its ordinal.</param>
/// <param name="row">Its numbers, only for the length of the call.</param>
public delegate void RowVisitor(int ordinal, ReadOnlySpan<float> row);

/// <summary>The rows of a shard at one moment; the shard may change meanwhile.</summary>
public sealed class FrozenRows
{
    private readonly RowShape _shape;
    private readonly Chunk[] _chunks;

    internal FrozenRows(RowShape shape, Chunk[] chunks) => (_shape, _chunks) = (shape, chunks);

    /// <summary>How many there are.</summary>
    public int Count => _chunks.Sum(chunk => chunk.LiveCount);

    /// <summary>Numbers of a row.</summary>
    public int Dimensions => _shape.Dimensions;

    /// <summary>Shows every row, in no order that means anything, but the same one at each call.</summary>
    public unsafe void Visit(RowVisitor visit)
    {
        ArgumentNullException.ThrowIfNull(visit);
        foreach (var chunk in _chunks)
        {
            for (int row = 0; row < chunk.Count; row++)
            {
                if (chunk.IsLive(row))
                    visit(chunk.Store.OrdinalOf(row), new ReadOnlySpan<float>(chunk.Store.Row(row), _shape.Dimensions));
            }
            GC.KeepAlive(chunk.Store);
        }
    }
}
