using Microsoft.Win32.SafeHandles;
using Prometheus.Grid.Columnar;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Storage.Folder.Prices;

/// <summary>The blocks of a Parquet file. Of its columns only those are read that prices have.</summary>
internal sealed class ColumnarPriceBlocks : IPriceBlocks
{
    private readonly FileBytes _bytes;
    private readonly ColumnarReader _reader;
    private readonly bool _skipsBadRows;
    private readonly PriceField[] _fields;
    private readonly IEnumerator<ColumnarBlock> _blocks;

    /// <summary>Reads the names of the columns.</summary>
    /// <param name="raw">The open file; its owner disposes it after this.</param>
    /// <param name="path">Its name.</param>
    /// <param name="format">Its format.</param>
    /// <param name="skipsBadRows">Lists bad rows instead of refusing their block.</param>
    /// <param name="cancellationToken">Ends the read early.</param>
    /// <exception cref="BadInputException">A column is missing, or the file is damaged.</exception>
    public ColumnarPriceBlocks(SafeFileHandle raw, string path, ColumnarFormat format, bool skipsBadRows, CancellationToken cancellationToken)
    {
        _skipsBadRows = skipsBadRows;
        _bytes = new FileBytes(raw);
        _reader = new ColumnarReader(format, _bytes, path);
        try
        {
            var fields = PriceColumns.Of(_reader.Columns, $"{path}, header", isText: false);
            int[] used = [.. Enumerable.Range(0, fields.Length).Where(column => fields[column] != PriceField.Ignored)];
            _fields = [.. used.Select(column => fields[column])];
            _blocks = _reader.Blocks(used, cancellationToken).GetEnumerator();
        }
        catch
        {
            _reader.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Counts => "row";

    /// <inheritdoc/>
    public long FirstRow => 1;

    /// <inheritdoc/>
    public bool HasAdjustedClose => _fields.Contains(PriceField.AdjustedClose);

    /// <inheritdoc/>
    public Func<PriceBlock>? Next()
    {
        if (!_blocks.MoveNext())
            return null;
        var block = _blocks.Current;
        return () =>
        {
            using (block)
                return PriceBlock.Parse(block.Count, new PriceCells(block.Columns, _fields), _skipsBadRows);
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _blocks.Dispose();
        _reader.Dispose();
        _bytes.Dispose();
    }
}
