using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Similarity;

namespace Prometheus.Grid.Embedded.Search;

/// <summary>Takes the rows of a date where they stay.</summary>
/// <param name="asOf">The date.</param>
internal sealed class RowSetBuilder(DateOnly asOf) : IRowSink
{
    private readonly List<RowHeader> _headers = [];
    private ShardBuilder _rows = new(new RowShape(1));

    public void Begin(int dimension)
    {
        _headers.Clear();
        _rows = new ShardBuilder(new RowShape(dimension));
    }

    public Span<float> Add(RowHeader header)
    {
        _headers.Add(header);
        return _rows.Add();
    }

    /// <summary>The rows, after the last of them.</summary>
    public RowSet ToRowSet() => RowSet.InAnyOrder(asOf, [.. _headers], _rows.Build());
}
