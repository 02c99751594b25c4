using System.Diagnostics;
using System.Globalization;
using Prometheus.Grid.Client;
using Prometheus.Grid.Faults.Harness;
using Prometheus.Grid.Faults.Registry;
using Prometheus.Grid.Storage.Postgres;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Faults.Scenarios;

/// <summary>Power comes back: all silos were killed at once, and start where they were or, as containers do, somewhere else.</summary>
[Trait(Scenario.Trait, "13")]
public sealed class WholeClusterTests
{
    private static readonly int s_silos = FaultRun.Length(2, 3);
    private static readonly TimeSpan s_hopeless = TimeSpan.FromMinutes(5);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task All_silos_killed_and_started_again_answer_as_before() => FaultRun.RunAsync(13, "", async run =>
    {
        Assert.SkipWhen(PrivatePostgres.WhyNot is not null, PrivatePostgres.WhyNot ?? "");
        await using var server = await PrivatePostgres.StartAsync(isDurable: true, cancellationToken: Token);
        string postgres = await server.CreateDatabaseAsync("cluster", cancellationToken: Token);
        await PostgresStore.MigrateAsync(postgres, isDryRun: false, Token);
        var addresses = Addresses();
        var silos = await StartAsync(postgres, addresses);
        await using var grid = await new ClusterConnection { Postgres = postgres, Options = new ClusterGridOptions { RetryFor = s_hopeless } }.OpenAsync(Token);
        var answers = await ExactAnswers.PutAsync(grid, Token);
        var searches = new SearchWatch(grid, answers);
        for (int i = 0; i < FaultRun.Length(1, 10); i++)
        {
            int trial = run.Trial();
            using var writes = new WriteWatch(grid, trial);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
            var writing = writes.RunAsync(stop.Token);
            await writes.AcknowledgedAsync(run.Random.Next(20, 200), Token);
            await Task.WhenAll(silos.Select(silo => silo.KillAsync()));
            foreach (var silo in silos)
                await silo.DisposeAsync();
            bool isElsewhere = trial % 2 == 0;
            run.Inject(isElsewhere ? "clusters killed and started at other addresses" : "clusters killed and started at the same addresses");
            if (isElsewhere)
                addresses = Addresses();
            long began = Stopwatch.GetTimestamp();
            silos = await StartAsync(postgres, addresses);
            var ready = Stopwatch.GetElapsedTime(began);
            await Task.WhenAll(searches.RoundAsync(Token), writes.RoundAsync(Token));
            var recovered = Stopwatch.GetElapsedTime(began);
            run.Recover(recovered);
            run.Figure(
                string.Create(CultureInfo.InvariantCulture, $"trial {trial} ({(isElsewhere ? "other" : "same")} addresses)"),
                string.Create(CultureInfo.InvariantCulture, $"ready after {ready.TotalSeconds:0.0} s, all writes and searches after {recovered.TotalSeconds:0.0} s"));
            await stop.CancelAsync();
            await writing;
            await writes.VerifyAsync(Token);
            run.Hold("acknowledged writes", writes.Acknowledged);
        }
        run.Hold("full answers", searches.Full);
        foreach (var silo in silos)
            await silo.DisposeAsync();
    });

    private static Dictionary<string, string>[] Addresses()
    {
        string[] ports = [.. SiloProcess.FreePorts(3 * s_silos).Select(port => port.ToString(CultureInfo.InvariantCulture))];
        return
        [
            .. ports.Chunk(3).Select(three => new Dictionary<string, string>
            {
                ["Grid__SiloPort"] = three[0], ["Grid__GatewayPort"] = three[1], ["Urls"] = $"http://127.0.0.1:{three[2]}",
            }),
        ];
    }

    private static Task<SiloProcess[]> StartAsync(string postgres, Dictionary<string, string>[] addresses) =>
        Task.WhenAll(addresses.Select(settings => SiloProcess.StartAsync(postgres, settings, cancellationToken: Token)));
}
