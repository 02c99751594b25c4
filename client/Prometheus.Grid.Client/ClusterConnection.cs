using System.Globalization;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Client;

/// <summary>Where a cluster is.</summary>
public sealed record ClusterConnection
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <summary>The connection string of the cluster's Postgres, where clients find the silos; null for a silo on this machine.</summary>
    public string? Postgres { get; init; }

    /// <summary>The gateway port of the silo on this machine, where <see cref="Postgres"/> is null.</summary>
    public int LocalGatewayPort { get; init; } = 30000;

    /// <summary>The cluster's id, as its silos have it.</summary>
    public string ClusterId { get; init; } = "grid";

    /// <summary>The certificates that the cluster's silos ask for; null for a cluster whose connections are neither encrypted nor authenticated.</summary>
    public ClusterTls? Tls { get; init; }

    /// <summary>How long the client tries.</summary>
    public ClusterGridOptions Options { get; init; } = new();

    /// <summary>How long one attempt of a call may take.</summary>
    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long <see cref="OpenAsync"/> waits for a silo that answers.</summary>
    public TimeSpan ConnectFor { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Told what the client waits for, in one line, when no silo has answered for two seconds; null for nobody.</summary>
    public Action<string>? OnWaiting { get; init; }

    /// <summary>Connects; the grid closes the connection when it is disposed.</summary>
    /// <exception cref="BadInputException"><see cref="Postgres"/> is no connection string, or a file of <see cref="Tls"/> cannot be used.</exception>
    /// <exception cref="GridFaultException">
    /// No silo answers for <see cref="ConnectFor"/>, which a retry can help; or, at once, the database refuses the user or does not exist.
    /// </exception>
    public async Task<ClusterGrid> OpenAsync(CancellationToken cancellationToken)
    {
        var certificates = Tls is null ? null : ClusterCertificates.Load(Tls, ClusterId);
        var directory = Postgres is null ? null : new SiloDirectory(Postgres, ClusterId);
        string where = directory?.Name ?? string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{LocalGatewayPort}");
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(ConnectFor);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var waiting = SayAsync($"waiting for a silo of cluster '{ClusterId}' at {where}", over.Token);
        try
        {
            if (directory is not null)
                await directory.CheckAsync(deadline.Token);
            return await ConnectAsync(directory?.ConnectionString, certificates, deadline.Token);
        }
        catch (Exception error) when (error is not GridException && !cancellationToken.IsCancellationRequested)
        {
            string known = directory is null ? "" : await directory.DescribeAsync(cancellationToken);
            throw new GridFaultException(
                string.Create(CultureInfo.InvariantCulture, $"no silo of cluster '{ClusterId}' answered in {ConnectFor.TotalSeconds:0} s at {where}{known}; start a silo there, or correct the cluster's id{(certificates is null ? "; if its silos have certificates, this client needs one" : " or the certificate of this client")}"),
                canRetry: true,
                error);
        }
        finally
        {
            await over.CancelAsync();
            await waiting;
        }
    }

    private async Task<ClusterGrid> ConnectAsync(string? postgres, ClusterCertificates? certificates, CancellationToken cancellationToken)
    {
        var host = new ClientHost(Build(postgres, certificates));
        try
        {
            await host.Inner.StartAsync(cancellationToken);
            return await ClusterGrid.OpenAsync(host.Inner.Services.GetRequiredService<IClusterClient>(), Options, cancellationToken, host);
        }
        catch
        {
            host.Inner.Dispose();
            throw;
        }
    }

    private async Task SayAsync(string what, CancellationToken cancellationToken)
    {
        await Task.Delay(s_patience, cancellationToken).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        if (!cancellationToken.IsCancellationRequested)
            OnWaiting?.Invoke(what);
    }

    private IHost Build(string? postgres, ClusterCertificates? certificates) => new HostBuilder()
        .ConfigureLogging(logging => logging.SetMinimumLevel(LogLevel.Warning))
        .UseOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (ClusterId, ClusterId));
            client.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = ResponseTimeout);
            client.Configure<GatewayOptions>(options => options.GatewayListRefreshPeriod = TimeSpan.FromSeconds(5));
            client.UseConnectionRetryFilter(async (_, token) =>
            {
                await Task.Delay(Options.LongestPause, token);
                return !token.IsCancellationRequested;
            });
            if (certificates is not null)
                client.UseTls(certificates.Apply);
            if (postgres is null)
                client.UseStaticClustering(new IPEndPoint(IPAddress.Loopback, LocalGatewayPort));
            else
                client.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = ("Npgsql", postgres));
        })
        .Build();

    private sealed class ClientHost(IHost host) : IAsyncDisposable
    {
        public IHost Inner => host;

        public async ValueTask DisposeAsync()
        {
            await host.StopAsync();
            host.Dispose();
        }
    }
}
