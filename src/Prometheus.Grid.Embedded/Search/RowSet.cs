using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Similarity;

namespace Prometheus.Grid.Embedded.Search;

/// <summary>
/// Rows of one date that a search can scan: a header for each ordinal of a shard. Takes a newer version of its partition row by row, so a
/// single put costs a single row; a search under way goes on with the rows that it started with.
/// </summary>
internal sealed class RowSet
{
    private readonly Dictionary<string, int> _ordinals;
    private volatile RowHeader[] _headers;

    public RowSet(DateOnly asOf, IReadOnlyList<RowHeader> headers, Shard shard, int present = -1)
    {
        (AsOf, _headers, Shard, Present) = (asOf, [.. headers], shard, present);
        _ordinals = new Dictionary<string, int>(headers.Count, StringComparer.Ordinal);
        for (int i = 0; i < headers.Count; i++)
            _ordinals.Add(headers[i].EntityId, i);
    }

    public DateOnly AsOf { get; }

    public Shard Shard { get; }

    /// <summary>Which branches the rows have, a bit each, where rows are kept as branches.</summary>
    public int Present { get; }

    /// <summary>Headers by ordinal; an ordinal keeps its entity for ever: where its row is gone, the shard has none.</summary>
    public RowHeader[] Headers => _headers;

    public long Bytes => Shard.Bytes + (_headers.Length * 100L);

    public static RowSet Of(VectorPartition partition, CancellationToken cancellationToken) => new(
        partition.Key.AsOf, partition.Rows.Headers, Shard.Build(new RowShape(partition.Rows.Dimension), partition.Rows.Values, cancellationToken));

    /// <summary>The ordinal of an entity that is there, or -1.</summary>
    public int OrdinalOf(string entityId)
    {
        lock (_ordinals)
            return _ordinals.GetValueOrDefault(entityId, -1);
    }

    /// <summary>Takes over a newer version of the partition, changed rows only.</summary>
    public void Update(VectorPartition newer)
    {
        VectorBatch rows = newer.Rows;
        var row = new float[rows.Dimension];
        lock (_ordinals)
        {
            var headers = new List<RowHeader>(_headers);
            foreach (string gone in _ordinals.Keys.Where(id => rows.IndexOf(id) < 0).ToArray())
            {
                Shard.Remove(_ordinals[gone]);
                _ordinals.Remove(gone);
            }
            // Headers first: a search may meet a row as soon as it is put.
            for (int i = 0; i < rows.Count; i++)
            {
                if (_ordinals.TryGetValue(rows.Headers[i].EntityId, out int known))
                {
                    headers[known] = rows.Headers[i];
                }
                else
                {
                    _ordinals.Add(rows.Headers[i].EntityId, headers.Count);
                    headers.Add(rows.Headers[i]);
                }
            }
            _headers = [.. headers];
            for (int i = 0; i < rows.Count; i++)
            {
                int ordinal = _ordinals[rows.Headers[i].EntityId];
                if (!Shard.TryGetRow(ordinal, row) || !rows.Row(i).Span.SequenceEqual(row))
                    Shard.Put(ordinal, rows.Row(i).Span);
            }
        }
    }
}
