using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Prometheus.Grid.Synthetic;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.EndToEnd;

/// <summary>A data folder of the test's own that goes with it.</summary>
internal sealed partial class DataFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("grid-e2e-").FullName;

    /// <summary>Folder of the model manifests that commands on this folder see; null for the product's own.</summary>
    public string? Models { get; init; }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>A folder with the tables of us-equities, linked rather than copied.</summary>
    public static DataFolder OfUsEquities()
    {
        var folder = new DataFolder();
        foreach (string file in Directory.GetFiles(TestData.Path("us-equities")))
            System.IO.File.CreateSymbolicLink(folder.File(System.IO.Path.GetFileName(file)), file);
        return folder;
    }

    /// <summary>A folder with a small synthetic market whose one report date is the last day of its year of prices.</summary>
    public static async Task<DataFolder> OfSyntheticAsync(int issuers, int portfolios = 8, int weekdays = 252, string? models = null)
    {
        var folder = new DataFolder { Models = models };
        await SyntheticMarket.WriteAsync(
            folder.Path, SyntheticMarketOptions.ForBenchmark(issuers, portfolios, weekdays), null, TestContext.Current.CancellationToken);
        return folder;
    }

    /// <summary>Issuers and their business descriptions, as they stand in profiles.csv; quotes of the table are dropped.</summary>
    public IEnumerable<(string Issuer, string Text)> Descriptions() =>
        System.IO.File.ReadLines(File("profiles.csv")).Skip(1).Select(line => Profile().Match(line)).Select(row => (row.Groups[1].Value, row.Groups[2].Value));

    public Task<GridOutput> RunAsync(params string[] arguments) => GridProcess.RunWithModelsAsync(Path, Models, arguments);

    /// <summary>Replaces one line of a table, the header being line 0.</summary>
    public void EditLine(string table, int line, Func<string, string> edit)
    {
        string[] lines = System.IO.File.ReadAllLines(File(table));
        lines[line] = edit(lines[line]);
        System.IO.File.WriteAllLines(File(table), lines);
    }

    public string[] VectorFiles(string pattern = "*.npy") =>
        Directory.Exists(File("vectors")) ? [.. Directory.GetFiles(File("vectors"), pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal)] : [];

    /// <summary>SHA-256 of the live vectors and ids, by model and date; file numbers and times are left out.</summary>
    public SortedDictionary<string, string> LivePartitions()
    {
        var live = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string current in VectorFiles("current.json"))
        {
            string folder = System.IO.Path.GetDirectoryName(current)!;
            using var manifest = System.Text.Json.JsonDocument.Parse(System.IO.File.ReadAllBytes(current));
            int number = manifest.RootElement.GetProperty("live").GetProperty("number").GetInt32();
            string[] files = [$"{number}.npy", $"{number}.ids.csv"];
            live[System.IO.Path.GetRelativePath(File("vectors"), folder)] = string.Join(' ', files.Select(f =>
                Convert.ToHexStringLower(SHA256.HashData(System.IO.File.ReadAllBytes(System.IO.Path.Combine(folder, f))))));
        }
        return live;
    }

    [GeneratedRegex("""^([^,]*),[^,]*,"?((?<=")[^"]*|[^,"]*)"?,""")]
    private static partial Regex Profile();
}
