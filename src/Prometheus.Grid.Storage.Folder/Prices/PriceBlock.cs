using System.Runtime.InteropServices;

namespace Prometheus.Grid.Storage.Folder.Prices;

/// <summary>Rows of one instrument that stand together.</summary>
/// <param name="InstrumentId">The instrument, as UTF-8 without quotes.</param>
/// <param name="Start">Its first row in the block.</param>
/// <param name="Count">Number of rows.</param>
internal readonly record struct PriceRun(byte[] InstrumentId, int Start, int Count);

/// <summary>The parsed rows of one block. They lie outside the managed heap, which then need not grow by what is freed at once.</summary>
internal sealed unsafe class PriceBlock : IDisposable
{
    private PriceRow* _rows;

    private PriceBlock(int capacity) => _rows = (PriceRow*)NativeMemory.Alloc((nuint)Math.Max(capacity, 1), (nuint)sizeof(PriceRow));

    /// <summary>Number of rows.</summary>
    public int Count { get; private set; }

    /// <summary>How many lines or rows it takes of its file.</summary>
    public int Lines { get; private init; }

    /// <summary>Which rows are whose, in the order of the rows.</summary>
    public List<PriceRun> Runs { get; } = [];

    /// <summary>The rows; valid until disposal.</summary>
    public ReadOnlySpan<PriceRow> Rows => new(_rows, Count);

    /// <summary>Rows that were passed over.</summary>
    public List<BadRowException> BadRows { get; } = [];

    /// <summary>Parses whole rows.</summary>
    /// <param name="text">Rows of prices_daily.</param>
    /// <param name="names">The names of their fields.</param>
    /// <param name="fields">What their fields hold.</param>
    /// <param name="skipBadRows">Lists bad rows instead of refusing the block.</param>
    /// <exception cref="BadRowException">A row is refused.</exception>
    public static PriceBlock Parse(ReadOnlySpan<byte> text, IReadOnlyList<string> names, ReadOnlySpan<PriceField> fields, bool skipBadRows = false)
    {
        TextRules.Check(text, names);
        int lines = text.Count((byte)'\n');
        var block = new PriceBlock(lines + 1) { Lines = lines };
        try
        {
            var reader = new PriceRowReader(text, fields);
            ReadOnlySpan<byte> instrument = default;
            int start = 0;
            while (true)
            {
                ReadOnlySpan<byte> id;
                try
                {
                    if (!reader.Read(out id, ref block._rows[block.Count]))
                        break;
                }
                catch (BadRowException bad) when (skipBadRows && !bad.HidesRows)
                {
                    block.BadRows.Add(bad);
                    reader.SkipRow();
                    continue;
                }
                block.Add(id, ref instrument, ref start);
            }
            block.EndRun(instrument, start);
            return block;
        }
        catch
        {
            block.Dispose();
            throw;
        }
    }

    /// <summary>Parses the rows of a block of columns.</summary>
    /// <param name="count">Number of rows.</param>
    /// <param name="cells">Their cells.</param>
    /// <param name="skipBadRows">Lists bad rows instead of refusing the block.</param>
    /// <exception cref="BadRowException">A row is refused.</exception>
    public static PriceBlock Parse(int count, PriceCells cells, bool skipBadRows = false)
    {
        var block = new PriceBlock(count) { Lines = count };
        try
        {
            ReadOnlySpan<byte> instrument = default;
            int start = 0;
            for (int number = 0; number < count; number++)
            {
                ReadOnlySpan<byte> id;
                try
                {
                    id = cells.Read(number, instrument, ref block._rows[block.Count]);
                }
                catch (BadRowException bad) when (skipBadRows)
                {
                    block.BadRows.Add(bad);
                    continue;
                }
                block.Add(id, ref instrument, ref start);
            }
            block.EndRun(instrument, start);
            return block;
        }
        catch
        {
            block.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(_rows);
        _rows = null;
        Count = 0;
    }

    // Counts the row that has been read, and begins a run where the instrument is another.
    private void Add(ReadOnlySpan<byte> id, ref ReadOnlySpan<byte> instrument, ref int start)
    {
        if (!id.SequenceEqual(instrument))
        {
            EndRun(instrument, start);
            start = Count;
            instrument = id;
        }
        Count++;
    }

    private void EndRun(ReadOnlySpan<byte> instrument, int start)
    {
        if (Count > start)
            Runs.Add(new PriceRun(instrument.ToArray(), start, Count - start));
    }
}
