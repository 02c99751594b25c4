using System.Globalization;
using System.Text;
using Prometheus.Grid.Columnar;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Tables;

/// <summary>
/// Reads a table row by row, from CSV, Parquet or Arrow by the ending of its name: columns by name in any order, further ones ignored, every
/// complaint with its place. One thread at a time.
/// </summary>
internal sealed class TableReader : IDisposable
{
    /// <summary>What <see cref="IsKey"/> allows.</summary>
    public const string KeyRule = "1 to 256 characters without control characters, and no blanks at its ends";

    private const int LongestKey = 256;

    private readonly IRowSource _rows;
    private readonly string _path;
    private readonly TableNotes? _notes;
    private readonly Dictionary<string, int> _columns = new(StringComparer.Ordinal);

    /// <summary>Opens a table and reads its header.</summary>
    /// <param name="file">The file.</param>
    /// <param name="required">Columns that it must have.</param>
    /// <param name="optional">Columns that are used when it has them.</param>
    /// <param name="notes">What is done with bad rows; null refuses the table.</param>
    /// <exception cref="GridException">The file or a required column is missing, or the header is refused.</exception>
    public TableReader(InputFile file, IReadOnlyList<string> required, IReadOnlyList<string>? optional = null, TableNotes? notes = null)
    {
        var raw = file.OpenRaw(out _);
        _path = file.Path;
        _notes = notes;
        _rows = ColumnarFormats.Of(_path) is { } format ? new ColumnarRows(raw, _path, format) : new CsvRows(raw, _path, required);
        try
        {
            HeaderRules.Check(Place("header"), Columns, required, optional ?? [], isText: _rows is CsvRows);
            for (int i = 0; i < Columns.Count; i++)
                _columns.Add(Columns[i], i);
        }
        catch
        {
            _rows.Dispose();
            throw;
        }
    }

    /// <summary>The header.</summary>
    public IReadOnlyList<string> Columns => _rows.Header;

    /// <summary>Where the current row begins: the line of CSV, in which the header is line 1, or the number of the row from 1.</summary>
    public long Line => _rows.Number;

    /// <summary>True when the table has the column.</summary>
    public bool Has(string column) => _columns.ContainsKey(column);

    /// <summary>Goes to the next row; false at the end.</summary>
    public bool Read(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!_rows.Next())
                return false;
            if (_rows.Fields == Columns.Count)
                return true;
            var error = Bad("row", $"{_rows.Fields} fields", $"{Columns.Count} fields, as the header has");
            if (_notes?.Skips(Line, error) != true)
                throw error;
        }
    }

    /// <summary>The rows as entries; a row whose values are refused refuses the table, or is passed over.</summary>
    /// <param name="parse">Makes an entry of the row.</param>
    /// <param name="cancellationToken">Ends the read early.</param>
    public IEnumerable<(T Row, long Line)> Rows<T>(Func<TableReader, T> parse, CancellationToken cancellationToken)
    {
        while (Read(cancellationToken))
        {
            T row;
            try
            {
                row = parse(this);
            }
            catch (BadInputException error) when (_notes?.Skips(Line, error) == true)
            {
                continue;
            }
            yield return (row, Line);
        }
    }

    /// <summary>Reports a row that only its neighbours show to be bad, for example one whose key is taken.</summary>
    /// <exception cref="BadInputException">Bad rows refuse the table.</exception>
    public void Refuse(long line, string column, object? value, string allowed)
    {
        var error = new BadInputException(Place(line, column), value, allowed);
        if (_notes?.Skips(line, error) != true)
            throw error;
    }

    /// <summary>A field by its place.</summary>
    public string this[int column] => _rows.Text(column);

    /// <summary>A field, empty when the table does not have the column.</summary>
    public string Text(string column) => _columns.TryGetValue(column, out int index) ? _rows.Text(index) : "";

    /// <summary>A field with a list of numbers, which only columnar files have; empty where it has none.</summary>
    public float[] Vector(string column) => _columns.TryGetValue(column, out int index) ? _rows.Vector(index) : [];

    /// <summary>A field that may not be empty.</summary>
    public string Key(string column) => Key(column, Text(column));

    /// <summary>A value that may not be empty, named as a field of this row.</summary>
    public string Key(string column, string value) =>
        IsKey(value) ? value : throw Bad(column, value, KeyRule);

    /// <summary>True when a value can be an id.</summary>
    public static bool IsKey(string value) =>
        value.Length is > 0 and <= LongestKey && !value.AsSpan().ContainsAnyInRange('\0', '\u001f') && !char.IsWhiteSpace(value[0]) && !char.IsWhiteSpace(value[^1]);

    /// <summary>A field with a date.</summary>
    public DateOnly Date(string column) =>
        DateOnly.TryParseExact(Text(column), DateRange.Format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? date
            : DateRange.Parse(Place(column), Text(column));

    /// <summary>A field with a finite number.</summary>
    public double Number(string column) => TryNumber(column, out double value) ? value : throw Bad(column, Text(column), "a finite number");

    /// <summary>Refuses a field that is no price.</summary>
    public void CheckPrice(string column, bool orNothing)
    {
        if ((!orNothing || Text(column).Length > 0) && !(TryNumber(column, out double value) && value > 0))
            throw Bad(column, Text(column), orNothing ? "a finite number above 0, or nothing" : "a finite number above 0");
    }

    /// <summary>Refuses a field that is no volume.</summary>
    public void CheckVolume(string column)
    {
        if (!TryNumber(column, out double value) || value < 0)
            throw Bad(column, Text(column), "a finite number, 0 or more");
    }

    /// <summary>True, and the number, when a field is a finite number.</summary>
    public bool TryNumber(string column, out double value)
    {
        string text = Text(column);
        if (text.Length <= 64)
        {
            Span<byte> bytes = stackalloc byte[3 * 64];
            return Utf8Number.TryDouble(bytes[..Encoding.UTF8.GetBytes(text, bytes)], out value) && double.IsFinite(value);
        }
        return Utf8Number.TryDouble(Encoding.UTF8.GetBytes(text), out value) && double.IsFinite(value);
    }

    /// <summary>The error for a field of this row.</summary>
    public BadInputException Bad(string column, object? value, string allowed, Exception? innerException = null) =>
        new(Place(column), value, allowed, innerException);

    /// <inheritdoc/>
    public void Dispose() => _rows.Dispose();

    /// <summary>Names a field of this row, for errors.</summary>
    public string Place(string column) => Place(Line, column);

    // The header of a columnar file stands nowhere.
    private string Place(long line, string column) =>
        line == 0 ? $"{_path}, {column}" : string.Create(CultureInfo.InvariantCulture, $"{_path} {_rows.Counts} {line}, {column}");
}
