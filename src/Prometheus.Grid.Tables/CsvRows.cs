using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Tables;

/// <summary>The rows of a CSV file.</summary>
internal sealed class CsvRows : IRowSource
{
    private readonly SafeFileHandle _raw;
    private readonly Stream _text;
    private readonly RowBlocks _blocks;
    private readonly string _path;
    private readonly List<string> _fields = [];
    private RowBlock? _block;
    private int _at;
    private int _lineInBlock;
    private long _blockLine = 1;

    /// <summary>Reads the header.</summary>
    /// <param name="raw">The open file; disposed with this.</param>
    /// <param name="path">Its name.</param>
    /// <param name="required">The columns to name when there is no header.</param>
    public CsvRows(SafeFileHandle raw, string path, IReadOnlyList<string> required)
    {
        _raw = raw;
        _path = path;
        Stream? text = null;
        try
        {
            _text = text = InputFile.Text(_raw, _path);
            _blocks = new RowBlocks(_text, _path);
            if (!Next())
                throw new BadInputException($"{_path} line 1, header", "", $"the columns {string.Join(", ", required)}");
            Header = [.. _fields];
        }
        catch
        {
            text?.Dispose();
            _raw.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Header { get; } = [];

    /// <inheritdoc/>
    public string Counts => "line";

    /// <inheritdoc/>
    public long Number { get; private set; } = 1;

    /// <inheritdoc/>
    public int Fields => _fields.Count;

    /// <inheritdoc/>
    public string Text(int column) => _fields[column];

    /// <inheritdoc/>
    public float[] Vector(int column) => [];

    /// <inheritdoc/>
    public bool Next()
    {
        try
        {
            while (true)
            {
                if (_block is { } block)
                {
                    var fields = new CsvFields(block.Text, _at, _lineInBlock);
                    if (fields.NextRow())
                    {
                        Take(ref fields);
                        return true;
                    }
                    _blockLine += fields.Line;
                    block.Return();
                    _block = null;
                }
                Number = _blockLine;
                if (_blocks.Next() is not { } next)
                    return false;
                (_block, _at, _lineInBlock) = (next, 0, 0);
                TextRules.Check(next.Text, Header);
            }
        }
        catch (BadRowException bad)
        {
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture, $"{_path} line {_blockLine + bad.Line}, {bad.Column}"), bad.Value, bad.Allowed);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _block?.Return();
        _block = null;
        _text.Dispose();
        _raw.Dispose();
    }

    private void Take(ref CsvFields fields)
    {
        Number = _blockLine + fields.Line;
        _fields.Clear();
        bool isLast = false;
        while (!isLast)
            _fields.Add(Encoding.UTF8.GetString(fields.Next(out isLast)));
        (_at, _lineInBlock) = (fields.Position, fields.NextLine);
    }
}
