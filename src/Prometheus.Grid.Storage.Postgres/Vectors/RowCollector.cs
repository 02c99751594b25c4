using Npgsql;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Storage.Postgres.Vectors;

/// <summary>Gathers rows of a result, checks each, and puts them into ordinal order, which no collation of the server need be.</summary>
internal sealed class RowCollector(PartitionKey key, int dimension)
{
    private readonly List<RowHeader> _headers = [];
    private readonly byte[] _bytes = new byte[dimension * sizeof(float)];
    private float[] _values = [];
    private bool _isSorted = true;

    /// <summary>Adds the row that <paramref name="reader"/> stands at.</summary>
    /// <param name="reader">Columns entity, instrument, region, source, vector and checksum from <paramref name="first"/> on.</param>
    /// <param name="first">The first of them.</param>
    /// <exception cref="GridFaultException">The vector is not as it was written.</exception>
    public void Add(NpgsqlDataReader reader, int first)
    {
        string entityId = reader.GetString(first);
        var header = new RowHeader(entityId, Text(reader, first + 1), Text(reader, first + 2), Text(reader, first + 3));
        if (Problem(reader, first + 4) is { } problem)
            throw Damaged(key, entityId, problem);
        int at = _headers.Count * dimension;
        if (at + dimension > _values.Length)
            Array.Resize(ref _values, Math.Max(64 * dimension, _values.Length * 2));
        if (!VectorCodec.TryRead(_bytes, _values.AsSpan(at, dimension)))
            throw Damaged(key, entityId, "it holds values that are not finite");
        _isSorted &= _headers.Count == 0 || string.CompareOrdinal(_headers[^1].EntityId, entityId) < 0;
        _headers.Add(header);
    }

    /// <summary>A vector that is not as it was written.</summary>
    public static GridFaultException Damaged(PartitionKey key, string entityId, string problem) =>
        new($"the vector of '{entityId}' in {key} is damaged: {problem}. `grid verify` lists all damage; build the vector again");

    /// <summary>The rows in ordinal order.</summary>
    public VectorBatch ToBatch()
    {
        if (_isSorted)
            return new VectorBatch(_headers, _values.AsMemory(0, _headers.Count * dimension), dimension);
        RowHeader[] headers = [.. _headers];
        int[] order = [.. Enumerable.Range(0, headers.Length)];
        Array.Sort(headers, order, Comparer<RowHeader>.Create((a, b) => string.CompareOrdinal(a.EntityId, b.EntityId)));
        float[] values = new float[headers.Length * dimension];
        for (int i = 0; i < order.Length; i++)
            _values.AsSpan(order[i] * dimension, dimension).CopyTo(values.AsSpan(i * dimension));
        return new VectorBatch(headers, values, dimension);
    }

    /// <summary>Reads the bytes of a vector and says what is wrong with them, or null.</summary>
    private string? Problem(NpgsqlDataReader reader, int column)
    {
        long length = reader.GetBytes(column, 0, null, 0, 0);
        if (length != _bytes.Length)
            return $"it has {length} bytes instead of {_bytes.Length}";
        reader.GetBytes(column, 0, _bytes, 0, _bytes.Length);
        bool isIntact = reader.IsDBNull(column + 1) || reader.GetInt64(column + 1) == Crc32C.Of(_bytes);
        return isIntact ? null : "its checksum does not match";
    }

    private static string Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? "" : reader.GetString(column);
}
