using System.Diagnostics;
using System.Globalization;
using Prometheus.Grid.Faults.Harness;
using Prometheus.Grid.Faults.Registry;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Faults.Scenarios;

/// <summary>Silos come and go under searches at a steady rate: shards move, and no answer is wrong.</summary>
[Trait(Scenario.Trait, "8")]
public sealed class MovingShardsTests
{
    private const double Rate = 50;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task Searches_stay_exact_while_shards_move() => FaultRun.RunAsync(8, "", async run =>
    {
        Assert.SkipWhen(PrivatePostgres.WhyNot is not null, PrivatePostgres.WhyNot ?? "");
        using var market = await FaultMarket.WriteAsync(Token);
        await using var cluster = await RealCluster.StartAsync(market.Folder, silos: FaultRun.Length(2, 3), isDurable: false, Token);
        var searches = new SearchWatch(cluster.Grid, await ExactAnswers.PutAsync(cluster.Grid, Token));
        await searches.RoundAsync(Token);
        Latencies steady = new(), moving = new();
        await Traffic.RunAsync(Rate, FaultRun.Length(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20)), i => SearchAsync(i, steady), Token);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var traffic = Traffic.RunAsync(Rate, i => SearchAsync(i, moving), stop.Token);
        for (int i = 0; i < FaultRun.Length(1, 12); i++)
        {
            run.Trial();
            await cluster.AddAsync(Token);
            run.Inject("silos started");
            await searches.RoundAsync(Token);
            var leaving = cluster.Silos[run.Random.Next(cluster.Silos.Count)];
            if (i % 2 == 0)
            {
                Assert.Equal(0, await leaving.StopAsync(Token));
                run.Inject("silos stopped");
            }
            else
            {
                await leaving.KillAsync();
                run.Inject("silos killed");
            }
            await cluster.RemoveAsync(leaving);
            long left = Stopwatch.GetTimestamp();
            await searches.RoundAsync(Token);
            run.Recover(Stopwatch.GetElapsedTime(left));
        }
        await stop.CancelAsync();
        await traffic;
        run.Hold("full answers", searches.Full);
        run.Hold("flagged partial answers", searches.Partial);
        run.Hold("faults that say retry", searches.Faults);
        run.Figure("p99 of a search, steady", string.Create(CultureInfo.InvariantCulture, $"{steady.Quantile(0.99):0} ms"));
        run.Figure("p99 while shards move", string.Create(CultureInfo.InvariantCulture, $"{moving.Quantile(0.99):0} ms"));

        async Task SearchAsync(int i, Latencies into)
        {
            long began = Stopwatch.GetTimestamp();
            await searches.TryAsync(i, allowPartial: i % 2 == 0, Token);
            into.Add(Stopwatch.GetElapsedTime(began));
        }
    });
}
