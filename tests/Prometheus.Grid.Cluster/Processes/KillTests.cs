using System.Globalization;
using Prometheus.Grid.Synthetic;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Cluster.Processes;

/// <summary>
/// Silos are killed and frozen under writers, searchers and a backfill. GRID_KILL_TRIALS sets the number of trials and GRID_KILL_FIRST the first. Every third
/// trial freezes, the others kill. What a trial took is printed; docs/operating.md says what thirty showed beside what is promised.
/// </summary>
public sealed class KillTests
{
    private const int Seed = 20261121;

    /// <summary>Ends a round that will never succeed. How soon it does is a measurement, which a busy machine must not turn into a failure.</summary>
    private static readonly TimeSpan s_hopeless = TimeSpan.FromMinutes(5);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_silo_that_is_killed_or_frozen_takes_nothing_with_it()
    {
        Assert.SkipWhen(PrivatePostgres.WhyNot is not null, PrivatePostgres.WhyNot ?? "");
        int first = Number("GRID_KILL_FIRST", 0), end = first + Number("GRID_KILL_TRIALS", 3);
        using var market = await TemporaryMarket.WriteAsync(Token);
        await using var cluster = await RealCluster.StartAsync(
            market.Folder, silos: 3, isDurable: true, Token, s_hopeless, new()
            {
                ["Grid__ChunkSize"] = "6", // So that all silos encode chunks of each date.
                ["Grid__Snapshots"] = Path.Combine(market.Folder, "snapshots"),
            });
        var backfills = await BackfillWatch.PrepareAsync(market.Folder, Token);
        var searches = await SearchWatch.PrepareAsync(cluster.Grid, Token);
        for (int trial = first; trial < end; trial++)
        {
            var random = new Random(Seed + trial);
            bool freezes = trial % 3 == 2;
            var victim = cluster.Silos[random.Next(cluster.Silos.Count)];
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
            using var writes = new WriteWatch(cluster.Grid, trial);
            var backfill = backfills.RunAsync(cluster, trial, Token);
            Task writing = writes.RunAsync(stop.Token), searching = searches.RunAsync(stop.Token);

            // The moment is a number of acknowledged writes, so that a slower machine is hit at the same point of the work.
            await writes.AcknowledgedAsync(random.Next(20, 400), Token);
            long lost = TimeProvider.System.GetTimestamp();
            await (freezes ? victim.FreezeAsync() : victim.KillAsync());
            using (var deadline = CancellationTokenSource.CreateLinkedTokenSource(Token))
            {
                deadline.CancelAfter(s_hopeless);
                await Task.WhenAll(writes.RoundAsync(deadline.Token), searches.RoundAsync(deadline.Token));
            }
            var recovered = TimeProvider.System.GetElapsedTime(lost);
            if (freezes)
                await victim.ThawAsync();
            await cluster.AddAsync(Token);
            // A silo that learns that it was taken for dead ends by itself; until then it may try to finish what it had begun.
            await victim.EndedAsync(Token);
            await cluster.RemoveAsync(victim);
            await searches.RoundAsync(Token);
            await stop.CancelAsync();
            await Task.WhenAll(writing, searching, backfill);
            await writes.VerifyAsync(Token);
            TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"trial {trial}: {(freezes ? "frozen" : "killed")} after {writes.Acknowledged} acknowledged writes, recovered in {recovered.TotalSeconds:F1} s, {searches.Counts}"));
        }
    }

    private static int Number(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    /// <summary>A made-up market in a folder of its own.</summary>
    private sealed class TemporaryMarket : IDisposable
    {
        public string Folder { get; } = Directory.CreateTempSubdirectory("grid-kill-").FullName;

        public static async Task<TemporaryMarket> WriteAsync(CancellationToken cancellationToken)
        {
            var market = new TemporaryMarket();
            var options = new SyntheticMarketOptions
            {
                Issuers = 40,
                Portfolios = 1,
                FirstDate = new DateOnly(2023, 1, 2),
                LastDate = BackfillWatch.Dates.End,
                ReportDates = [BackfillWatch.Dates.End],
            };
            await SyntheticMarket.WriteAsync(market.Folder, options, cancellationToken: cancellationToken);
            return market;
        }

        public void Dispose() => Directory.Delete(Folder, recursive: true);
    }
}
