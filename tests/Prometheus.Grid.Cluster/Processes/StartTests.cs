using Prometheus.Grid.Storage.Postgres;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Cluster.Processes;

public sealed class StartTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_silo_that_is_started_before_its_Postgres_waits_for_it()
    {
        Assert.SkipWhen(PrivatePostgres.WhyNot is not null, PrivatePostgres.WhyNot ?? "");
        await using var server = await PrivatePostgres.StartAsync(isDurable: true, cancellationToken: Token);
        string postgres = await server.CreateDatabaseAsync("cluster", cancellationToken: Token);
        await PostgresStore.MigrateAsync(postgres, isDryRun: false, Token);
        await server.StopImmediatelyAsync(Token);

        var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Watch(string line)
        {
            if (line.StartsWith("grid-silo: waiting: ", StringComparison.Ordinal))
                waits.TrySetResult();
        }

        var starting = SiloProcess.StartAsync(
            postgres, new Dictionary<string, string> { ["Grid__WaitForPostgresSeconds"] = "600" }, onLine: Watch, cancellationToken: Token);
        await Task.WhenAny(waits.Task, starting);
        Assert.False(starting.IsCompleted);
        await server.StartAgainAsync(Token);
        await using var silo = await starting;
    }
}
