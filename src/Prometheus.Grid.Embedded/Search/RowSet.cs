using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Similarity;

namespace Prometheus.Grid.Embedded.Search;

/// <summary>
/// Rows of one date that a search can scan: a header for each ordinal of a shard. Takes a newer version of its partition row by row, so a
/// single put costs a single row; a search under way goes on with the rows that it started with.
/// </summary>
internal sealed class RowSet
{
    private readonly Lock _writing = new();
    private volatile RowHeader[] _headers;
    private Dictionary<string, int>? _ordinals;

    /// <param name="asOf">The date.</param>
    /// <param name="headers">A header for each row of the shard, ascending by entity id.</param>
    /// <param name="shard">The rows.</param>
    /// <param name="present">Which branches the rows have.</param>
    public RowSet(DateOnly asOf, IReadOnlyList<RowHeader> headers, Shard shard, int present = -1) =>
        (AsOf, _headers, Shard, Present) = (asOf, [.. headers], shard, present);

    /// <summary>Rows whose headers are in no order.</summary>
    private RowSet(DateOnly asOf, RowHeader[] headers, Shard shard, Dictionary<string, int> ordinals)
        : this(asOf, headers, shard) => _ordinals = ordinals;

    public DateOnly AsOf { get; }

    public Shard Shard { get; }

    /// <summary>Which branches the rows have, a bit each, where rows are kept as branches.</summary>
    public int Present { get; }

    /// <summary>Headers by ordinal; an ordinal keeps its entity for ever: where its row is gone, the shard has none.</summary>
    public RowHeader[] Headers => _headers;

    public long Bytes => Shard.Bytes + (_headers.Length * 100L);

    public static RowSet Of(VectorPartition partition, CancellationToken cancellationToken) => new(
        partition.Key.AsOf, partition.Rows.Headers, Shard.Over(new RowShape(partition.Rows.Dimension), partition.Rows.Values, cancellationToken));

    /// <summary>Rows in the order in which they came.</summary>
    public static RowSet InAnyOrder(DateOnly asOf, RowHeader[] headers, Shard shard) => new(asOf, headers, shard, OrdinalsOf(headers));

    /// <summary>Headers and rows as they are now, for whoever writes them down while they change.</summary>
    public (RowHeader[] Headers, FrozenRows Rows) Freeze()
    {
        lock (_writing)
            return (_headers, Shard.Freeze());
    }

    /// <summary>The ordinal of an entity that is there, or -1.</summary>
    public int OrdinalOf(string entityId)
    {
        lock (_writing)
            return _ordinals?.GetValueOrDefault(entityId, -1) ?? InOrder(entityId);
    }

    /// <summary>Rows are in order until the first update; a table of ordinals before that would cost more than a command's only search.</summary>
    private int InOrder(string entityId)
    {
        int low = 0, high = _headers.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            int order = string.CompareOrdinal(_headers[middle].EntityId, entityId);
            if (order == 0)
                return middle;
            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }
        return -1;
    }

    private static Dictionary<string, int> OrdinalsOf(RowHeader[] headers)
    {
        var ordinals = new Dictionary<string, int>(headers.Length, StringComparer.Ordinal);
        for (int ordinal = 0; ordinal < headers.Length; ordinal++)
            ordinals.Add(headers[ordinal].EntityId, ordinal);
        return ordinals;
    }

    /// <summary>Takes over a newer version of the partition, changed rows only.</summary>
    public void Update(VectorChanges newer)
    {
        var rows = newer.Partition.Rows;
        float[] row = new float[rows.Dimension];
        lock (_writing)
        {
            _ordinals ??= OrdinalsOf(_headers);
            var headers = new List<RowHeader>(_headers);
            foreach (string gone in newer.AreAll ? _ordinals.Keys.Where(id => rows.IndexOf(id) < 0).ToArray() : [])
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
