using System.Globalization;
using System.Text.RegularExpressions;

namespace Prometheus.Grid.EndToEnd;

/// <summary>
/// kill -9 at random moments of a backfill, then the same command again: never a partition that is not whole, the bytes of an
/// uninterrupted run in the end, and nothing computed twice that was committed.
/// </summary>
public sealed partial class KillTests
{
    private const int Trials = 50, Seed = 20231130;

    // Four chunks of 1,024: progress is printed at each of them, after its commit.
    private const int Issuers = 3_200;

    private static readonly string[][] s_commands =
    [
        ["backfill-profile-text-embeddings", "--as-of", "2024-06-28", "--model-id", "text-hash-v1"],
        ["backfill-numeric-embeddings", "--as-of", "2024-06-28", "--model-id", "num-regime-core-v1"],
    ];

    [Fact]
    public async Task A_killed_backfill_is_taken_up_where_it_was()
    {
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

        var random = new Random(Seed);
        int interrupted = 0, resumed = 0;
        for (int trial = 0; trial < Trials; trial++)
        {
            var (command, reference) = (s_commands[trial % 2], references[trial % 2]);
            DropVectors(folder);
            var moment = reference.Duration * random.NextDouble();
            int reported = await KillAsync(folder, command, moment);
            if (folder.LivePartitions().Count == 0)
                interrupted++;
            else
                Assert.Equal(reference.Partitions, folder.LivePartitions());

            var rerun = (await folder.RunAsync(command)).Succeeded();
            int taken = WentOnAfter().Match(rerun.Errors) is { Success: true } match ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
            int written = int.Parse(rerun.Rows.Single(row => row[2] == "written")[4], CultureInfo.InvariantCulture);
            Assert.True(written == 0 || taken >= reported * Issuers / 100 / 1_024 * 1_024,
                $"trial {trial}, killed after {moment.TotalMilliseconds:F0} ms: {reported}% was reported as committed, but the rerun went on after {taken} entities");
            Assert.Equal(reference.Partitions, folder.LivePartitions());
            resumed += taken > 0 ? 1 : 0;
        }
        // The moments must have hit what they are meant to hit.
        Assert.True(interrupted >= Trials / 4, $"{interrupted} of {Trials} kills came before the end");
        Assert.True(resumed > 0, "no kill came between two chunks");
    }

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
        return Percentage().Matches(await errors) is [.., var last] ? int.Parse(last.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
    }

    [GeneratedRegex(@"went on after (\d+) entities")]
    private static partial Regex WentOnAfter();

    [GeneratedRegex(@": (\d+)%")]
    private static partial Regex Percentage();
}
