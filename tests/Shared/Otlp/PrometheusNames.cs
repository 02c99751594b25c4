namespace Prometheus.Grid.Tests.Otlp;

/// <summary>
/// Names of metrics as OpenTelemetry's exporters for Prometheus spell them (specification, "Prometheus and OpenMetrics Compatibility"): dots become
/// underscores, the unit is a word at the end, and so is what the numbers are.
/// </summary>
public static class PrometheusNames
{
    /// <summary>The series of a metric.</summary>
    public static IReadOnlyList<string> Of(string name, string unit, OtlpKind kind)
    {
        string text = name.Replace('.', '_');
        string word = unit switch { "s" => "seconds", "By" => "bytes", "1" when kind == OtlpKind.Gauge => "ratio", _ => "" };
        if (word.Length > 0 && !text.EndsWith($"_{word}", StringComparison.Ordinal))
            text += $"_{word}";
        return kind switch
        {
            OtlpKind.Counter => [$"{text}_total"],
            OtlpKind.Histogram => [$"{text}_bucket", $"{text}_count", $"{text}_sum"],
            _ => [text],
        };
    }

    /// <summary>A label as it is spelled there.</summary>
    public static string Label(string key) => key.Replace('.', '_');
}
