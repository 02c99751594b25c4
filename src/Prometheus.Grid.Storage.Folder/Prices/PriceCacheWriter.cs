using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Storage.Folder.Prices;

/// <summary>Writes sorted rows as columns.</summary>
internal sealed class PriceCacheWriter(SafeFileHandle file)
{
    private const int BufferSize = 4 * 1024 * 1024;

    private byte[] _buffer = new byte[BufferSize];
    private int _filled;
    private long _offset = PriceCacheHeader.DataOffset;

    /// <summary>Writes the whole file.</summary>
    public void Write(PriceSorter sorter, TableNotes notes, bool hasAdjusted, FileStamp stamp, long verifiedTicks, byte[] sourceHash, CancellationToken cancellationToken)
    {
        var instruments = sorter.Instruments;
        var entries = new PriceCacheEntry[instruments.Count];
        var adjusted = new AdjustedCloses();
        using var names = new MemoryStream();
        HashSet<int> days = [];
        var header = new PriceCacheHeader { Magic = PriceCacheHeader.ExpectedMagic, Instruments = entries.Length };
        for (int i = 0; i < entries.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            byte[] name = Encoding.UTF8.GetBytes(instruments[i]);
            var rows = sorter.RowsOf(instruments[i]);
            entries[i] = WriteColumns(rows, instruments[i], adjusted) with { NameStart = (int)names.Length, NameLength = name.Length };
            names.Write(name);
            header.Rows += rows.Length;
            foreach (ref readonly var row in rows)
                days.Add(row.Day);
        }

        if (hasAdjusted)
            adjusted.Say(notes);
        int[] dates = [.. days.Order()];
        uint directory = 0;
        header.IndexOffset = Position;
        directory = WriteBytes(MemoryMarshal.AsBytes(entries.AsSpan()), directory);
        header.NamesOffset = Position;
        directory = WriteBytes(names.GetBuffer().AsSpan(0, (int)names.Length), directory);
        header.DatesOffset = Position;
        directory = WriteBytes(MemoryMarshal.AsBytes(dates.AsSpan()), directory);
        directory = WriteBytes(JsonSerializer.SerializeToUtf8Bytes(notes.Notes), directory);
        Flush();
        header.FileLength = _offset;
        header.Dates = dates.Length;
        header.DirectoryChecksum = directory;
        header.SourceLength = stamp.Length;
        header.SourceModifiedTicks = stamp.ModifiedTicks;
        header.VerifiedTicks = verifiedTicks;
        sourceHash.CopyTo(header.SourceHash);
        Encoding.UTF8.GetBytes(stamp.Name).CopyTo(header.SourceName);
        WriteHeader(file, header);
    }

    /// <summary>Puts a header in its place with its checksum.</summary>
    public static void WriteHeader(SafeFileHandle file, PriceCacheHeader header)
    {
        header.Checksum = header.ComputeChecksum();
        RandomAccess.Write(file, MemoryMarshal.AsBytes(new ReadOnlySpan<PriceCacheHeader>(in header)), 0);
    }

    private long Position => _offset + _filled;

    private PriceCacheEntry WriteColumns(ReadOnlySpan<PriceRow> rows, string instrument, AdjustedCloses adjusted)
    {
        var entry = new PriceCacheEntry(Position, rows.Length, 0, 0, 0);
        int length = checked((int)entry.Length);
        if (_filled + length > _buffer.Length)
            Flush();
        if (length > _buffer.Length)
            _buffer = new byte[length];
        var target = _buffer.AsSpan(_filled, length);
        target.Clear();
        var days = MemoryMarshal.Cast<byte, int>(target);
        int stride = (int)(entry.ColumnLength / sizeof(double));
        var doubles = MemoryMarshal.Cast<byte, double>(target[(int)entry.DaysLength..]);
        for (int i = 0; i < rows.Length; i++)
        {
            ref readonly var row = ref rows[i];
            days[i] = row.Day;
            doubles[i] = row.Open;
            doubles[stride + i] = row.High;
            doubles[2 * stride + i] = row.Low;
            doubles[3 * stride + i] = row.Close;
            doubles[4 * stride + i] = row.AdjustedClose;
            doubles[5 * stride + i] = row.Volume;
        }
        _filled += length;
        adjusted.Add(instrument, days[..rows.Length], doubles.Slice(4 * stride, rows.Length));
        return entry with { Checksum = Crc32C.Of(target) };
    }

    private uint WriteBytes(ReadOnlySpan<byte> bytes, uint checksum)
    {
        Flush();
        RandomAccess.Write(file, bytes, _offset);
        _offset += bytes.Length;
        return Crc32C.Of(bytes, checksum);
    }

    private void Flush()
    {
        RandomAccess.Write(file, _buffer.AsSpan(0, _filled), _offset);
        _offset += _filled;
        _filled = 0;
    }
}
