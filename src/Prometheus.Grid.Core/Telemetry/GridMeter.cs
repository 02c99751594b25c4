using System.Diagnostics.Metrics;
using System.Reflection;

namespace Prometheus.Grid.Core.Telemetry;

/// <summary>
/// The one meter of the grid and its instruments, named by OpenTelemetry's semantic conventions: durations in seconds, sizes in bytes, counts in what is counted.
/// What a measurement means stands with the instrument; where it is made, in <see cref="GridMetrics"/>. docs/observing.md has the table.
/// </summary>
internal static class GridMeter
{
    /// <summary>From a quarter of a millisecond, which a warm scan of a small date takes, to what callers wait for at most.</summary>
    private static readonly InstrumentAdvice<double> s_seconds = new()
    {
        HistogramBucketBoundaries = [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    };

    /// <summary>The same for work of minutes.</summary>
    private static readonly InstrumentAdvice<double> s_minutes = new()
    {
        HistogramBucketBoundaries = [0.01, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600, 14_400],
    };

    private static readonly InstrumentAdvice<int> s_together = new() { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512] };

    private static readonly Meter s_meter = new("Prometheus.Grid", Version);

    public static readonly Histogram<double> SearchDuration = s_meter.CreateHistogram<double>(
        "grid.search.duration", "s", "Searches, from the query to its answer in the process that resolves it", null, s_seconds);

    public static readonly Histogram<double> ScanDuration = s_meter.CreateHistogram<double>(
        "grid.scan.duration", "s", "Passes over the rows of shards in memory, each for one search or several that share it", null, s_seconds);

    public static readonly Histogram<int> ScanSearches = s_meter.CreateHistogram<int>(
        "grid.scan.searches", "{search}", "Searches that shared a pass over rows", null, s_together);

    public static readonly Counter<long> ScanRows = s_meter.CreateCounter<long>(
        "grid.scan.rows", "{row}", "Rows that searches were compared with by their codes");

    public static readonly Counter<long> ScanRescored = s_meter.CreateCounter<long>(
        "grid.scan.rescored", "{row}", "Rows of those whose codes did not decide, and whose vectors were compared");

    public static readonly Counter<long> CacheLookups = s_meter.CreateCounter<long>(
        "grid.cache.lookups", "{lookup}", "Looks into memory before the store is read, by cache and result");

    public static readonly Histogram<double> PutDuration = s_meter.CreateHistogram<double>(
        "grid.put.duration", "s", "Puts of single vectors, until they and the joint vectors of them are durable", null, s_seconds);

    public static readonly Histogram<int> PutGroupSize = s_meter.CreateHistogram<int>(
        "grid.put.group.size", "{put}", "Puts that shared a transaction", null, s_together);

    public static readonly Counter<long> BackfillVectors = s_meter.CreateCounter<long>(
        "grid.backfill.vectors", "{vector}", "Vectors that backfills committed");

    public static readonly Counter<long> BackfillSkipped = s_meter.CreateCounter<long>(
        "grid.backfill.skipped", "{entity}", "Entities that backfills could make no vector of");

    public static readonly Counter<long> BackfillChunks = s_meter.CreateCounter<long>(
        "grid.backfill.chunks", "{chunk}", "Chunks that backfills committed");

    public static readonly Histogram<double> BackfillEncodeDuration = s_meter.CreateHistogram<double>(
        "grid.backfill.encode.duration", "s", "Encoding of chunks, with the reading of their inputs, in the process that encodes", null, s_minutes);

    public static readonly Histogram<double> BackfillDateDuration = s_meter.CreateHistogram<double>(
        "grid.backfill.date.duration", "s", "Dates of backfills, from their plan to their last commit", null, s_minutes);

    public static readonly Counter<long> Errors = s_meter.CreateCounter<long>(
        "grid.errors", "{error}", "Operations that failed, by operation and kind");

    static GridMeter()
    {
        s_meter.CreateObservableGauge(
            "grid.backfill.latest_date", LatestDates.Observe, "s", "The latest date that has vectors of a model, as its first second since 1970");
        s_meter.CreateObservableUpDownCounter("grid.shard.memory.usage", RowMemories.Usage, "By", "Memory that rows of shards take");
        s_meter.CreateObservableUpDownCounter("grid.shard.memory.limit", RowMemories.Limit, "By", "Memory that rows of shards may take");
        s_meter.CreateObservableUpDownCounter("grid.shard.rows", RowMemories.Rows, "{row}", "Rows of shards in memory");
    }

    /// <summary>The name of the meter; to ask for it makes the instruments, so that those which are observed are there before anything happens.</summary>
    public static string Name => s_meter.Name;

    public static string Version => typeof(GridMeter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";
}
