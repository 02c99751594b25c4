using Prometheus.Grid.Columnar;

namespace Prometheus.Grid.Cli.Output;

/// <summary>A table in a file, written row by row in the form that the ending of its name says; the file appears when it is complete.</summary>
internal static class TableFile
{
    /// <summary>The endings: CSV, JSON with an object a line, Parquet, Arrow.</summary>
    public static readonly string[] Endings = [".csv", ".jsonl", ColumnarFormats.ParquetEnding, ColumnarFormats.ArrowEnding];

    /// <summary>The endings as help and messages name them.</summary>
    public const string EndingsText = ".csv, .jsonl, .parquet or .arrow";

    /// <summary>True where cells keep their types: dates are dates there, and a cell without a value is none.</summary>
    public static bool IsColumnar(string path) => ColumnarFormats.Of(path) is not null;

    /// <summary>True where a cell can be a vector, which CSV has no form for.</summary>
    public static bool HasVectors(string path) => IsColumnar(path) || Path.GetExtension(path) == ".jsonl";

    /// <summary>Writes a table.</summary>
    /// <param name="path">The file; <see cref="WholeFile.Check"/> has accepted its name.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="metadata">What a Parquet or Arrow file says of itself beside its rows.</param>
    /// <param name="write">Writes the rows.</param>
    /// <returns>What <paramref name="write"/> returns.</returns>
    public static Task<T> WriteAsync<T>(string path, IReadOnlyList<Column> columns, IReadOnlyDictionary<string, string> metadata, Func<RowWriter, Task<T>> write) =>
        WholeFile.WriteAsync(path, async file =>
        {
            if (ColumnarFormats.Of(path) is { } format)
                return await ColumnarRowWriter.WriteAsync(format, file, columns, metadata, write);
            await using var text = new StreamWriter(file, leaveOpen: true) { NewLine = "\n" };
            using var rows = RowWriter.Create(Path.GetExtension(path) == ".csv" ? OutputFormat.Csv : OutputFormat.JsonLines, text, [.. columns.Select(column => column.Name)]);
            return await write(rows);
        });
}
