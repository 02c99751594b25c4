using System.Diagnostics;
using Npgsql;
using Prometheus.Grid.Client.Http;
using Prometheus.Grid.Faults.Harness;
using Prometheus.Grid.Faults.Registry;
using Prometheus.Grid.Storage.Postgres;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Faults.Scenarios;

/// <summary>
/// The primary dies and a standby that commits have waited for takes its place, at the address that silos know: what a floating address or a pooler in front of
/// Postgres does.
/// </summary>
[Trait(Scenario.Trait, "14")]
public sealed class FailoverTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task Nothing_acknowledged_is_lost_with_the_primary() => FaultRun.RunAsync(14, "", async run =>
    {
        Assert.SkipWhen(PrivatePostgres.WhyNot is not null, PrivatePostgres.WhyNot ?? "");
        var primary = await PrivatePostgres.StartAsync(isDurable: true, cancellationToken: Token);
        string database = await primary.CreateDatabaseAsync("failover", cancellationToken: Token);
        await PostgresStore.MigrateAsync(database, isDryRun: false, Token);
        await using var address = new FaultProxy(primary);
        string through = new NpgsqlConnectionStringBuilder(database) { Host = address.PostgresHost }.ConnectionString;
        await using var silo = await SiloProcess.StartAsync(through, cancellationToken: Token);
        await using var grid = await HttpGrid.OpenAsync(silo.Health, new HttpGridOptions { RetryFor = TimeSpan.FromMinutes(5) }, Token);
        var searches = new SearchWatch(grid, await ExactAnswers.PutAsync(grid, Token));
        for (int i = 0; i < FaultRun.Length(1, 10); i++)
        {
            int trial = run.Trial();
            var standby = await primary.FollowAsync(Token);
            using var writes = new WriteWatch(grid, trial);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
            Task writing = writes.RunAsync(stop.Token), searching = searches.RunAsync(stop.Token);
            await writes.AcknowledgedAsync(run.Random.Next(20, 200), Token);

            long lost = Stopwatch.GetTimestamp();
            await primary.DisposeAsync();
            await standby.PromoteAsync(Token);
            address.MoveTo(standby);
            primary = standby;
            run.Inject("primaries lost and standbys promoted");
            await Task.WhenAll(writes.RoundAsync(Token), searches.RoundAsync(Token));
            run.Recover(Stopwatch.GetElapsedTime(lost));
            await stop.CancelAsync();
            await Task.WhenAll(writing, searching);
            await writes.VerifyAsync(Token);
            run.Hold("acknowledged writes", writes.Acknowledged);
        }
        run.Hold("full answers", searches.Full);
        await primary.DisposeAsync();
    });
}
