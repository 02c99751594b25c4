using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Storage.Folder.Files;

namespace Prometheus.Grid.Storage.Folder.Inputs;

/// <summary>Reads a CSV table row by row: columns by name in any order, further ones ignored, every complaint with its place.</summary>
internal sealed class CsvTable : IDisposable
{
    // A quote that never closes must not swallow a whole file into one field.
    private const int LongestField = 4 * 1024 * 1024;
    private const int LongestKey = 256;
    private const int BufferSize = 64 * 1024;

    private readonly CsvParser _parser;
    private readonly string _path;
    private readonly Dictionary<string, int> _columns = new(StringComparer.Ordinal);

    /// <summary>Opens a table and reads its header.</summary>
    /// <exception cref="BadInputException">The file or one of <paramref name="required"/> is missing.</exception>
    public CsvTable(InputFile file, params ReadOnlySpan<string> required)
    {
        var raw = file.OpenRaw(out _);
        _path = file.Path;
        var text = new StreamReader(InputFile.Decompress(raw), new UTF8Encoding(false, throwOnInvalidBytes: true), true, BufferSize);
        _parser = new CsvParser(text, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            BufferSize = BufferSize,
            MaxFieldSize = LongestField,
            BadDataFound = bad => throw Bad("row", bad.RawRecord.TrimEnd(), "quoted fields with quotes doubled"),
        });
        try
        {
            if (!Advance())
                throw Bad("header", "", $"the columns {string.Join(", ", required.ToArray())}");
            for (int i = 0; i < _parser.Count; i++)
            {
                if (!_columns.TryAdd(_parser[i], i))
                    throw Bad("header", _parser[i], "each column once");
            }
            foreach (string column in required)
            {
                if (!_columns.ContainsKey(column))
                    throw Bad("header", string.Join(',', _columns.Keys), $"a header with column {column}");
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Where the current row begins; the header is line 1.</summary>
    public long Line { get; private set; }

    /// <summary>True when the table has the column.</summary>
    public bool Has(string column) => _columns.ContainsKey(column);

    /// <summary>Goes to the next row; false at the end.</summary>
    public bool Read(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!Advance())
            return false;
        return _parser.Count == _columns.Count ? true : throw Bad("row", $"{_parser.Count} fields", $"{_columns.Count} fields, as the header has");
    }

    /// <summary>A field, empty when the table does not have the column.</summary>
    public string Text(string column) => _columns.TryGetValue(column, out int index) ? _parser[index] : "";

    /// <summary>A field that may not be empty.</summary>
    public string Key(string column)
    {
        string value = Text(column);
        return value.Length is > 0 and <= LongestKey && !value.AsSpan().ContainsAnyInRange('\0', '\u001f')
            ? value
            : throw Bad(column, value, $"1 to {LongestKey} characters without control characters");
    }

    /// <summary>A field with a date.</summary>
    public DateOnly Date(string column) =>
        DateOnly.TryParseExact(Text(column), DateRange.Format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? date
            : DateRange.Parse(Place(column), Text(column));

    /// <summary>A field with a finite number.</summary>
    public double Number(string column) =>
        double.TryParse(Text(column), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
            ? value
            : throw Bad(column, Text(column), "a finite number");

    /// <summary>The error for a field of this row.</summary>
    public BadInputException Bad(string column, object? value, string allowed, Exception? innerException = null) =>
        new(Place(column), value, allowed, innerException);

    /// <summary>The error for a field of an earlier row.</summary>
    public BadInputException BadAt(long line, string column, object? value, string allowed) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{_path} line {line}, {column}"), value, allowed);

    /// <inheritdoc/>
    public void Dispose() => _parser.Dispose();

    /// <summary>Names a field of this row, for errors.</summary>
    public string Place(string column) => string.Create(CultureInfo.InvariantCulture, $"{_path} line {Line}, {column}");

    private bool Advance()
    {
        Line = _parser.RawRow + 1;
        try
        {
            return _parser.Read();
        }
        catch (Exception error) when (error is MaxFieldSizeException or InvalidDataException or DecoderFallbackException)
        {
            throw Bad("row", error.Message.Split('\n')[0].TrimEnd(), $"UTF-8 text with fields of at most {LongestField} characters", error);
        }
        catch (Exception error) when (StorageFault.IsFileError(error))
        {
            throw StorageFault.From($"cannot read {_path}", error);
        }
    }
}
