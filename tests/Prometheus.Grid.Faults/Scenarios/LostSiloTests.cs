using System.Diagnostics;
using System.Globalization;
using Prometheus.Grid.Faults.Harness;
using Prometheus.Grid.Faults.Registry;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Faults.Scenarios;

/// <summary>Silos are killed, and frozen and thawed, under writers, searchers and a backfill.</summary>
public sealed class LostSiloTests
{
    /// <summary>Ends a round that will never succeed. How soon it does is a measurement, which a busy machine must not turn into a failure.</summary>
    private static readonly TimeSpan s_hopeless = TimeSpan.FromMinutes(5);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait(Scenario.Trait, "2")]
    public Task A_silo_that_is_killed_takes_nothing_with_it() => FaultRun.RunAsync(2, "", run => LoseAsync(run, freezes: false, FaultRun.Length(1, 9)));

    [Fact]
    [Trait(Scenario.Trait, "7")]
    public Task A_silo_that_is_frozen_and_thawed_overwrites_nothing_newer() => FaultRun.RunAsync(7, "", run => LoseAsync(run, freezes: true, FaultRun.Length(1, 3)));

    private static async Task LoseAsync(FaultRun run, bool freezes, int trials)
    {
        Assert.SkipWhen(PrivatePostgres.WhyNot is not null, PrivatePostgres.WhyNot ?? "");
        using var market = await FaultMarket.WriteAsync(Token);
        // Small chunks, so that all silos encode some of each date. In the brief form a silo is found frozen twice as soon.
        Dictionary<string, string> settings = new()
        {
            ["Grid__ChunkSize"] = "6",
            ["Grid__ProbeSeconds"] = FaultRun.Length("1", "2"),
            ["Grid__Snapshots"] = Path.Combine(market.Folder, "snapshots"),
        };
        await using var cluster = await RealCluster.StartAsync(market.Folder, silos: 3, isDurable: true, Token, s_hopeless, settings);
        var backfills = await BackfillWatch.PrepareAsync(market.Folder, Token);
        var answers = await ExactAnswers.PutAsync(cluster.Grid, Token);
        for (int i = 0; i < trials; i++)
        {
            int trial = run.Trial();
            long began = Stopwatch.GetTimestamp();
            var victim = cluster.Silos[run.Random.Next(cluster.Silos.Count)];
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
            using var writes = new WriteWatch(cluster.Grid, trial);
            var searches = new SearchWatch(cluster.Grid, answers);
            var backfill = backfills.RunAsync(cluster, trial, Token);
            Task writing = writes.RunAsync(stop.Token), searching = searches.RunAsync(stop.Token);

            // The moment is a number of acknowledged writes, so that a slower machine is hit at the same point of the work.
            await writes.AcknowledgedAsync(run.Random.Next(20, 400), Token);
            long lost = Stopwatch.GetTimestamp();
            await (freezes ? victim.FreezeAsync() : victim.KillAsync());
            run.Inject(freezes ? "silos frozen and thawed" : "silos killed");
            using (var deadline = CancellationTokenSource.CreateLinkedTokenSource(Token))
            {
                deadline.CancelAfter(s_hopeless);
                await Task.WhenAll(writes.RoundAsync(deadline.Token), searches.RoundAsync(deadline.Token));
            }
            run.Recover(Stopwatch.GetElapsedTime(lost));
            if (freezes)
            {
                await UntilAsync(lost, FaultRun.Length(TimeSpan.Zero, TimeSpan.FromSeconds(40)));
                await victim.ThawAsync();
            }
            await cluster.AddAsync(Token);
            // A silo that learns that it was taken for dead ends by itself; until then it may try to finish what it had begun.
            await victim.EndedAsync(Token);
            await cluster.RemoveAsync(victim);
            await searches.RoundAsync(Token);
            // At full length one is lost every 20 s.
            await UntilAsync(began, FaultRun.Length(TimeSpan.Zero, TimeSpan.FromSeconds(20)));
            await stop.CancelAsync();
            await Task.WhenAll(writing, searching, backfill);
            await writes.VerifyAsync(Token);
            run.Hold("acknowledged writes", writes.Acknowledged);
            run.Hold("full answers", searches.Full);
            run.Hold("flagged partial answers", searches.Partial);
            run.Hold("faults that say retry", searches.Faults);
            run.Hold(string.Create(CultureInfo.InvariantCulture, $"backfills of {BackfillWatch.Dates.Start:yyyy-MM-dd} to {BackfillWatch.Dates.End:yyyy-MM-dd} with the bytes of one process"));
        }
    }

    private static async Task UntilAsync(long began, TimeSpan time)
    {
        if (time - Stopwatch.GetElapsedTime(began) is { Ticks: > 0 } left)
            await Task.Delay(left, Token);
    }
}
