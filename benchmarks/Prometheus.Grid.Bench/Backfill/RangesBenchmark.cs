using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Npgsql;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Bench.Backfill;

/// <summary>
/// Seconds of a backfill over 63 dates of the real issuers of us-equities, on a data folder and on a private Postgres whose commits are flushed,
/// each run a command of its own. Programs as landed before are measured in turn with this one's, the first as baseline.
/// </summary>
internal static class RangesBenchmark
{
    private const int Runs = 3;
    private static readonly string[] s_models = ["num-profile-core-v1", "num-profile-core-v2"], s_range = ["--start", "2023-09-01", "--end", "2023-11-30"];
    private static readonly string[] s_settings = ["shared_buffers=2GB", "max_wal_size=4GB"];
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true };

    /// <summary>Measures the programs.</summary>
    /// <param name="programs">Paths of grid commands.</param>
    /// <param name="isQuick">One run instead of the median of three.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public static async Task<int> RunAsync(string[] programs, bool isQuick, CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable("GRID_TESTDATA") is not { Length: > 0 } data || !Directory.Exists(Path.Combine(data, "us-equities")))
        {
            await Console.Error.WriteLineAsync("bench ranges: GRID_TESTDATA must name a folder with us-equities");
            return 2;
        }
        if (PrivatePostgres.WhyNot is { } reason)
        {
            await Console.Error.WriteLineAsync($"bench ranges: {reason}");
            return 1;
        }
        string folder = Copy(Path.Combine(data, "us-equities"));
        await using var server = await PrivatePostgres.StartAsync(isDurable: true, settings: s_settings, cancellationToken: cancellationToken);
        string database = await server.CreateDatabaseAsync("bench", cancellationToken: cancellationToken);
        await RunAsync(programs[^1], ["migrate", "--postgres", database], cancellationToken);
        await RunAsync(programs[^1], ["import", folder, "--postgres", database], cancellationToken);
        await ExecuteAsync(database, "VACUUM ANALYZE", cancellationToken);

        var results = new List<object>();
        Console.WriteLine($"{"model",-20} {"store",-9} {"seconds",8} {"CPU s",7} {"x first",8} program");
        foreach (string model in s_models)
        {
            foreach (string store in (string[])["folder", "postgres"])
            {
                var timings = programs.ToDictionary(program => program, _ => new List<(double Seconds, double Cpu)>(), StringComparer.Ordinal);
                for (int run = 0; run < (isQuick ? 1 : Runs); run++)
                {
                    foreach (string program in programs)
                        timings[program].Add(await TimeAsync(program, model, store == "folder" ? null : database, folder, cancellationToken));
                }
                double first = Median(timings[programs[0]]).Seconds;
                foreach (string program in programs)
                {
                    (double seconds, double cpu) = Median(timings[program]);
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{model,-20} {store,-9} {seconds,8:F2} {cpu,7:F2} {seconds / first,8:F2} {program}"));
                    results.Add(new { model, store, program, seconds, cpuSeconds = cpu, ratioToFirst = seconds / first });
                }
            }
        }
        Directory.CreateDirectory(BenchFolders.Results);
        string file = Path.Combine(BenchFolders.Results, "ranges.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(results, s_json), cancellationToken);
        Console.WriteLine($"CPU s: processor time of the command, without the server's; {file}");
        return 0;
    }

    private static async Task<(double Seconds, double Cpu)> TimeAsync(string program, string model, string? database, string folder, CancellationToken cancellationToken)
    {
        foreach (string made in (string[])["vectors", "artifacts"])
        {
            if (Path.Combine(folder, made) is var path && Directory.Exists(path))
                Directory.Delete(path, recursive: true);
        }
        if (database is not null)
        {
            await ExecuteAsync(database, $"TRUNCATE {PostgresBackfillBenchmark.Tables}", cancellationToken);
            await ExecuteAsync(database, "CHECKPOINT", cancellationToken);
        }
        return await RunAsync(
            program,
            ["backfill-numeric-embeddings", "--model-id", model, .. s_range, .. database is null ? (string[])["--data", folder] : ["--postgres", database]],
            cancellationToken);
    }

    private static async Task<(double Seconds, double Cpu)> RunAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo(program, [.. arguments, "--quiet"]) { RedirectStandardOutput = true })!;
        await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0
            ? (Stopwatch.GetElapsedTime(start).TotalSeconds, process.TotalProcessorTime.TotalSeconds)
            : throw new InvalidOperationException($"{program} {arguments[0]} ended with {process.ExitCode}");
    }

    private static (double Seconds, double Cpu) Median(List<(double Seconds, double Cpu)> timings) => timings.Order().ElementAt(timings.Count / 2);

    private static string Copy(string from)
    {
        string to = Path.Combine(BenchFolders.Data, "us-equities");
        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(from))
        {
            string copy = Path.Combine(to, Path.GetFileName(file));
            if (file.EndsWith(".gz", StringComparison.Ordinal) && !file.Contains("prices", StringComparison.Ordinal))
                continue; // Positions, which no numeric model reads.
            if (!File.Exists(copy))
            {
                using FileStream source = File.OpenRead(file), target = File.Create(copy);
                source.CopyTo(target);
            }
        }
        return to;
    }

    private static async Task ExecuteAsync(string database, string sql, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(database + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
