using System.Net;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Client;

/// <summary>Where a cluster is.</summary>
public sealed record ClusterConnection
{
    /// <summary>The connection string of the cluster's Postgres, where clients find the silos; null for a silo on this machine.</summary>
    public string? Postgres { get; init; }

    /// <summary>The gateway port of the silo on this machine, where <see cref="Postgres"/> is null.</summary>
    public int LocalGatewayPort { get; init; } = 30000;

    /// <summary>The cluster's id, as its silos have it.</summary>
    public string ClusterId { get; init; } = "grid";

    /// <summary>How long the client tries.</summary>
    public ClusterGridOptions Options { get; init; } = new();

    /// <summary>How long one attempt of a call may take.</summary>
    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Connects; the grid closes the connection when it is disposed.</summary>
    /// <exception cref="GridFaultException">No silo answers.</exception>
    public async Task<ClusterGrid> OpenAsync(CancellationToken cancellationToken)
    {
        var host = Build();
        try
        {
            await host.StartAsync(cancellationToken);
            var client = (IClusterClient)host.Services.GetService(typeof(IClusterClient))!;
            return await ClusterGrid.OpenAsync(client, Options, cancellationToken, new ClientHost(host));
        }
        catch (Exception error) when (error is not OperationCanceledException and not GridException)
        {
            host.Dispose();
            throw new GridFaultException($"no silo of cluster '{ClusterId}' answers: {error.Message}", canRetry: true, error);
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    private IHost Build() => new HostBuilder()
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
            if (Postgres is null)
                client.UseStaticClustering(new IPEndPoint(IPAddress.Loopback, LocalGatewayPort));
            else
                client.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = ("Npgsql", Postgres));
        })
        .Build();

    private sealed class ClientHost(IHost host) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await host.StopAsync();
            host.Dispose();
        }
    }
}
