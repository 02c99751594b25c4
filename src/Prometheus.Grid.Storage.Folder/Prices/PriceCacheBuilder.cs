using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Storage.Folder.Files;
using Prometheus.Grid.Storage.Folder.Inputs;

namespace Prometheus.Grid.Storage.Folder.Prices;

/// <summary>Parses prices_daily once and writes its columns to a cache file.</summary>
internal sealed class PriceCacheBuilder(InputFile source, string cachePath, int mostRowsInMemory = PriceSorter.DefaultRowsInMemory)
{
    /// <summary>Builds the file beside its place and renames it there: two processes may do so at once, and the last one wins with the same content.</summary>
    /// <exception cref="BadInputException">The source is missing, or one of its rows is refused.</exception>
    public async Task BuildAsync(CancellationToken cancellationToken)
    {
        string temporary = string.Create(CultureInfo.InvariantCulture, $"{cachePath}.{Environment.ProcessId}-{Guid.NewGuid():N}{DurableFile.TemporarySuffix}");
        try
        {
            await using FileStream raw = source.OpenRaw(out FileStamp stamp);
            await using Stream text = InputFile.Decompress(raw);
            Directory.CreateDirectory(Path.GetDirectoryName(cachePath)!);
            using (SafeFileHandle file = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None))
            {
                long begun = File.GetLastWriteTimeUtc(file).Ticks;
                Task<byte[]> hash = Task.Run(() => ContentHash.Of(raw.SafeFileHandle, cancellationToken), cancellationToken);
                using var sorter = new PriceSorter(temporary + ".rows", source.Path, mostRowsInMemory);
                await ParseAsync(text, sorter, cancellationToken);
                await Task.Run(async () => new PriceCacheWriter(file).Write(sorter, stamp, begun, await hash, cancellationToken), cancellationToken);
            }
            if (source.Stamp() != stamp)
                throw new GridFaultException($"{source.Path} changed while it was read; run the command again", canRetry: true);
            // Not flushed to the disk: what a power cut takes, a checksum finds, and the cache is built again.
            File.Move(temporary, cachePath, overwrite: true);
        }
        catch (Exception error)
        {
            DurableFile.TryDelete(temporary);
            if (!StorageFault.IsFileError(error))
                throw;
            throw StorageFault.From($"cannot build the price cache {cachePath}", error);
        }
    }

    // Blocks are parsed on all cores and taken in their order, so the first bad row of the file is the one reported.
    private async Task ParseAsync(Stream text, PriceSorter sorter, CancellationToken cancellationToken)
    {
        var blocks = new LineBlocks(text, source.Path);
        PriceField[]? fields = null;
        var underWay = new Queue<Task<PriceBlock>>();
        long line = 1;
        try
        {
            while (await Task.Run(() => Next(blocks), cancellationToken) is { } next)
            {
                LineBlock block = next;
                if (fields is null)
                {
                    int header = block.Text.IndexOf((byte)'\n') + 1;
                    header = header == 0 ? block.Length : header;
                    fields = PriceColumns.Parse(block.Text[..header], source.Path);
                    block = block with { Start = header, Length = block.Length - header };
                    line = 2;
                }
                underWay.Enqueue(Task.Run(() => Parse(block, fields), cancellationToken));
                while (underWay.Count > 2 * Environment.ProcessorCount)
                    line = Take(sorter, await ParsedAsync(underWay.Dequeue(), line), line);
            }
            while (underWay.TryDequeue(out Task<PriceBlock>? task))
                line = Take(sorter, await ParsedAsync(task, line), line);
            if (fields is null)
                throw new BadInputException($"{source.Path} line 1, header", "", "a header with the columns instrument_id, trade_date, close, volume");
        }
        finally
        {
            foreach (Task<PriceBlock> task in underWay)
                _ = task.ContinueWith(static parsed => parsed.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        }
    }

    private LineBlock? Next(LineBlocks blocks)
    {
        try
        {
            return blocks.Next();
        }
        catch (InvalidDataException error)
        {
            throw new BadInputException(source.Path, error.Message, "a whole gzip file", error);
        }
    }

    private static PriceBlock Parse(LineBlock block, PriceField[] fields)
    {
        try
        {
            return PriceBlock.Parse(block.Text, fields);
        }
        finally
        {
            block.Return();
        }
    }

    private async Task<PriceBlock> ParsedAsync(Task<PriceBlock> task, long firstLine)
    {
        try
        {
            return await task;
        }
        catch (BadPriceRowException bad)
        {
            throw new BadInputException($"{source.Path} line {firstLine + bad.Line}, {bad.Column}", bad.Value, bad.Allowed);
        }
    }

    private static long Take(PriceSorter sorter, PriceBlock block, long firstLine)
    {
        sorter.Add(block, firstLine);
        return firstLine + block.Lines;
    }
}

/// <summary>Writes sorted rows as columns.</summary>
internal sealed class PriceCacheWriter(SafeFileHandle file)
{
    private const int BufferSize = 4 * 1024 * 1024;

    private byte[] _buffer = new byte[BufferSize];
    private int _filled;
    private long _offset = PriceCacheHeader.DataOffset;

    /// <summary>Writes the whole file.</summary>
    public void Write(PriceSorter sorter, FileStamp stamp, long verifiedTicks, byte[] sourceHash, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> instruments = sorter.Instruments;
        var entries = new PriceCacheEntry[instruments.Count];
        using var names = new MemoryStream();
        SortedSet<int> days = [];
        var header = new PriceCacheHeader { Magic = PriceCacheHeader.ExpectedMagic, Instruments = entries.Length };
        for (int i = 0; i < entries.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            byte[] name = Encoding.UTF8.GetBytes(instruments[i]);
            ReadOnlySpan<PriceRow> rows = sorter.RowsOf(instruments[i]);
            entries[i] = WriteColumns(rows) with { NameStart = (int)names.Length, NameLength = name.Length };
            names.Write(name);
            header.Rows += rows.Length;
            foreach (ref readonly PriceRow row in rows)
                days.Add(row.Day);
        }

        int[] dates = [.. days];
        uint directory = 0;
        header.IndexOffset = Position;
        directory = WriteBytes(MemoryMarshal.AsBytes(entries.AsSpan()), directory);
        header.NamesOffset = Position;
        directory = WriteBytes(names.GetBuffer().AsSpan(0, (int)names.Length), directory);
        header.DatesOffset = Position;
        directory = WriteBytes(MemoryMarshal.AsBytes(dates.AsSpan()), directory);
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

    private PriceCacheEntry WriteColumns(ReadOnlySpan<PriceRow> rows)
    {
        var entry = new PriceCacheEntry(Position, rows.Length, 0, 0, 0);
        int length = checked((int)entry.Length);
        if (_filled + length > _buffer.Length)
            Flush();
        if (length > _buffer.Length)
            _buffer = new byte[length];
        Span<byte> target = _buffer.AsSpan(_filled, length);
        target.Clear();
        Span<int> days = MemoryMarshal.Cast<byte, int>(target);
        int stride = (int)(entry.ColumnLength / sizeof(double));
        Span<double> doubles = MemoryMarshal.Cast<byte, double>(target[(int)entry.DaysLength..]);
        for (int i = 0; i < rows.Length; i++)
        {
            ref readonly PriceRow row = ref rows[i];
            days[i] = row.Day;
            doubles[i] = row.Open;
            doubles[stride + i] = row.High;
            doubles[2 * stride + i] = row.Low;
            doubles[3 * stride + i] = row.Close;
            doubles[4 * stride + i] = row.AdjustedClose;
            doubles[5 * stride + i] = row.Volume;
        }
        _filled += length;
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
