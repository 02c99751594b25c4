using System.Net;
using System.Net.Sockets;
using Npgsql;
using Prometheus.Grid.Hosting.Silos;
using Prometheus.Grid.Storage.Postgres;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Cluster.Units;

/// <summary>Who is struck from the table of members before a silo joins, and who is left to the cluster.</summary>
public sealed class DepartedSilosTests
{
    // Of a network that is kept for documentation: nobody has it, and no machine answers for it.
    private const string Elsewhere = "192.0.2.1";
    private const int Silent = 11001, Signing = 11002;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_who_is_surely_gone_or_long_silent_is_struck()
    {
        Assert.SkipWhen(PrivatePostgres.WhyNot is not null, PrivatePostgres.WhyNot ?? "");
        await using var server = await PrivatePostgres.StartAsync(cancellationToken: Token);
        string postgres = await server.CreateDatabaseAsync("members", cancellationToken: Token);
        await PostgresStore.MigrateAsync(postgres, isDryRun: false, Token);
        await using var source = NpgsqlDataSource.Create(postgres);
        await SqlAsync("INSERT INTO grid_clusters (cluster_id, version) VALUES ('grid', 7), ('other', 7)");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int open = ((IPEndPoint)listener.LocalEndpoint).Port, closed = SiloProcess.FreePorts(1)[0];
        await EnterAsync("grid", "127.0.0.1", open);
        await EnterAsync("grid", "127.0.0.1", closed);
        await EnterAsync("other", "127.0.0.1", closed);
        await EnterAsync("grid", Elsewhere, Silent);
        await EnterAsync("grid", Elsewhere, Signing);

        string? waitedFor = null;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var signs = SignAsync(over.Token);
        await DepartedSilos.StrikeAsync(new MemberTable(source, "grid"), TimeSpan.FromSeconds(2), waiting => waitedFor = waiting, Token);
        await over.CancelAsync();
        await signs;

        Assert.Contains($"{Elsewhere}:{Silent}", waitedFor, StringComparison.Ordinal);
        Assert.DoesNotContain($"{closed}", waitedFor, StringComparison.Ordinal);
        Assert.Equal(
            [("127.0.0.1", open), (Elsewhere, Signing)],
            (await new MemberTable(source, "grid").ReadAsync(Token)).Select(member => (member.Silo.Address.ToString(), member.Silo.Port)).Order());
        Assert.Single(await new MemberTable(source, "other").ReadAsync(Token));
        await using var version = source.CreateCommand("SELECT version FROM grid_clusters ORDER BY cluster_id");
        // Two were struck, and silos that know an older version have to read the table again before they write it.
        Assert.Equal(9, await version.ExecuteScalarAsync(Token));

        async Task SignAsync(CancellationToken stop)
        {
            while (!stop.IsCancellationRequested)
                await SqlAsync($"UPDATE grid_silos SET alive_at = clock_timestamp() WHERE port = {Signing}");
        }

        Task EnterAsync(string cluster, string address, int port) => SqlAsync($"""
            INSERT INTO grid_silos (cluster_id, address, port, generation, silo_name, host_name, status, gateway_port, started_at, alive_at)
            VALUES ('{cluster}', '{address}', {port}, 1, 's', 'h', {(int)SiloStatus.Active}, 0, now(), now())
            """);

        async Task SqlAsync(string sql)
        {
            await using var command = source.CreateCommand(sql);
            await command.ExecuteNonQueryAsync(Token);
        }
    }
}
