using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Prometheus.Grid.Faults.Registry;

/// <summary>
/// Makes the page on what runs at full length have shown. Each scenario keeps its last result, so a run of one alone replaces its own rows and leaves the others
/// with their date, machine and commit.
/// </summary>
internal static class ReliabilityPage
{
    /// <summary>The first argument of the program that asks for it.</summary>
    public const string Command = "--write-page";

    private const string Head = """
        # What faults have shown

        Rule over all: a full answer, a partial one that says so and names what is missing, or an error. Never a silently short list, never a lost acknowledged
        write, never a torn file. Each row is a run at full length: what was done to the system, what was then compared with what must be, and how long it took
        at most from a fault until all went well again. Nothing that was acknowledged was lost and no answer was wrong, or the row says so.

        `./test --faults` runs all of them and writes this page, `--only N` one; `./test` runs a short form of each. The seed sets everything random:
        `GRID_FAULTS_SEED=N ./test --faults --only N` repeats a run as far as timing allows.

        """;

    /// <summary>Takes results of runs into the records and writes the page of all.</summary>
    /// <param name="results">Folder of the results.</param>
    /// <param name="records">The file of earlier results, which is rewritten.</param>
    /// <param name="page">The page.</param>
    /// <returns>The exit code of the program.</returns>
    public static async Task<int> WriteAsync(string results, string records, string page)
    {
        var known = File.Exists(records) ? await ReadAsync<List<FaultResult>>(records) : [];
        foreach (string file in Directory.EnumerateFiles(results, "*.long.json"))
        {
            var result = await ReadAsync<FaultResult>(file);
            known.RemoveAll(other => other.Key == result.Key);
            known.Add(result);
        }
        known.Sort((x, y) => x.Key.CompareTo(y.Key));
        await File.WriteAllTextAsync(records, JsonSerializer.Serialize(known, FaultResult.Json) + "\n");
        await File.WriteAllTextAsync(page, Text(known));
        return 0;
    }

    /// <summary>The page.</summary>
    public static string Text(IReadOnlyList<FaultResult> results)
    {
        var text = new StringBuilder(Head).Append('\n');
        Line(text, "| # | fault | trials | done to the system | compared, all as it must be | longest recovery | seed, day, commit |");
        Line(text, "|---|---|---|---|---|---|---|");
        foreach (var result in results)
        {
            string fault = Scenario.Of(result.Scenario).Fault + (result.Part.Length > 0 ? $", {result.Part}" : "");
            string recovery = result.LongestRecovery is { } seconds ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s") : "";
            string held = result.Failure is { } failure ? $"**failed**: {OneLine(failure)}" : Counts(result.Held);
            Line(text, $"| {result.Scenario} | {fault} | {result.Trials} | {Counts(result.Injected)} | {held} | {recovery} | {result.Seed}, {result.At:yyyy-MM-dd}, {result.Commit} |");
        }
        Line(text, "");
        foreach (var result in results.Where(result => result.Figures.Count > 0))
            Line(text, $"{Scenario.Of(result.Scenario).Fault}{(result.Part.Length > 0 ? $", {result.Part}" : "")}: {string.Join("; ", result.Figures.Select(figure => $"{figure.Key} {figure.Value}"))}.\n");
        foreach (var machine in results.GroupBy(result => result.Machine))
            Line(text, $"Ran on {machine.Key}: {string.Join(", ", machine.Select(result => result.Scenario).Distinct())}.\n");
        Line(text, "## What each has to show\n");
        Line(text, "| # | fault | how | passes when |");
        Line(text, "|---|---|---|---|");
        foreach (var scenario in Scenario.All)
            Line(text, $"| {scenario.Number} | {scenario.Fault} | {scenario.How} | {scenario.PassesWhen} |");
        return text.ToString();
    }

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');

    private static string Counts(IReadOnlyDictionary<string, long> counts) =>
        string.Join(", ", counts.Select(count => string.Create(CultureInfo.InvariantCulture, $"{count.Value:N0} {count.Key}")));

    private static string OneLine(string text) => string.Join(' ', text.Split((char[])['\n', '\r', '|'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    private static async Task<T> ReadAsync<T>(string file) => JsonSerializer.Deserialize<T>(await File.ReadAllBytesAsync(file), FaultResult.Json)!;
}
