using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Prometheus.Grid.Core.Telemetry;

/// <summary>The latest date of each model; what time lies between it and now is how far backfills are behind.</summary>
internal static class LatestDates
{
    private static readonly ConcurrentDictionary<string, DateOnly> s_dates = new(StringComparer.Ordinal);

    public static void Raise(string modelId, DateOnly date) => s_dates.AddOrUpdate(modelId, date, (_, known) => date > known ? date : known);

    public static void Set(string modelId, DateOnly date) => s_dates[modelId] = date;

    public static IEnumerable<Measurement<long>> Observe() => s_dates.Select(pair => new Measurement<long>(
        new DateTimeOffset(pair.Value, TimeOnly.MinValue, TimeSpan.Zero).ToUnixTimeSeconds(), new KeyValuePair<string, object?>(GridMetrics.ModelKey, pair.Key)));
}
