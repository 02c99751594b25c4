namespace Prometheus.Grid.Tests.Otlp;

/// <summary>A span.</summary>
public sealed record OtlpSpan(
    string TraceId, string SpanId, string ParentId, string Name, string Source, string Instance, IReadOnlyDictionary<string, string> Tags, IReadOnlyList<string> LinkedSpans);

/// <summary>A metric: what it is called and which kind it has.</summary>
public sealed record OtlpMetric(string Name, string Unit, string Meter, OtlpKind Kind, IReadOnlySet<string> Labels);

/// <summary>A line of a log.</summary>
public sealed record OtlpLog(string Category, string Text, IReadOnlyDictionary<string, string> Tags);

/// <summary>How the numbers of a metric are to be read.</summary>
public enum OtlpKind
{
    /// <summary>A number that is what it is.</summary>
    Gauge,

    /// <summary>A sum that only grows.</summary>
    Counter,

    /// <summary>A sum that goes up and down.</summary>
    UpDownCounter,

    /// <summary>Counts by bucket.</summary>
    Histogram,
}

/// <summary>Reads what OTLP sends (opentelemetry-proto, version 1), as much as tests ask for.</summary>
internal static class OtlpReader
{
    /// <summary>The fields of a metric that hold points: gauge, sum and histogram.</summary>
    private static readonly int[] s_kindsOfPoints = [5, 7, 9];

    public static IEnumerable<OtlpSpan> Spans(byte[] body) =>
        from resource in new WireMessage(body).All(1)
        let instance = Tags(resource.One(1), 1).GetValueOrDefault("service.instance.id", "")
        from scope in resource.All(2)
        from span in scope.All(2)
        select new OtlpSpan(
            span.Hex(1), span.Hex(2), span.Hex(4), span.Text(5), scope.One(1).Text(1), instance, Tags(span, 9), [.. span.All(13).Select(link => link.Hex(2))]);

    public static IEnumerable<OtlpMetric> Metrics(byte[] body) =>
        from resource in new WireMessage(body).All(1)
        from scope in resource.All(2)
        from metric in scope.All(2)
        let points = s_kindsOfPoints.SelectMany(kind => metric.One(kind).All(1).SelectMany(point => Tags(point, metric.Has(9) ? 9 : 7).Keys))
        select new OtlpMetric(metric.Text(1), metric.Text(3), scope.One(1).Text(1), KindOf(metric), points.ToHashSet(StringComparer.Ordinal));

    public static IEnumerable<OtlpLog> Logs(byte[] body) =>
        from resource in new WireMessage(body).All(1)
        from scope in resource.All(2)
        from record in scope.All(2)
        select new OtlpLog(scope.One(1).Text(1), record.One(5).Text(1), Tags(record, 6));

    private static OtlpKind KindOf(WireMessage metric) =>
        metric.Has(5) ? OtlpKind.Gauge : metric.Has(9) ? OtlpKind.Histogram : metric.One(7).Number(3) == 1 ? OtlpKind.Counter : OtlpKind.UpDownCounter;

    private static Dictionary<string, string> Tags(WireMessage message, int field)
    {
        var tags = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var tag in message.All(field))
        {
            var value = tag.One(2);
            tags[tag.Text(1)] = value.Has(3) ? ((long)value.Number(3)).ToString(System.Globalization.CultureInfo.InvariantCulture) : value.Text(1);
        }
        return tags;
    }
}
