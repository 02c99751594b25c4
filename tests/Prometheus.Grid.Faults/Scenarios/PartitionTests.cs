using System.Diagnostics;
using Prometheus.Grid.Faults.Harness;
using Prometheus.Grid.Faults.Registry;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Faults.Scenarios;

/// <summary>Silos that cannot reach each other, while clients reach all of them and all of them reach Postgres.</summary>
[Trait(Scenario.Trait, "5")]
public sealed class PartitionTests
{
    /// <summary>Ends a wait that will never succeed.</summary>
    private static readonly TimeSpan s_hopeless = TimeSpan.FromMinutes(5);

    // A brief partition lasts until each silo has answered so often, in whatever way.
    private const int Answers = 4;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task Answers_are_full_or_flagged_or_say_retry_and_the_cluster_heals() => FaultRun.RunAsync(5, "", async run =>
    {
        Assert.SkipWhen(PrivatePostgres.WhyNot is not null, PrivatePostgres.WhyNot ?? "");
        Dictionary<string, string> settings = new() { ["Http__Deadline"] = FaultRun.Length("00:00:02", "00:00:10"), ["Grid__ProbeSeconds"] = FaultRun.Length("1", "2") };
        await using var mesh = await SiloMesh.StartAsync(3, settings, throughProxies: true, Token);
        var answers = await ExactAnswers.PutAsync(mesh.Grids[0], Token);
        foreach (bool isTwoWay in FaultRun.Length<bool[]>([false], [true, false]))
        {
            int trial = run.Trial();
            int from = run.Random.Next(3), to = (from + run.Random.Next(1, 3)) % 3;
            SearchWatch[] searches = [.. mesh.Grids.Select(grid => new SearchWatch(grid, answers))];
            WriteWatch[] writes = [.. mesh.Grids.Select((grid, i) => new WriteWatch(grid, (3 * trial) + i))];
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
            Task[] work = [.. searches.Select(watch => watch.RunAsync(stop.Token)), .. writes.Select(watch => watch.RunAsync(stop.Token))];
            await Task.WhenAll(searches.Select(watch => watch.RoundAsync(Token)));

            mesh.Cut(isTwoWay ? [(from, to), (to, from)] : [(from, to)]);
            run.Inject(isTwoWay ? "two-way partitions" : "one-way partitions");
            await (FaultRun.IsLong ? Task.Delay(TimeSpan.FromSeconds(60), Token) : AnsweredAsync(searches));
            mesh.Heal();
            long healed = Stopwatch.GetTimestamp();
            using (var deadline = CancellationTokenSource.CreateLinkedTokenSource(Token))
            {
                deadline.CancelAfter(s_hopeless);
                await Task.WhenAll([.. searches.Select(watch => watch.RoundAsync(deadline.Token)), .. writes.Select(watch => watch.RoundAsync(deadline.Token))]);
            }
            run.Recover(Stopwatch.GetElapsedTime(healed));
            await stop.CancelAsync();
            await Task.WhenAll(work);
            foreach (var watch in writes)
            {
                await watch.VerifyAsync(Token);
                run.Hold("acknowledged writes", watch.Acknowledged);
                watch.Dispose();
            }
            run.Hold("full answers", searches.Sum(watch => watch.Full));
            run.Hold("flagged partial answers", searches.Sum(watch => watch.Partial));
            run.Hold("faults that say retry", searches.Sum(watch => watch.Faults));
        }
        run.Inject("silos that ended by themselves and were started again", mesh.Restarts);
    });

    private static async Task AnsweredAsync(SearchWatch[] searches)
    {
        int[] before = [.. searches.Select(Count)];
        while (searches.Zip(before).Any(pair => Count(pair.First) < pair.Second + Answers))
            await Task.Delay(50, Token);
    }

    private static int Count(SearchWatch watch) => watch.Full + watch.Partial + watch.Faults;
}
