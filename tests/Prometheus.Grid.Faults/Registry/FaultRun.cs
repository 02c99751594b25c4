using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Faults.Registry;

/// <summary>
/// A run of a scenario: its seed, how long it is to be, and what it has done and found, which it writes down as it ends. GRID_FAULTS_LONG=1 runs at full length,
/// GRID_FAULTS_SEED sets the seed.
/// </summary>
public sealed class FaultRun
{
    private const int DefaultSeed = 20261127;

    /// <summary>Longer than any scenario takes on any machine: one that hangs is to say so.</summary>
    private static readonly TimeSpan s_hopeless = Length(TimeSpan.FromMinutes(10), TimeSpan.FromHours(6));

    private readonly ConcurrentDictionary<string, long> _injected = new(StringComparer.Ordinal), _held = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _figures = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private TimeSpan? _longestRecovery;
    private int _trials;

    private FaultRun(int seed)
    {
        Seed = seed;
        Random = new Random(seed);
    }

    /// <summary>True for the full length.</summary>
    public static bool IsLong => Environment.GetEnvironmentVariable("GRID_FAULTS_LONG") == "1";

    /// <summary>The folder of results.</summary>
    public static string Folder => Path.Combine(TestData.RepositoryRoot, "artifacts", "faults");

    /// <summary>The seed of this run.</summary>
    public int Seed { get; }

    /// <summary>The source of everything random; of one thread at a time.</summary>
    public Random Random { get; }

    /// <summary>How many trials the run has begun.</summary>
    public int Trials => _trials;

    /// <summary>Runs a scenario, or a part of it, and writes down what it did; a failure says how to repeat it.</summary>
    public static async Task RunAsync(int scenario, string part, Func<FaultRun, Task> body)
    {
        int seed = Environment.GetEnvironmentVariable("GRID_FAULTS_SEED") is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : DefaultSeed;
        var run = new FaultRun(seed);
        long began = Stopwatch.GetTimestamp();
        try
        {
            await body(run).WaitAsync(s_hopeless);
            await run.WriteAsync(scenario, part, began, null);
        }
        catch (Exception error) when (!IsSkip(error))
        {
            await run.WriteAsync(scenario, part, began, error.Message);
            throw new InvalidOperationException(
                string.Create(CultureInfo.InvariantCulture, $"scenario {scenario}{(part.Length > 0 ? $" ({part})" : "")}, seed {seed}, trial {run._trials}; again with GRID_FAULTS_SEED={seed} ./test --faults --only {scenario}: {error.Message}"), error);
        }
    }

    /// <summary>One number in <c>./test</c>, another at full length.</summary>
    public static T Length<T>(T brief, T full) => IsLong ? full : brief;

    /// <summary>Begins a trial.</summary>
    /// <returns>Its number, from 0.</returns>
    public int Trial() => Interlocked.Increment(ref _trials) - 1;

    /// <summary>Counts something that was done to the system.</summary>
    public void Inject(string what, long count = 1) => _injected.AddOrUpdate(what, count, (_, before) => before + count);

    /// <summary>Counts something that was compared with what must be, and was so.</summary>
    public void Hold(string what, long count = 1) => _held.AddOrUpdate(what, count, (_, before) => before + count);

    /// <summary>Notes how long it took until all went well again.</summary>
    public void Recover(TimeSpan time)
    {
        lock (_gate)
            _longestRecovery = _longestRecovery is { } longest && longest > time ? longest : time;
    }

    /// <summary>Notes another figure.</summary>
    public void Figure(string name, string value) => _figures[name] = value;

    // A test that cannot run here is skipped by an exception of xunit's own.
    private static bool IsSkip(Exception error) => error.Message.StartsWith("$XunitDynamicSkip$", StringComparison.Ordinal);

    private static string Machine()
    {
        const string CpuInfo = "/proc/cpuinfo";
        string? model = File.Exists(CpuInfo) ? File.ReadLines(CpuInfo).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() : null;
        return string.Create(
            CultureInfo.InvariantCulture, $"{model ?? "unknown processor"}, {Environment.ProcessorCount} cores, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GiB");
    }

    private async Task WriteAsync(int scenario, string part, long began, string? failure)
    {
        Directory.CreateDirectory(Folder);
        var result = new FaultResult(
            scenario, part, Seed, TimeProvider.System.GetUtcNow(), Environment.GetEnvironmentVariable("GRID_FAULTS_COMMIT") ?? "", Machine(),
            Math.Round(Stopwatch.GetElapsedTime(began).TotalSeconds, 1), _trials, Sorted(_injected), Sorted(_held),
            _longestRecovery is { } longest ? Math.Round(longest.TotalSeconds, 1) : null, Sorted(_figures), failure);
        string name = string.Create(CultureInfo.InvariantCulture, $"{scenario:D2}{(part.Length > 0 ? "-" : "")}{part.Replace(' ', '-')}.{(IsLong ? "long" : "brief")}.json");
        await File.WriteAllTextAsync(Path.Combine(Folder, name), JsonSerializer.Serialize(result, FaultResult.Json));
    }

    private static SortedDictionary<string, T> Sorted<T>(IDictionary<string, T> values) => new(values, StringComparer.Ordinal);
}
