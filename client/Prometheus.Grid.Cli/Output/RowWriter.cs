using System.Globalization;
using System.Text.Json;
using Prometheus.Grid.Core;

namespace Prometheus.Grid.Cli.Output;

/// <summary>
/// Prints rows under fixed columns. Cells are strings, whole numbers, doubles, dates, times, vectors (JSON only) or null.
/// </summary>
internal abstract class RowWriter(TextWriter output, string[] columns) : IDisposable
{
    protected TextWriter Output { get; } = output;

    protected string[] Columns { get; } = columns;

    public static RowWriter Create(OutputFormat format, TextWriter output, string[] columns) => format switch
    {
        OutputFormat.Csv => new CsvRowWriter(output, columns),
        OutputFormat.Json => new JsonRowWriter(output, columns),
        OutputFormat.JsonLines => new JsonLinesWriter(output, columns),
        _ => new TableRowWriter(output, columns),
    };

    public void Write(params object?[] cells)
    {
        if (cells.Length != Columns.Length)
            throw new ArgumentException($"{cells.Length} cells under {Columns.Length} columns", nameof(cells));
        WriteRow(cells);
    }

    /// <summary>Ends the table.</summary>
    public virtual void Dispose()
    {
    }

    protected abstract void WriteRow(object?[] cells);

    protected static string Text(object? cell) => cell switch
    {
        null => "",
        string text => text,
        double number => (number + 0.0).ToString("F6", CultureInfo.InvariantCulture),
        DateOnly date => DateRange.Text(date),
        DateTimeOffset time => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new ArgumentException($"no text form for a cell of type {cell.GetType()}", nameof(cell)),
    };

    private sealed class CsvRowWriter : RowWriter
    {
        public CsvRowWriter(TextWriter output, string[] columns)
            : base(output, columns) => WriteRow(columns);

        protected override void WriteRow(object?[] cells)
        {
            for (int i = 0; i < cells.Length; i++)
            {
                if (i > 0)
                    Output.Write(',');
                Output.Write(Csv.Field(Text(cells[i])));
            }
            Output.Write('\n');
        }
    }

    private abstract class JsonWriter(TextWriter output, string[] columns) : RowWriter(output, columns)
    {
        private static readonly JsonSerializerOptions s_readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

        protected void WriteObject(object?[] cells)
        {
            Output.Write('{');
            for (int i = 0; i < cells.Length; i++)
                Output.Write($"{(i > 0 ? "," : "")}\"{Columns[i]}\":{Json(cells[i])}");
            Output.Write('}');
        }

        private static string Json(object? cell) => cell switch
        {
            null => "null",
            int or long => Text(cell),
            double number => number.ToString("R", CultureInfo.InvariantCulture),
            ReadOnlyMemory<float> vector => $"[{string.Join(',', vector.ToArray().Select(v => v.ToString("R", CultureInfo.InvariantCulture)))}]",
            _ => JsonSerializer.Serialize(Text(cell), s_readable),
        };
    }

    private sealed class JsonLinesWriter(TextWriter output, string[] columns) : JsonWriter(output, columns)
    {
        protected override void WriteRow(object?[] cells)
        {
            WriteObject(cells);
            Output.Write('\n');
        }
    }

    private sealed class JsonRowWriter(TextWriter output, string[] columns) : JsonWriter(output, columns)
    {
        private bool _any;

        protected override void WriteRow(object?[] cells)
        {
            Output.Write(_any ? ",\n" : "[\n");
            _any = true;
            WriteObject(cells);
        }

        public override void Dispose()
        {
            Output.Write(_any ? "\n]\n" : "[]\n");
            base.Dispose();
        }
    }

    private sealed class TableRowWriter(TextWriter output, string[] columns) : RowWriter(output, columns)
    {
        private readonly List<(string Text, bool IsNumber)[]> _rows = [];

        protected override void WriteRow(object?[] cells) => _rows.Add([.. cells.Select(c => (Text(c), c is int or long or double))]);

        public override void Dispose()
        {
            _rows.Insert(0, [.. Columns.Select((c, i) => (c, _rows is [var first, ..] && first[i].IsNumber))]);
            int[] widths = Columns.Select((_, i) => _rows.Max(r => r[i].Text.Length)).ToArray();
            foreach (var row in _rows)
                Output.WriteLine(string.Join("  ", row.Select((c, i) => c.IsNumber ? c.Text.PadLeft(widths[i]) : c.Text.PadRight(widths[i]))).TrimEnd());
            base.Dispose();
        }
    }
}
