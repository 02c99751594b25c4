using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Prometheus.Grid.Synthetic;

namespace Prometheus.Grid.Bench.Backfill;

/// <summary>
/// How many issuers a second a backfill of one date builds: both numeric models, text and joint, from the CSV files of a made-up market with
/// 252 days of prices. The baseline of the same run is the machine's own limit for the output: the same number of bytes written, hashed and
/// flushed to disk by one plain loop.
/// </summary>
internal static class BackfillBenchmark
{
    private const int Weekdays = 261; // 252 trading days and the holidays between them.
    private const int BytesPerIssuer = 4 * 384 * sizeof(float);

    public static async Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        if (arguments is ["--run", var folder, var count, var cacheState, var modelSet])
        {
            var timing = await BackfillRun.OnFolderAsync(
                folder, int.Parse(count, CultureInfo.InvariantCulture), cacheState, modelSet, cancellationToken);
            Console.WriteLine(JsonSerializer.Serialize(timing));
            return 0;
        }

        int[] sizes = arguments.Contains("--quick") ? [1_000] : [1_000, 10_000, 50_000];
        var results = new List<object>();
        Console.WriteLine($"{"issuers",8} {"models",7} {"cache",6} {"issuers/s",10} {"seconds",8} {"profile",8} {"regime",8} {"text",8} {"joint",8} {"peak MB",8} {"x limit",8}");
        foreach (int size in sizes)
        {
            string data = await PrepareAsync(size, cancellationToken);
            double limit = WriteLimitSeconds(size);
            foreach ((string models, string cache) in ((string, string)[])[("v1", "cold"), ("v1", "warm"), ("v2", "warm")])
            {
                var timing = await MeasureAsync(data, size, cache, models, cancellationToken);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{size,8} {models,7} {cache,6} {timing.IssuersPerSecond,10:F0} {timing.Seconds,8:F2} {timing.Profile,8:F2} {timing.Regime,8:F2} {timing.Text,8:F2} {timing.Joint,8:F2} {timing.PeakMegabytes,8:F0} {timing.Seconds / limit,8:F1}"));
                results.Add(new { timing, writeLimitSeconds = limit, ratioToLimit = timing.Seconds / limit });
            }
        }
        Directory.CreateDirectory(BenchFolders.Results);
        string file = Path.Combine(BenchFolders.Results, "backfill.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(results, s_json), cancellationToken);
        Console.WriteLine($"x limit: seconds over those of writing, hashing and flushing the same bytes; {file}");
        return 0;
    }

    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true };

    public static async Task<string> PrepareAsync(int size, CancellationToken cancellationToken)
    {
        string folder = Path.Combine(BenchFolders.Data, string.Create(CultureInfo.InvariantCulture, $"market-{size}"));
        await SyntheticMarket.WriteAsync(folder, SyntheticMarketOptions.ForBenchmark(size, portfolios: 0, Weekdays), cancellationToken: cancellationToken);
        return folder;
    }

    /// <summary>The median of three runs, each from no vectors; cold runs also from no price cache.</summary>
    private static async Task<BackfillTiming> MeasureAsync(string folder, int size, string cache, string models, CancellationToken cancellationToken)
    {
        var timings = new List<BackfillTiming>();
        for (int run = 0; run < 3; run++)
        {
            foreach (string generated in (string[])(cache == "cold" ? ["vectors", "artifacts", ".cache"] : ["vectors", "artifacts"]))
            {
                if (Path.Combine(folder, generated) is var path && Directory.Exists(path))
                    Directory.Delete(path, recursive: true);
            }
            string output = await RunAloneAsync(
                ["backfill", "--run", folder, size.ToString(CultureInfo.InvariantCulture), cache, models], cancellationToken);
            timings.Add(JsonSerializer.Deserialize<BackfillTiming>(output)!);
        }
        return timings.OrderBy(t => t.Seconds).ElementAt(1);
    }

    /// <summary>Runs this benchmark in a process of its own and returns what it prints.</summary>
    public static async Task<string> RunAloneAsync(string[] arguments, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardOutput = true })!;
        string output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"the run {string.Join(' ', arguments.Skip(1))} ended with {process.ExitCode}");
    }

    private static double WriteLimitSeconds(int issuers)
    {
        byte[] block = new byte[1 << 20];
        RandomNumberGenerator.Fill(block);
        string file = Path.Combine(BenchFolders.Data, "write-limit.bin");
        long start = Stopwatch.GetTimestamp();
        using (var stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        using (var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256))
        {
            for (long left = (long)issuers * BytesPerIssuer; left > 0; left -= block.Length)
            {
                stream.Write(block);
                hash.AppendData(block);
            }
            stream.Flush(flushToDisk: true);
        }
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        File.Delete(file);
        return seconds;
    }
}
