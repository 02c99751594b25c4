using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using Prometheus.Grid.Storage.Postgres;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Cluster.Processes;

/// <summary>What cannot start says so in one line that names the setting, and does no harm.</summary>
public sealed class RefusedStartTests : IAsyncLifetime
{
    private PrivatePostgres? _server;
    private string _postgres = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(PrivatePostgres.WhyNot is not null, PrivatePostgres.WhyNot ?? "");
        _server = await PrivatePostgres.StartAsync(cancellationToken: Token);
        _postgres = await _server.CreateDatabaseAsync("cluster", cancellationToken: Token);
        await PostgresStore.MigrateAsync(_postgres, isDryRun: false, Token);
    }

    [Fact]
    public async Task A_silo_that_is_started_twice_leaves_the_first_alone()
    {
        string[] ports = Ports(3);
        Dictionary<string, string> settings = new()
        {
            ["Grid__Address"] = "127.0.0.1", ["Grid__SiloPort"] = ports[0], ["Grid__GatewayPort"] = ports[1], ["Urls"] = $"http://127.0.0.1:{ports[2]}",
        };
        await using var first = await SiloProcess.StartAsync(_postgres, settings, cancellationToken: Token);
        var second = await SiloRun.StartAsync(new(settings) { ["Grid__Postgres"] = _postgres }, Token);
        string elsewhere = $"http://127.0.0.1:{Ports(1)[0]}";
        var third = await SiloRun.StartAsync(new(settings) { ["Grid__Postgres"] = _postgres, ["Urls"] = elsewhere }, Token);
        foreach (var run in (SiloRun[])[second, third])
        {
            Assert.Contains($"a silo of cluster 'grid' runs at 127.0.0.1:{ports[0]} already", Assert.Single(run.Lines), StringComparison.Ordinal);
            Assert.Equal(1, run.ExitCode);
        }
        await using var source = NpgsqlDataSource.Create(_postgres);
        await using var members = source.CreateCommand("SELECT count(*) FROM grid_silos WHERE status = 3");
        Assert.Equal(1L, await members.ExecuteScalarAsync(Token));
        await using var grid = await new Client.ClusterConnection { Postgres = _postgres }.OpenAsync(Token);
        Assert.NotEmpty(grid.Catalog.Models);
        Assert.Equal(0, await first.StopAsync(Token));
    }

    [Theory]
    [InlineData("Grid__SiloPort", "Grid:SiloPort")]
    [InlineData("Grid__GatewayPort", "Grid:GatewayPort")]
    [InlineData("Urls", "Urls")]
    public async Task A_port_that_another_program_uses_is_named(string setting, string field)
    {
        using var other = new TcpListener(IPAddress.Any, 0);
        other.Start();
        string port = ((IPEndPoint)other.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        await RefusesAsync(setting, setting == "Urls" ? $"http://127.0.0.1:{port}" : port, $"{field} is '{port}'; allowed: a port that no other program uses");
        await using var source = NpgsqlDataSource.Create(_postgres);
        await using var members = source.CreateCommand("SELECT count(*) FROM grid_silos");
        Assert.Equal(0L, await members.ExecuteScalarAsync(Token));
    }

    [Theory]
    [InlineData("Grid__Address", "192.0.2.9", "Grid:Address is '192.0.2.9'")]
    [InlineData("Grid__Address", "db.example", "Grid:Address is 'db.example'")]
    [InlineData("Grid__SiloPort", "99999", "Grid:SiloPort is '99999'")]
    [InlineData("Grid__SiloPort", "eleven", "Grid:SiloPort is 'eleven'; allowed: a whole number")]
    [InlineData("Grid__ClusterId", "", "Grid:ClusterId is ''")]
    [InlineData("Grid__Migrate", "perhaps", "Grid:Migrate is 'perhaps'; allowed: true or false")]
    [InlineData("Urls", "localhost", "Urls is 'localhost'")]
    public Task A_setting_that_cannot_be_used_is_named_with_its_value(string setting, string value, string message) => RefusesAsync(setting, value, message);

    [Fact]
    public async Task A_database_that_does_not_exist_is_said_at_once()
    {
        var run = await SiloRun.StartAsync(new() { ["Grid__Postgres"] = $"{_postgres};Database=nowhere" }, Token);
        Assert.Contains("database \"nowhere\" does not exist", Assert.Single(run.Lines), StringComparison.Ordinal);
        Assert.Equal(1, run.ExitCode);
    }

    [Theory]
    [InlineData("Database=nowhere", "database \"nowhere\" does not exist")]
    [InlineData("Username=nobody_here", "nobody_here")]
    public async Task A_client_is_told_at_once_what_the_database_refuses(string change, string message)
    {
        var run = await SiloRun.ExampleAsync("Batch", $"{_postgres};{change}", ["2024-03-28"], Token);
        Assert.Contains(message, Assert.Single(run.Lines), StringComparison.Ordinal);
        Assert.Equal(1, run.ExitCode);
    }

    [Fact]
    public async Task A_client_without_silos_says_what_it_waits_for_and_ends_at_its_own_deadline()
    {
        var run = await SiloRun.ExampleAsync("Batch", _postgres, ["2024-03-28"], Token);
        Assert.Equal(75, run.ExitCode);
        Assert.Collection(
            run.Lines,
            line => Assert.StartsWith("waiting for a silo of cluster 'grid' at cluster at ", line, StringComparison.Ordinal),
            line => Assert.Contains("no silo of cluster 'grid' answered in 30 s at cluster at ", line, StringComparison.Ordinal));
        Assert.Contains("which names none; start a silo", run.Output, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    private static string[] Ports(int count) => [.. SiloProcess.FreePorts(count).Select(port => port.ToString(CultureInfo.InvariantCulture))];

    private async Task RefusesAsync(string setting, string value, string message)
    {
        var run = await SiloRun.StartAsync(new() { ["Grid__Postgres"] = _postgres, ["Grid__Address"] = "127.0.0.1", [setting] = value }, Token);
        Assert.Contains(message, Assert.Single(run.Lines), StringComparison.Ordinal);
        Assert.Equal(2, run.ExitCode);
    }
}
