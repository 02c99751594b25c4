using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Similarity;

namespace Prometheus.Grid.Embedded.Snapshots;

/// <summary>
/// The rows of a bucket as a file: blocks, each with its length and the CRC-32C of its number and its bytes. The first says what the file is: key, version,
/// dimension and how many rows there are. Each one behind it holds up to 64 rows, their texts and then their vectors. Numbers are little-endian.
/// </summary>
internal static class SnapshotFile
{
    private const string Magic = "GRIDROWS1";
    private const int RowsOfBlock = 64;
    private const int HeadBytes = 2 * sizeof(uint);

    /// <summary>No block is longer: what says so is no length.</summary>
    private const int MostBytes = 1 << 26;

    /// <summary>Writes a file.</summary>
    /// <param name="stream">The empty file.</param>
    /// <param name="key">Whose rows.</param>
    /// <param name="version">Their version.</param>
    /// <param name="headers">By ordinal.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public static void Write(
        Stream stream, SnapshotKey key, string version, IReadOnlyList<RowHeader> headers, FrozenRows rows, CancellationToken cancellationToken)
    {
        uint block = 0;
        var texts = new MemoryStream();
        using var writer = new BinaryWriter(texts, Encoding.UTF8);
        writer.Write(Magic);
        WriteKey(writer, key);
        writer.Write(version);
        writer.Write(rows.Dimensions);
        writer.Write(rows.Count);
        WriteBlock([]);

        byte[] vectors = new byte[RowsOfBlock * rows.Dimensions * sizeof(float)];
        int waiting = 0;
        rows.Visit((ordinal, row) =>
        {
            var header = headers[ordinal];
            writer.Write(header.EntityId);
            writer.Write(header.InstrumentId);
            writer.Write(header.Region);
            writer.Write(header.Source);
            MemoryMarshal.AsBytes(row).CopyTo(vectors.AsSpan(waiting++ * rows.Dimensions * sizeof(float)));
            if (waiting == RowsOfBlock)
                WriteRows();
        });
        if (waiting > 0)
            WriteRows();

        void WriteRows()
        {
            cancellationToken.ThrowIfCancellationRequested();
            WriteBlock(vectors.AsSpan(0, waiting * rows.Dimensions * sizeof(float)));
            waiting = 0;
        }

        void WriteBlock(ReadOnlySpan<byte> behind)
        {
            writer.Flush();
            var before = texts.GetBuffer().AsSpan(0, (int)texts.Length);
            Span<byte> head = stackalloc byte[HeadBytes];
            BinaryPrimitives.WriteInt32LittleEndian(head, before.Length + behind.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(head[sizeof(uint)..], Crc32C.Of(behind, Crc32C.Of(before, block++)));
            stream.Write(head);
            stream.Write(before);
            stream.Write(behind);
            texts.SetLength(0);
        }
    }

    /// <summary>Reads a file whole.</summary>
    /// <returns>The version of the rows; null when the file is of another database.</returns>
    /// <exception cref="InvalidDataException">It is damaged, or no such file.</exception>
    public static string? Read(Stream stream, SnapshotKey key, IRowSink sink, CancellationToken cancellationToken)
    {
        uint block = 0;
        byte[] bytes = new byte[1 << 17];
        using var first = Reader(ReadBlock());
        if (first.ReadString() != Magic)
            throw new InvalidDataException("it is no snapshot of this version of the grid");
        string history = first.ReadString();
        if (ReadKey(first, history) is var found && found != key with { History = history })
            throw new InvalidDataException($"it holds rows of {found.Partition}, bucket {found.Bucket} of {found.Of}");
        if (history != key.History)
            return null;
        string version = first.ReadString();
        int dimension = first.ReadInt32(), count = first.ReadInt32();
        sink.Begin(dimension);
        var texts = new SharedTexts();
        for (int row = 0; row < count; row += RowsOfBlock)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int rows = Math.Min(RowsOfBlock, count - row);
            var payload = ReadBlock();
            var before = payload[..^(rows * dimension * sizeof(float))];
            var vectors = payload[before.Length..];
            for (int i = 0; i < rows; i++)
            {
                var header = new RowHeader(SharedTexts.Next(ref before), texts.Next(ref before, 0), texts.Next(ref before, 1), texts.Next(ref before, 2));
                MemoryMarshal.Cast<byte, float>(vectors.Slice(i * dimension * sizeof(float), dimension * sizeof(float))).CopyTo(sink.Add(header));
            }
        }
        if (stream.ReadByte() >= 0)
            throw new InvalidDataException("it is longer than its rows");
        return version;

        ReadOnlySpan<byte> ReadBlock()
        {
            Span<byte> head = stackalloc byte[HeadBytes];
            if (stream.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false) < HeadBytes)
                throw new InvalidDataException("it ends early");
            int length = BinaryPrimitives.ReadInt32LittleEndian(head);
            if (length is < 0 or > MostBytes)
                throw new InvalidDataException($"block {block} is damaged");
            if (length > bytes.Length)
                bytes = new byte[length];
            if (stream.ReadAtLeast(bytes.AsSpan(0, length), length, throwOnEndOfStream: false) < length)
                throw new InvalidDataException("it ends early");
            if (Crc32C.Of(bytes.AsSpan(0, length), block) != BinaryPrimitives.ReadUInt32LittleEndian(head[sizeof(uint)..]))
                throw new InvalidDataException($"block {block} is damaged");
            block++;
            return bytes.AsSpan(0, length);
        }
    }

    private static BinaryReader Reader(ReadOnlySpan<byte> bytes) => new(new MemoryStream(bytes.ToArray()), Encoding.UTF8);

    private static void WriteKey(BinaryWriter writer, SnapshotKey key)
    {
        writer.Write(key.History);
        writer.Write((int)key.Partition.Kind);
        writer.Write(key.Partition.ModelId);
        writer.Write(key.Partition.AsOf.DayNumber);
        writer.Write(key.Bucket);
        writer.Write(key.Of);
    }

    private static SnapshotKey ReadKey(BinaryReader reader, string history)
    {
        var partition = new PartitionKey((BranchKind)reader.ReadInt32(), reader.ReadString(), DateOnly.FromDayNumber(reader.ReadInt32()));
        return new SnapshotKey(history, partition, reader.ReadInt32(), reader.ReadInt32());
    }

    /// <summary>Texts as a <see cref="BinaryWriter"/> writes them. Rows that follow each other often say the same, and then share it.</summary>
    private sealed class SharedTexts
    {
        private readonly string[] _last = ["", "", ""];
        private readonly byte[][] _bytes = [[], [], []];

        public string Next(ref ReadOnlySpan<byte> bytes, int field)
        {
            var text = Take(ref bytes);
            if (!text.SequenceEqual(_bytes[field]))
                (_bytes[field], _last[field]) = (text.ToArray(), Encoding.UTF8.GetString(text));
            return _last[field];
        }

        public static string Next(ref ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(Take(ref bytes));

        private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> bytes)
        {
            int length = 0, at = 0;
            for (int shift = 0; ; shift += 7)
            {
                byte next = bytes[at++];
                length |= (next & 0x7F) << shift;
                if (next < 0x80)
                    break;
            }
            var text = bytes.Slice(at, length);
            bytes = bytes[(at + length)..];
            return text;
        }
    }
}
