using Prometheus.Grid.Client;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Storage.Postgres;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Cluster.Units;

/// <summary>No form of a connection string is repeated: not in a message, and not in its causes, which end in logs and reports.</summary>
public sealed class SecretsTests
{
    public static TheoryData<string> Forms => [.. ConnectionForms.All];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_client_does_not_repeat_it(string form) =>
        Keeps(await Assert.ThrowsAnyAsync<GridException>(() => new ClusterConnection { Postgres = form }.OpenAsync(Token)));

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task The_store_does_not_repeat_it(string form)
    {
        Keeps(await Assert.ThrowsAnyAsync<GridException>(() => PostgresStore.OpenAsync(form, new ModelCatalog(), null, Token)));
        Keeps(await Assert.ThrowsAnyAsync<GridException>(() => PostgresStore.MigrateAsync(form, isDryRun: true, Token)));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_silo_does_not_repeat_it(string form)
    {
        var silo = await SiloRun.StartAsync(new() { ["Grid__Postgres"] = form, ["Grid__WaitForPostgresSeconds"] = "0" }, Token);
        Assert.DoesNotContain(ConnectionForms.Password, silo.Output, StringComparison.Ordinal);
        Assert.Equal(form.Contains("Port=1;", StringComparison.Ordinal) ? 1 : 2, silo.ExitCode);
        Assert.Single(silo.Lines);
    }

    [Fact]
    public async Task A_misspelt_setting_is_named_without_its_value()
    {
        var silo = await SiloRun.StartAsync(new() { ["Grid__Postgress"] = "Host=db;Password=hunter2" }, Token);
        Assert.Contains("Grid:Postgress", Assert.Single(silo.Lines), StringComparison.Ordinal);
        Assert.DoesNotContain(ConnectionForms.Password, silo.Output, StringComparison.Ordinal);
        Assert.Equal(2, silo.ExitCode);
    }

    private static void Keeps(GridException error) => Assert.DoesNotContain(ConnectionForms.Password, error.ToString(), StringComparison.Ordinal);
}
