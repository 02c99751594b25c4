namespace Prometheus.Grid.Columnar;

/// <summary>A kind of file that holds a table column by column.</summary>
public enum ColumnarFormat
{
    /// <summary>Apache Parquet.</summary>
    Parquet,

    /// <summary>The file format of Apache Arrow's IPC, which pandas and polars also call Feather.</summary>
    Arrow,

    /// <summary>The stream format of Apache Arrow's IPC: the same blocks without the table of contents at the end, so that they can be read as they come.</summary>
    ArrowStream,
}

/// <summary>Tells columnar files by the endings of their names.</summary>
public static class ColumnarFormats
{
    /// <summary>The ending of Parquet files.</summary>
    public const string ParquetEnding = ".parquet";

    /// <summary>The ending of Arrow files.</summary>
    public const string ArrowEnding = ".arrow";

    /// <summary>The format of a file; null when its name ends in neither of the endings, compared without case.</summary>
    public static ColumnarFormat? Of(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ParquetEnding => ColumnarFormat.Parquet,
        ArrowEnding => ColumnarFormat.Arrow,
        _ => null,
    };
}
