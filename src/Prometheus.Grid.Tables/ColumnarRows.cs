using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Microsoft.Win32.SafeHandles;
using Prometheus.Grid.Columnar;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Tables;

/// <summary>The rows of a Parquet or Arrow file, counted from 1. Their fields have the text that a CSV file of the same table would have.</summary>
internal sealed class ColumnarRows : IRowSource
{
    private readonly SafeFileHandle _raw;
    private readonly FileBytes _bytes;
    private readonly ColumnarReader _reader;
    private readonly IEnumerator<ColumnarBlock> _blocks;
    private readonly string _path;
    private ColumnarBlock? _block;
    private int _row;

    /// <summary>Reads the names of the columns.</summary>
    /// <param name="raw">The open file; disposed with this.</param>
    /// <param name="path">Its name.</param>
    /// <param name="format">Its format.</param>
    public ColumnarRows(SafeFileHandle raw, string path, ColumnarFormat format)
    {
        (_raw, _path, _bytes) = (raw, path, new FileBytes(raw));
        try
        {
            _reader = new ColumnarReader(format, _bytes, path);
        }
        catch
        {
            _raw.Dispose();
            throw;
        }
        // Who reads rows asks for a cancellation at each of them.
        _blocks = _reader.Blocks([.. Enumerable.Range(0, Header.Count)], CancellationToken.None).GetEnumerator();
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Header => _reader.Columns;

    /// <inheritdoc/>
    public string Counts => "row";

    /// <inheritdoc/>
    public long Number { get; private set; }

    /// <inheritdoc/>
    public int Fields => Header.Count;

    /// <inheritdoc/>
    public string Text(int column)
    {
        var cells = _block!.Columns[column];
        if (cells.AreText)
        {
            var bytes = cells.Bytes(_row);
            if (!Utf8.IsValid(bytes))
                throw Bad(column, Encoding.Latin1.GetString(bytes), "UTF-8");
            if (bytes.Contains((byte)0))
                throw Bad(column, Encoding.UTF8.GetString(bytes), "text without NUL bytes");
        }
        return cells.Text(_row);
    }

    /// <inheritdoc/>
    public float[] Vector(int column) => _block!.Columns[column].Vector(_row);

    /// <inheritdoc/>
    public bool Next()
    {
        _row++;
        while (_block is null || _row >= _block.Count)
        {
            _block?.Dispose();
            _block = null;
            if (!_blocks.MoveNext())
                return false;
            (_block, _row) = (_blocks.Current, 0);
        }
        Number++;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _block?.Dispose();
        _block = null;
        _blocks.Dispose();
        _reader.Dispose();
        _bytes.Dispose();
        _raw.Dispose();
    }

    private BadInputException Bad(int column, string value, string allowed) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{_path} row {Number}, {Header[column]}"), value, allowed);
}
