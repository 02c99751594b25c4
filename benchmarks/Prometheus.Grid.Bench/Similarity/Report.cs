using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Prometheus.Grid.Bench.Similarity;

/// <summary>Collects figures, prints them as they come and writes them as JSON at the end.</summary>
internal sealed class Report(string name)
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true };
    private readonly List<Dictionary<string, object?>> _figures = [];

    /// <summary>One figure; the target is what it is to stay below, or above with <paramref name="atLeast"/>.</summary>
    public void Add(string section, string what, double value, string unit, double? target = null, bool atLeast = false)
    {
        string verdict = target is null ? "" : (atLeast ? value >= target : value <= target) ? "met" : "MISSED";
        string limit = target is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{(atLeast ? ">=" : "<=")} {target:0.###}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{section,-22} {what,-58} {value,12:0.###} {unit,-10} {limit,-10} {verdict}"));
        _figures.Add(new() { ["section"] = section, ["what"] = what, ["value"] = value, ["unit"] = unit, ["target"] = target, ["at_least"] = atLeast });
    }

    public void Write()
    {
        Directory.CreateDirectory(BenchFolders.Results);
        string file = Path.Combine(BenchFolders.Results, name + ".json");
        var machine = new { processors = Environment.ProcessorCount, kernel = Prometheus.Grid.Similarity.Searcher.KernelName, framework = Environment.Version.ToString() };
        File.WriteAllText(file, JsonSerializer.Serialize(new { benchmark = name, machine, figures = _figures }, s_json) + "\n");
        Console.Error.WriteLine($"written to {file}");
    }

    /// <summary>Median milliseconds of some runs after a first one.</summary>
    public static double Median(int runs, Action<int> run)
    {
        run(0);
        double[] times = new double[runs];
        for (int i = 0; i < runs; i++)
        {
            long start = Stopwatch.GetTimestamp();
            run(i);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        Array.Sort(times);
        return times[runs / 2];
    }
}
