namespace Prometheus.Grid.Cli.Output;

/// <summary>Writes fields of CSV (RFC 4180).</summary>
internal static class Csv
{
    /// <summary>A field: quoted, its quotes doubled, where it holds what would end it.</summary>
    public static string Field(string text) =>
        text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
