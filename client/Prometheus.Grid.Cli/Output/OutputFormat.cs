namespace Prometheus.Grid.Cli.Output;

/// <summary>How rows are printed.</summary>
internal enum OutputFormat
{
    /// <summary>RFC 4180, numbers with six decimals as the seed printed them.</summary>
    Csv,

    /// <summary>One array of objects, numbers in full.</summary>
    Json,

    /// <summary>Aligned columns for reading.</summary>
    Table,

    /// <summary>An object a line, numbers in full; of files only.</summary>
    JsonLines,
}
