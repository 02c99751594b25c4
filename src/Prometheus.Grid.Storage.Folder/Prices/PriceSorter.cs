using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Storage.Folder.Vectors;

namespace Prometheus.Grid.Storage.Folder.Prices;

/// <summary>
/// Groups rows by instrument and sorts them by date, in bounded memory: rows stay where they were parsed until there are too many, then
/// all are moved to a temporary file, sorted by instrument (an external merge sort with one pass).
/// </summary>
/// <param name="spillPath">The temporary file.</param>
/// <param name="sourcePath">The table, for errors.</param>
/// <param name="counts">What counts its rows, for errors: <c>line</c> or <c>row</c>.</param>
/// <param name="mostRowsInMemory">Rows beyond which all are moved to the temporary file.</param>
/// <param name="notes">What is done with rows whose key is taken.</param>
internal sealed class PriceSorter(string spillPath, string sourcePath, string counts, int mostRowsInMemory, TableNotes notes) : IDisposable
{
    /// <summary>Rows kept in memory unless said otherwise: 224 MB.</summary>
    public const int DefaultRowsInMemory = 4_000_000;

    private readonly Dictionary<string, List<Piece>> _pieces = new(StringComparer.Ordinal);
    private readonly List<(PriceBlock Block, uint FirstLine)> _blocks = [];
    private SafeFileHandle? _spill;
    private long _spilledRows;
    private int _rowsInMemory;
    private PriceRow[] _rows = [];

    /// <summary>Where some consecutive rows of an instrument are: in a block, or in the temporary file when that is -1.</summary>
    private readonly record struct Piece(int Block, long Start, int Count);

    /// <summary>All instruments, in ordinal order.</summary>
    public IReadOnlyList<string> Instruments => [.. _pieces.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Takes over a block.</summary>
    /// <param name="block">Parsed rows.</param>
    /// <param name="firstLine">Line of the file in which the block begins.</param>
    public void Add(PriceBlock block, long firstLine)
    {
        _blocks.Add((block, (uint)firstLine));
        foreach (var run in block.Runs)
        {
            string id = Encoding.UTF8.GetString(run.InstrumentId);
            ref var pieces = ref CollectionsMarshal.GetValueRefOrAddDefault(_pieces, id, out _);
            (pieces ??= []).Add(new Piece(_blocks.Count - 1, run.Start, run.Count));
        }
        block.Runs.Clear();
        _rowsInMemory += block.Count;
        if (_rowsInMemory > mostRowsInMemory)
            Spill();
    }

    /// <summary>The rows of an instrument by date; valid until the next call.</summary>
    /// <exception cref="BadInputException">A date comes twice.</exception>
    public ReadOnlySpan<PriceRow> RowsOf(string instrument)
    {
        var rows = Gather(_pieces[instrument]);
        int kept = Math.Min(1, rows.Length);
        for (int i = 1; i < rows.Length; i++)
        {
            if (rows[i].Day == rows[kept - 1].Day)
                Refuse(instrument, rows[i], rows[kept - 1].Line);
            else
                rows[kept++] = rows[i];
        }
        return rows[..kept];
    }

    private void Refuse(string instrument, PriceRow row, uint first)
    {
        string key = $"{instrument}, {DateRange.Text(DateOnly.FromDayNumber(row.Day))}";
        string place = $"{sourcePath} {counts} {row.Line}, instrument_id, trade_date";
        if (!notes.Skips(row.Line, new BadInputException(place, key, "a key that no row before has")))
            throw new BadInputException(place, key, $"a key that no row before has; {counts} {first} has it");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        FreeBlocks();
        _spill?.Dispose();
    }

    private Span<PriceRow> Gather(List<Piece> pieces)
    {
        int count = pieces.Sum(piece => piece.Count);
        if (_rows.Length < count)
            _rows = new PriceRow[Math.Max(count, 2 * _rows.Length)];
        var rows = _rows.AsSpan(0, count);
        int at = 0;
        foreach (var piece in pieces)
        {
            var target = rows.Slice(at, piece.Count);
            at += piece.Count;
            if (piece.Block < 0)
            {
                PartitionFolder.ReadExactly(_spill!, MemoryMarshal.AsBytes(target), piece.Start * Marshal.SizeOf<PriceRow>(), spillPath);
                continue;
            }
            (var block, uint firstLine) = _blocks[piece.Block];
            block.Rows.Slice((int)piece.Start, piece.Count).CopyTo(target);
            foreach (ref var row in target)
                row.Line += firstLine;
        }
        for (int i = 1; i < rows.Length; i++)
        {
            if (rows[i].Day > rows[i - 1].Day)
                continue;
            rows.Sort(static (a, b) => a.Day != b.Day ? a.Day.CompareTo(b.Day) : a.Line.CompareTo(b.Line));
            break;
        }
        return rows;
    }

    private void Spill()
    {
        if (_spill is null)
        {
            _spill = File.OpenHandle(spillPath, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, FileOptions.DeleteOnClose);
            // Unix keeps the file until the process ends, however it does, also when its name is gone.
            if (!OperatingSystem.IsWindows())
                File.Delete(spillPath);
        }
        foreach ((string instrument, var pieces) in _pieces)
        {
            var inMemory = pieces.FindAll(piece => piece.Block >= 0);
            if (inMemory.Count == 0)
                continue;
            var rows = Gather(inMemory);
            RandomAccess.Write(_spill, MemoryMarshal.AsBytes(rows), _spilledRows * Marshal.SizeOf<PriceRow>());
            pieces.RemoveAll(piece => piece.Block >= 0);
            pieces.Add(new Piece(-1, _spilledRows, rows.Length));
            _spilledRows += rows.Length;
        }
        FreeBlocks();
    }

    private void FreeBlocks()
    {
        foreach ((var block, _) in _blocks)
            block.Dispose();
        _blocks.Clear();
        _rowsInMemory = 0;
    }
}
