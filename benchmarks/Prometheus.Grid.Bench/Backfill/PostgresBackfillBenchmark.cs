using System.Globalization;
using System.Text.Json;
using Npgsql;
using Prometheus.Grid.Storage.Postgres;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Bench.Backfill;

/// <summary>
/// The same backfill on Postgres: a private server on this machine, its commits flushed to disk, beside the grid's process. The baseline is
/// the seed's measured 143 issuers a second, which do not include text.
/// </summary>
internal static class PostgresBackfillBenchmark
{
    private const double SeedIssuersPerSecond = 143;
    // A cache that holds the tables, as every guide to Postgres asks for; with the 128 MB of an untouched server a run takes a third longer.
    private static readonly string[] s_settings = ["shared_buffers=2GB", "max_wal_size=4GB"];
    public const string Tables =
        "numeric_window_embeddings, text_embeddings, joint_embeddings, grid_partitions, grid_superseded_vectors, grid_jobs, grid_job_chunks, grid_pending_vectors, grid_artifacts";

    public static async Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        if (arguments is ["--postgres", "--run", var database, var count, var modelSet])
        {
            using var clock = new StatementClock();
            var catalog = BackfillRun.Catalog;
            var store = await PostgresStore.OpenAsync(database, catalog, null, cancellationToken);
            var timing = await BackfillRun.RunAsync(
                store, catalog, int.Parse(count, CultureInfo.InvariantCulture), "", modelSet, cancellationToken);
            Console.WriteLine(JsonSerializer.Serialize(new PostgresTiming(timing, clock.Shares(), Environment.CpuUsage.TotalTime.TotalSeconds)));
            return 0;
        }

        int size = arguments.Contains("--quick") ? 1_000 : 10_000;
        if (PrivatePostgres.WhyNot is { } reason)
        {
            await Console.Error.WriteLineAsync($"bench backfill --postgres: {reason}");
            return 1;
        }
        string data = await BackfillBenchmark.PrepareAsync(size, cancellationToken);
        await using var server = await PrivatePostgres.StartAsync(isDurable: true, settings: s_settings, cancellationToken: cancellationToken);
        string connection = await server.CreateDatabaseAsync("bench", cancellationToken: cancellationToken);
        await PostgresStore.MigrateAsync(connection, isDryRun: false, cancellationToken);
        await using (var store = await PostgresStore.OpenAsync(connection, BackfillRun.Catalog, null, cancellationToken))
            await store.ImportTablesAsync(data, cancellationToken);
        await ExecuteAsync(connection, "VACUUM ANALYZE", cancellationToken);

        var results = new List<PostgresTiming>();
        Console.WriteLine($"{"issuers",8} {"models",7} {"issuers/s",10} {"x seed",7} {"seconds",8} {"profile",8} {"regime",8} {"text",8} {"joint",8} {"SQL",6} {"encode",7} {"both",6} {"rest",6} {"CPU s",6}");
        foreach (string models in (string[])["v1", "v2"])
        {
            var result = await MeasureAsync(connection, size, models, cancellationToken);
            var timing = result.Timing;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{size,8} {models,7} {timing.IssuersPerSecond,10:F0} {timing.IssuersPerSecond / SeedIssuersPerSecond,7:F1} {timing.Seconds,8:F2} {timing.Profile,8:F2} {timing.Regime,8:F2} {timing.Text,8:F2} {timing.Joint,8:F2} {result.Shares.Statement,6:P0} {result.Shares.Encoding,7:P0} {result.Shares.Both,6:P0} {result.Shares.Rest,6:P0} {result.ProcessSeconds,6:F1}"));
            results.Add(result);
        }
        Directory.CreateDirectory(BenchFolders.Results);
        string file = Path.Combine(BenchFolders.Results, "backfill-postgres.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(results, s_json), cancellationToken);
        Console.WriteLine($"shares of the time in which only a statement is under way, only encoding, both, neither; {file}");
        return 0;
    }

    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true };

    /// <summary>The median of three runs, each in a process of its own on a database without vectors.</summary>
    private static async Task<PostgresTiming> MeasureAsync(string connection, int size, string models, CancellationToken cancellationToken)
    {
        var results = new List<PostgresTiming>();
        for (int run = 0; run < 3; run++)
        {
            await ExecuteAsync(connection, $"TRUNCATE {Tables}", cancellationToken);
            await ExecuteAsync(connection, "CHECKPOINT", cancellationToken);
            string output = await BackfillBenchmark.RunAloneAsync(
                ["backfill", "--postgres", "--run", connection, size.ToString(CultureInfo.InvariantCulture), models], cancellationToken);
            results.Add(JsonSerializer.Deserialize<PostgresTiming>(output)!);
        }
        return results.OrderBy(result => result.Timing.Seconds).ElementAt(1);
    }

    private static async Task ExecuteAsync(string connection, string sql, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(connection + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

/// <summary>One run, what its time went to, and the processor time of the grid's process.</summary>
internal sealed record PostgresTiming(BackfillTiming Timing, TimeShares Shares, double ProcessSeconds);
