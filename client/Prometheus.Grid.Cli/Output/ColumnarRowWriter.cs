using Prometheus.Grid.Columnar;

namespace Prometheus.Grid.Cli.Output;

/// <summary>Rows of a Parquet or Arrow file. Cells are of the kinds of their columns; floating-point numbers are written in full.</summary>
internal sealed class ColumnarRowWriter : RowWriter
{
    private readonly ColumnarWriter _writer;

    private ColumnarRowWriter(ColumnarWriter writer, IReadOnlyList<Column> columns)
        : base(TextWriter.Null, [.. columns.Select(column => column.Name)]) => _writer = writer;

    /// <summary>Writes a table to a file, which stays its caller's.</summary>
    public static async Task<T> WriteAsync<T>(
        ColumnarFormat format, Stream file, IReadOnlyList<Column> columns, IReadOnlyDictionary<string, string> metadata, Func<RowWriter, Task<T>> write)
    {
        using var writer = new ColumnarWriter(format, file, columns, metadata, writesBehind: true);
        using var rows = new ColumnarRowWriter(writer, columns);
        var result = await write(rows);
        // Only here: what a failed writer leaves has no end, by which readers know it.
        writer.Complete();
        return result;
    }

    protected override void WriteRow(object?[] cells) => _writer.Write(cells);
}
