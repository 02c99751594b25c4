using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Storage.Postgres.Tests;

/// <summary>A server that is stopped as by a power cut within a write; the tests of faults do it twenty times under writers.</summary>
public sealed class CrashTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_server_the_message_says_so_after_the_time_for_retries()
    {
        Assert.SkipWhen(PrivatePostgres.WhyNot is not null, PrivatePostgres.WhyNot ?? "");
        await using var server = await PrivatePostgres.StartAsync(isDurable: true, cancellationToken: Token);
        string database = await server.CreateDatabaseAsync("gone", cancellationToken: Token);
        await PostgresStore.MigrateAsync(database, isDryRun: false, Token);
        await using var store = await PostgresStore.OpenAsync(database, ServerFixture.Catalog, new PostgresOptions { RetryFor = TimeSpan.FromMilliseconds(200) }, Token);
        await using var writer = await store.Vectors.BeginAsync(Samples.Numeric, 384, "o", "work", Token);
        await writer.CommitAsync(Samples.Rows(Samples.Numeric, 0, 10), [], Token);
        await server.StopImmediatelyAsync(Token);
        var error = await Assert.ThrowsAsync<GridFaultException>(() => writer.CommitAsync(Samples.Rows(Samples.Numeric, 10, 10), [], Token));
        Assert.True(error.CanRetry);
        Assert.Contains("no connection to Postgres", error.Message, StringComparison.Ordinal);

        await server.StartAgainAsync(Token);
        await writer.CommitAsync(Samples.Rows(Samples.Numeric, 10, 10), [], Token);
        Assert.Equal(new WriteOutcome(20, 0), (await writer.CompleteAsync(Token)).Outcome);
    }
}
