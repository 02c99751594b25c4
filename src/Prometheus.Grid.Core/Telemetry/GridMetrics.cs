using System.Diagnostics;

namespace Prometheus.Grid.Core.Telemetry;

/// <summary>
/// Takes the measurements of the grid, as instruments of the meter <see cref="MeterName"/>. A measurement that nobody listens to costs a look at a field; none
/// allocates. Labels are few and known: kinds, caches and models, never ids of entities or texts of users.
/// </summary>
public static class GridMetrics
{
    /// <summary>The name of the meter.</summary>
    public static string MeterName => GridMeter.Name;

    internal const string ModelKey = "grid.model.id";

    /// <summary>A pass over rows has ended.</summary>
    /// <param name="since">When it began, of <see cref="Stopwatch.GetTimestamp"/>.</param>
    /// <param name="searches">How many searches shared it.</param>
    /// <param name="rows">Rows times searches.</param>
    /// <param name="rescored">Those of them whose vectors were compared.</param>
    public static void Scanned(long since, int searches, long rows, long rescored)
    {
        GridMeter.ScanDuration.Record(Stopwatch.GetElapsedTime(since).TotalSeconds);
        GridMeter.ScanSearches.Record(searches);
        GridMeter.ScanRows.Add(rows);
        GridMeter.ScanRescored.Add(rescored);
    }

    /// <summary>A cache was asked.</summary>
    /// <param name="cache">Its name, one of a few.</param>
    /// <param name="isHit">Whether it had what was asked for, and that was still true.</param>
    /// <param name="lookups">How many were asked for at once.</param>
    public static void Looked(string cache, bool isHit, int lookups = 1)
    {
        if (lookups > 0)
            GridMeter.CacheLookups.Add(lookups, new("grid.cache.name", cache), new("grid.cache.result", isHit ? "hit" : "miss"));
    }

    /// <summary>Puts were made durable together.</summary>
    /// <param name="puts">How many.</param>
    public static void PutTogether(int puts) => GridMeter.PutGroupSize.Record(puts);

    /// <summary>A chunk of a backfill is in the store.</summary>
    /// <param name="modelId">The model of the vectors.</param>
    /// <param name="vectors">How many it has.</param>
    /// <param name="skipped">Entities that got none.</param>
    public static void ChunkCommitted(string modelId, int vectors, int skipped)
    {
        KeyValuePair<string, object?> model = new(ModelKey, modelId);
        GridMeter.BackfillChunks.Add(1, model);
        GridMeter.BackfillVectors.Add(vectors, model);
        GridMeter.BackfillSkipped.Add(skipped, model);
    }

    /// <summary>A chunk of a backfill was encoded in this process.</summary>
    /// <param name="since">When that began, of <see cref="Stopwatch.GetTimestamp"/>.</param>
    /// <param name="modelId">The model of the vectors.</param>
    public static void ChunkEncoded(long since, string modelId) =>
        GridMeter.BackfillEncodeDuration.Record(Stopwatch.GetElapsedTime(since).TotalSeconds, new KeyValuePair<string, object?>(ModelKey, modelId));

    /// <summary>A date of a backfill is in the store whole.</summary>
    /// <param name="modelId">The model of the vectors.</param>
    /// <param name="date">The date.</param>
    public static void DateCompleted(string modelId, DateOnly date) => LatestDates.Raise(modelId, date);

    /// <summary>The latest date that has vectors of a model, as the store says; it stands until it is said anew.</summary>
    /// <param name="modelId">The model.</param>
    /// <param name="date">The date.</param>
    public static void LatestDate(string modelId, DateOnly date) => LatestDates.Set(modelId, date);

    /// <summary>Counts what a holder of rows keeps in memory, for as long as it lives.</summary>
    /// <param name="memory">The holder; it is not kept alive.</param>
    public static void Watch(IRowMemory memory) => RowMemories.Add(memory);
}
