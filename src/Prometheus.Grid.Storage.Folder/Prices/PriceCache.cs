using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Prices;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Folder.Files;

namespace Prometheus.Grid.Storage.Folder.Prices;

/// <summary>A mapped price cache. Series are views of the file: nothing is read before it is used, nothing is copied.</summary>
internal sealed unsafe class PriceCache : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;
    private readonly PriceCacheHeader _header;
    private readonly string _path;
    private readonly Dictionary<string, int> _index = new(StringComparer.Ordinal);
    private bool[] _isChecked = [];

    private PriceCache(string path, MemoryMappedFile file, MemoryMappedViewAccessor view)
    {
        _path = path;
        _file = file;
        _view = view;
        byte* pointer = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        _start = pointer + view.PointerOffset;
        _header = *(PriceCacheHeader*)_start;
    }

    /// <summary>The dates that have prices, ascending.</summary>
    public IReadOnlyList<DateOnly> Dates { get; private set; } = [];

    /// <summary>What of the source is not used.</summary>
    public IReadOnlyList<InputNote> Notes { get; private set; } = [];

    /// <summary>Rows by instrument.</summary>
    public IEnumerable<(string Id, int Rows)> RowCounts => _index.Select(entry => (entry.Key, Entries[entry.Value].Count));

    /// <summary>The content hash of the source, hexadecimal.</summary>
    public string SourceHash => Convert.ToHexStringLower(_header.SourceHash);

    /// <summary>What the file was made of.</summary>
    public PriceCacheHeader Header => _header;

    private ReadOnlySpan<PriceCacheEntry> Entries => new(_start + _header.IndexOffset, _header.Instruments);

    /// <summary>Maps a cache; null when there is none, or what is there is not whole.</summary>
    public static PriceCache? TryOpen(string path)
    {
        MemoryMappedFile file;
        long length;
        try
        {
            length = new FileInfo(path) is { Exists: true } info ? info.Length : 0;
            if (length < PriceCacheHeader.DataOffset)
                return null;
            file = MemoryMappedFile.CreateFromFile(
                File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        var view = file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        var cache = new PriceCache(path, file, view);
        if (cache.Load(length))
            return cache;
        cache.Dispose();
        return null;
    }

    /// <summary>True when the header says that the cache was made of this file.</summary>
    public bool IsOf(FileStamp stamp) =>
        HasNameAndLengthOf(stamp) && _header.SourceModifiedTicks == stamp.ModifiedTicks;

    /// <summary>True when only the content can tell whether the cache was made of this file.</summary>
    public bool HasNameAndLengthOf(FileStamp stamp) =>
        _header.SourceLength == stamp.Length
        && Encoding.UTF8.GetString(((ReadOnlySpan<byte>)_header.SourceName).TrimEnd((byte)0)) == stamp.Name;

    /// <summary>The prices of an instrument; an empty series when it has none.</summary>
    /// <exception cref="GridFaultException">Its columns are damaged; the cache has then been dropped.</exception>
    public PriceSeries Series(string instrumentId)
    {
        if (!_index.TryGetValue(instrumentId, out int row))
            return new PriceSeries { InstrumentId = instrumentId, Days = default, Open = default, High = default, Low = default, Close = default, AdjustedClose = default, Volume = default };
        var entry = Entries[row];
        byte* start = _start + entry.Offset;
        if (!_isChecked[row])
        {
            if (Crc32C.Of(new ReadOnlySpan<byte>(start, (int)entry.Length)) != entry.Checksum)
            {
                DurableFile.TryDelete(_path);
                throw new GridFaultException($"{_path} was damaged at {instrumentId} and has been deleted; run the command again, it is then built anew", canRetry: true);
            }
            _isChecked[row] = true;
        }
        var days = new MappedMemory<int>(start, entry.Count).Memory;
        int stride = (int)(entry.ColumnLength / sizeof(double));
        var columns = new MappedMemory<double>(start + entry.DaysLength, PriceCacheEntry.DoubleColumns * stride).Memory;
        return new PriceSeries
        {
            InstrumentId = instrumentId,
            Days = days,
            Open = columns[..entry.Count],
            High = columns.Slice(stride, entry.Count),
            Low = columns.Slice(2 * stride, entry.Count),
            Close = columns.Slice(3 * stride, entry.Count),
            AdjustedClose = columns.Slice(4 * stride, entry.Count),
            Volume = columns.Slice(5 * stride, entry.Count),
        };
    }

    /// <summary>What is wrong with a cache, padding included; null when every byte is as it was written.</summary>
    public static string? Problem(string path, CancellationToken cancellationToken)
    {
        try
        {
            using var cache = TryOpen(path);
            return cache is null ? $"{path} is damaged: it is not whole" : cache.Damage(cancellationToken) is { } where ? $"{path} is damaged: {where}" : null;
        }
        catch (Exception error) when (FileFault.IsFileError(error))
        {
            return error.Message;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    // Readers check a series when they first use it; this checks all of them, and that nothing stands between them.
    private string? Damage(CancellationToken cancellationToken)
    {
        long end = Unsafe.SizeOf<PriceCacheHeader>();
        foreach (var entry in Entries.ToArray().OrderBy(entry => entry.Offset))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!IsBlank(end, entry.Offset))
                return $"bytes before {entry.Offset} are not blank";
            if (Crc32C.Of(new ReadOnlySpan<byte>(_start + entry.Offset, (int)entry.Length)) != entry.Checksum)
                return $"the checksum of the prices at byte {entry.Offset} does not match";
            end = entry.Offset + entry.Length;
        }
        return IsBlank(end, _header.IndexOffset) ? null : $"bytes before {_header.IndexOffset} are not blank";
    }

    private bool IsBlank(long from, long to) => to <= from || !new ReadOnlySpan<byte>(_start + from, checked((int)(to - from))).ContainsAnyExcept((byte)0);

    private bool Load(long length)
    {
        bool isWhole = _header.Magic == PriceCacheHeader.ExpectedMagic
            && _header.Checksum == _header.ComputeChecksum()
            && _header.FileLength == length
            && Crc32C.Of(new ReadOnlySpan<byte>(_start + _header.IndexOffset, checked((int)(length - _header.IndexOffset)))) == _header.DirectoryChecksum;
        if (!isWhole)
            return false;
        _isChecked = new bool[_header.Instruments];
        _index.EnsureCapacity(_header.Instruments);
        var names = new ReadOnlySpan<byte>(_start + _header.NamesOffset, (int)(_header.DatesOffset - _header.NamesOffset));
        for (int i = 0; i < _header.Instruments; i++)
            _index.Add(Encoding.UTF8.GetString(names.Slice(Entries[i].NameStart, Entries[i].NameLength)), i);
        var dates = new DateOnly[_header.Dates];
        for (int i = 0; i < dates.Length; i++)
            dates[i] = DateOnly.FromDayNumber(MemoryMarshal.Read<int>(new ReadOnlySpan<byte>(_start + _header.DatesOffset + i * sizeof(int), sizeof(int))));
        Dates = dates;
        long notes = _header.DatesOffset + dates.Length * sizeof(int);
        Notes = JsonSerializer.Deserialize<InputNote[]>(new ReadOnlySpan<byte>(_start + notes, (int)(length - notes)))!;
        return true;
    }
}
