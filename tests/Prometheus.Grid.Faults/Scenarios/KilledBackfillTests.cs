using System.Globalization;
using System.Text.RegularExpressions;
using Prometheus.Grid.EndToEnd;
using Prometheus.Grid.Faults.Registry;

namespace Prometheus.Grid.Faults.Scenarios;

/// <summary>
/// kill -9 at random moments of a backfill and at each named one, then the same command again: never a partition that is not whole, the bytes of an
/// uninterrupted run in the end, and nothing computed twice that was committed.
/// </summary>
[Trait(Scenario.Trait, "1")]
public sealed partial class KilledBackfillTests
{
    // Four chunks of 1,024: progress is printed at each of them, after its commit.
    private const int Issuers = 3_200;

    private static readonly string[][] s_commands =
    [
        ["backfill-profile-text-embeddings", "--as-of", "2024-06-28", "--model-id", "text-hash-v1"],
        ["backfill-numeric-embeddings", "--as-of", "2024-06-28", "--model-id", "num-regime-core-v1"],
    ];

    // As the store names them (CrashPoint); those that come with every chunk are killed at one of the first three.
    private static readonly string[] s_points =
        ["after-stage-append:2", "after-journal:1", "after-stage-append:3", "after-journal:2", "before-rename-npy", "after-rename-npy", "before-current", "after-current"];

    [Fact]
    public Task A_killed_backfill_is_taken_up_where_it_was() => FaultRun.RunAsync(1, "", async run =>
    {
        int trials = FaultRun.Length(16, 300);
        using var folder = await DataFolder.OfSyntheticAsync(Issuers, portfolios: 1, weekdays: 80);
        var references = new List<(SortedDictionary<string, string> Partitions, TimeSpan Duration)>();
        foreach (string[] command in s_commands)
        {
            // Once to fill the caches, once to take the time.
            await RunFreshAsync(folder, command);
            var watch = System.Diagnostics.Stopwatch.StartNew();
            await RunFreshAsync(folder, command);
            references.Add((folder.LivePartitions(), watch.Elapsed));
        }

        int interrupted = 0, resumed = 0;
        while (run.Trials < trials)
        {
            int trial = run.Trial();
            var (command, reference) = (s_commands[trial % 2], references[trial % 2]);
            DropVectors(folder);
            // Every other pair of trials at a named point, and each point with each command.
            string? point = trial % 4 < 2 ? null : s_points[trial / 4 % s_points.Length];
            int reported = point is null
                ? await KillAsync(folder, command, reference.Duration * run.Random.NextDouble())
                : await DieAsync(folder, command, point);
            run.Inject(point is null ? "kills at random moments" : "kills at named points");
            if (folder.LivePartitions().Count == 0)
                interrupted++;
            else
                Assert.Equal(reference.Partitions, folder.LivePartitions());

            var rerun = (await folder.RunAsync(command)).Succeeded();
            int taken = WentOnAfter().Match(rerun.Errors) is { Success: true } match ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
            int written = int.Parse(rerun.Rows.Single(row => row[2] == "written")[4], CultureInfo.InvariantCulture);
            Assert.True(
                written == 0 || taken >= reported * Issuers / 100 / 1_024 * 1_024,
                $"trial {trial}, {point ?? "a random moment"}: {reported}% was reported as committed, but the rerun went on after {taken} entities");
            Assert.Equal(reference.Partitions, folder.LivePartitions());
            run.Hold("partitions with the bytes of an uninterrupted run");
            resumed += taken > 0 ? 1 : 0;
        }
        // The moments must have hit what they are meant to hit.
        Assert.True(interrupted >= trials / 4, $"{interrupted} of {trials} kills came before the end");
        Assert.True(resumed > 0, "no kill came between two chunks");
        run.Hold("reruns that went on behind committed chunks", resumed);
        (await folder.RunAsync("verify")).Succeeded();
    });

    private static async Task RunFreshAsync(DataFolder folder, string[] command)
    {
        DropVectors(folder);
        (await folder.RunAsync(command)).Succeeded();
    }

    private static void DropVectors(DataFolder folder)
    {
        if (Directory.Exists(folder.File("vectors")))
            Directory.Delete(folder.File("vectors"), recursive: true);
    }

    /// <summary>Starts the command, kills it at the moment, and returns the last percentage that it reported.</summary>
    private static async Task<int> KillAsync(DataFolder folder, string[] command, TimeSpan moment)
    {
        var token = TestContext.Current.CancellationToken;
        using var process = GridProcess.Start(folder.Path, command);
        var errors = process.StandardError.ReadToEndAsync(token);
        await Task.Delay(moment, token);
        process.Kill();
        await process.WaitForExitAsync(token);
        return Reported(await errors);
    }

    /// <summary>Starts the command, which ends as kill -9 ends it at the point, and returns the last percentage that it reported.</summary>
    private static async Task<int> DieAsync(DataFolder folder, string[] command, string point)
    {
        var died = await GridProcess.OutputAsync(GridProcess.StartWith(folder.Path, "GRID_CRASH_AT", point, command));
        Assert.Equal(137, died.ExitCode);
        return Reported(died.Errors);
    }

    private static int Reported(string errors) => Percentage().Matches(errors) is [.., var last] ? int.Parse(last.Groups[1].Value, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"went on after (\d+) entities")]
    private static partial Regex WentOnAfter();

    [GeneratedRegex(@": (\d+)%")]
    private static partial Regex Percentage();
}
