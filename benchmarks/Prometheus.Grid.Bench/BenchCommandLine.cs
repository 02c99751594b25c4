using System.CommandLine;
using System.CommandLine.Invocation;
using Prometheus.Grid.Bench.Backfill;
using Prometheus.Grid.Bench.Formats;
using Prometheus.Grid.Bench.Similarity;
using Prometheus.Grid.Bench.Text;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Bench;

/// <summary>One command a benchmark; each prints a table on stdout and writes JSON under benchmarks/results/. What it does not know it refuses: a run takes minutes.</summary>
internal static class BenchCommandLine
{
    private static readonly Option<bool> s_quick = new("--quick") { Description = "A tenth of the data: to see that it runs, not to measure" };

    public static async Task<int> RunAsync(string[] arguments)
    {
        // What a benchmark starts as a process of its own.
        switch (arguments)
        {
            case ["similarity", "--own-kernel", ..]: return SimilarityBenchmark.Run(arguments[1..]);
            case ["neighbours", "--run", var folder, var output]: return await NeighboursBenchmark.RunOneAsync(folder, output, CancellationToken.None);
            case ["backfill", "--run", ..]: return await BackfillBenchmark.RunAsync(arguments[1..], CancellationToken.None);
            case ["backfill", "--postgres", "--run", ..]: return await PostgresBackfillBenchmark.RunAsync(arguments[1..], CancellationToken.None);
        }
        var root = new RootCommand("Measures on this machine, beside the baseline that each table names.") { Similarity(), Neighbours(), Formats(), Backfill(), Ranges(), Text() };
        var parsed = root.Parse(arguments);
        if (parsed.Action is ParseErrorAction)
        {
            foreach (var error in parsed.Errors)
                await Console.Error.WriteLineAsync($"bench: {error.Message}");
            await Console.Error.WriteLineAsync("try: ./bench --help");
            return 2;
        }
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (GridException error)
        {
            await Console.Error.WriteLineAsync($"bench: {error.Message}");
            return 1;
        }
    }

    private static Command Similarity()
    {
        var only = new Option<string?>("--only") { Description = "One part of it", HelpName = string.Join('|', SimilarityBenchmark.Sections) };
        only.AcceptOnlyFromAmong(SimilarityBenchmark.Sections);
        var command = new Command("similarity", "Exact search: time, memory, growth, exactness, maps") { s_quick, only };
        command.SetAction(parsed => SimilarityBenchmark.Run(
            [.. parsed.GetValue(s_quick) ? (string[])["--quick"] : [], .. parsed.GetValue(only) is { } section ? (string[])["--only", section] : []]));
        return command;
    }

    private static Command Neighbours()
    {
        var only = new Option<string?>("--only") { Description = "Rows of one kind and number", HelpName = string.Join('|', NeighboursBenchmark.Sections) };
        only.AcceptOnlyFromAmong(NeighboursBenchmark.Sections);
        var command = new Command("neighbours", "The nearest neighbours of every row: time, memory, exactness, beside FAISS where it is installed") { s_quick, only };
        command.SetAction((parsed, cancellationToken) => NeighboursBenchmark.RunAsync(parsed.GetValue(s_quick), parsed.GetValue(only), cancellationToken));
        return command;
    }

    private static Command Formats()
    {
        var command = new Command("formats", "Parquet and Arrow: prices read, beside CSV; vectors exported, beside what the disk gives") { s_quick };
        command.SetAction((parsed, cancellationToken) => FormatsBenchmark.RunAsync(parsed.GetValue(s_quick), cancellationToken));
        return command;
    }

    private static Command Backfill()
    {
        var postgres = new Option<bool>("--postgres") { Description = "On a private Postgres instead of a data folder" };
        var command = new Command("backfill", "Issuers a second of a backfill of one date") { s_quick, postgres };
        command.SetAction((parsed, cancellationToken) =>
        {
            string[] flags = parsed.GetValue(s_quick) ? ["--quick"] : [];
            return parsed.GetValue(postgres) ? PostgresBackfillBenchmark.RunAsync(flags, cancellationToken) : BackfillBenchmark.RunAsync(flags, cancellationToken);
        });
        return command;
    }

    private static Command Ranges()
    {
        var programs = new Option<string[]>("--program") { Description = "A grid command; may be repeated, the first is the baseline", HelpName = "PATH", Required = true };
        var command = new Command("ranges", "Backfills over 63 dates of real issuers, on a folder and on Postgres; GRID_TESTDATA names the data") { s_quick, programs };
        command.SetAction((parsed, cancellationToken) => RangesBenchmark.RunAsync(parsed.GetRequiredValue(programs), parsed.GetValue(s_quick), cancellationToken));
        return command;
    }

    private static Command Text()
    {
        var command = new Command("text", "Documents a second of text-profile-v1, beside onnxruntime-node on the same weights; GRID_TESTDATA names the corpus") { s_quick };
        command.SetAction((parsed, cancellationToken) => TextBenchmark.RunAsync(parsed.GetValue(s_quick), cancellationToken));
        return command;
    }
}
