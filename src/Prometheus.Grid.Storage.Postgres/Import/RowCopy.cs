using System.Globalization;
using System.Text;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Tables;

namespace Prometheus.Grid.Storage.Postgres.Import;

/// <summary>
/// Checks the rows of a file by the rules that a data folder has, and writes them as the CSV of COPY: an empty field is no value, everything
/// else is quoted, so that the server sees the fields as they were read.
/// </summary>
/// <param name="columns">The columns to load, which the file has.</param>
/// <param name="notes">Told what is not used.</param>
internal sealed class RowCopy(IReadOnlyList<CsvColumn> columns, TableNotes notes)
{
    private readonly StringBuilder _line = new();

    /// <summary>The line of COPY for a row: its number in the file, then its columns.</summary>
    /// <exception cref="Core.Errors.BadInputException">A value is refused; file, line, column and value are named.</exception>
    public StringBuilder Line(TableReader row)
    {
        _line.Clear();
        _line.Append(CultureInfo.InvariantCulture, $"{row.Line}");
        foreach (var column in columns)
        {
            string value = Checked(row, column);
            _line.Append(',');
            if (value.Length > 0)
                _line.Append('"').Append(value.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
        }
        return _line.Append('\n');
    }

    private string Checked(TableReader row, CsvColumn column)
    {
        string text = row.Text(column.Name);
        switch (column.Kind)
        {
            case ColumnKind.Key:
                return row.Key(column.Name);
            case ColumnKind.Date:
                return DateRange.Text(row.Date(column.Name));
            case ColumnKind.Price:
            case ColumnKind.PriceOrNothing:
                row.CheckPrice(column.Name, orNothing: column.Kind == ColumnKind.PriceOrNothing);
                return text;
            case ColumnKind.Volume:
                row.CheckVolume(column.Name);
                return text;
            case ColumnKind.Number:
                row.Number(column.Name);
                return text;
            case ColumnKind.NumberOrNothing:
                if (text.Length > 0)
                    row.Number(column.Name);
                return text;
            case ColumnKind.JsonNumbers:
                JsonColumns.Numbers(row.Place(column.Name), text, key => notes.Note($"numbers in quotes left out of {column.Name}", $"{row.Place(column.Name)} {key}"));
                JsonColumns.Check(row.Place(column.Name), text);
                return text;
            case ColumnKind.Json:
                JsonColumns.Check(row.Place(column.Name), text);
                return text;
            default:
                return text;
        }
    }
}
