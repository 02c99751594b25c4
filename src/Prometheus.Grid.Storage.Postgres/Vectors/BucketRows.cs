using System.Buffers.Binary;
using System.Text;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Storage.Postgres.Vectors;

/// <summary>
/// Takes the rows of a binary COPY apart: entity, instrument, region, source, vector and checksum. Each is checked, and its vector copied once, to where it stays.
/// </summary>
/// <param name="key">Whose rows they are.</param>
/// <param name="dimension">Length of a vector.</param>
/// <param name="sink">Gets the rows.</param>
internal sealed class BucketRows(PartitionKey key, int dimension, IRowSink sink)
{
    private const int Fields = 6, Vector = 4;
    private const int Null = -1;

    private readonly Range[] _fields = new Range[Fields];
    private readonly bool[] _isNull = new bool[Fields];
    private readonly RepeatedText[] _texts = [new(), new(), new()];

    /// <summary>The most bytes that a row takes, with room for long ids.</summary>
    public int Most => (dimension * sizeof(float)) + (1 << 14);

    /// <summary>Takes complete rows; see <see cref="Connections.BinaryCopy"/>.</summary>
    /// <exception cref="Core.Errors.GridFaultException">A vector is not as it was written.</exception>
    public int Take(ReadOnlySpan<byte> bytes)
    {
        int used = 0;
        while (TryTake(bytes[used..]) is var size and > 0)
            used += size;
        return used;
    }

    /// <summary>Takes one row and returns its size; 0 when it is not complete, or no row.</summary>
    private int TryTake(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < sizeof(short) || BinaryPrimitives.ReadInt16BigEndian(bytes) != Fields)
            return 0;
        int at = sizeof(short);
        for (int field = 0; field < Fields; field++)
        {
            if (bytes.Length < at + sizeof(int))
                return 0;
            int size = BinaryPrimitives.ReadInt32BigEndian(bytes[at..]);
            at += sizeof(int);
            _isNull[field] = size == Null;
            int end = at + Math.Max(size, 0);
            if (bytes.Length < end)
                return 0;
            _fields[field] = at..end;
            at = end;
        }
        Add(bytes);
        return at;
    }

    private void Add(ReadOnlySpan<byte> bytes)
    {
        var header = new RowHeader(Encoding.UTF8.GetString(bytes[_fields[0]]), Text(bytes, 1), Text(bytes, 2), Text(bytes, 3));
        var vector = bytes[_fields[Vector]];
        if (vector.Length != dimension * sizeof(float))
            throw RowCollector.Damaged(key, header.EntityId, $"it has {vector.Length} bytes instead of {dimension * sizeof(float)}");
        if (!_isNull[Vector + 1] && BinaryPrimitives.ReadInt64BigEndian(bytes[_fields[Vector + 1]]) != Crc32C.Of(vector))
            throw RowCollector.Damaged(key, header.EntityId, "its checksum does not match");
        if (!VectorCodec.TryRead(vector, sink.Add(header)))
            throw RowCollector.Damaged(key, header.EntityId, "it holds values that are not finite");
    }

    private string Text(ReadOnlySpan<byte> bytes, int field) => _isNull[field] ? "" : _texts[field - 1].Of(bytes[_fields[field]]);

    /// <summary>Rows that follow each other often say the same, and then share the text.</summary>
    private sealed class RepeatedText
    {
        private byte[] _bytes = [];
        private string _text = "";

        public string Of(ReadOnlySpan<byte> bytes)
        {
            if (!bytes.SequenceEqual(_bytes))
                (_bytes, _text) = (bytes.ToArray(), Encoding.UTF8.GetString(bytes));
            return _text;
        }
    }
}
