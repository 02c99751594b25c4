using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Orleans.Configuration;
using Orleans.Serialization;
using Orleans.Storage;
using Prometheus.Grid.Client;
using Prometheus.Grid.Grains;

namespace Prometheus.Grid.Hosting.Silos;

/// <summary>Makes a host a silo of the cluster that its settings name.</summary>
internal static class SiloCluster
{
    private const string Invariant = "Npgsql";

    public static void UseGridSilo(this IHostApplicationBuilder host, SiloSettings settings, ClusterCertificates? certificates) => host.UseOrleans(silo =>
    {
        silo.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (settings.ClusterId, settings.ClusterId));
        if (certificates is not null)
            silo.UseTls(certificates.Apply);
        if (settings.PostgresConnection is { } postgres)
        {
            // The container closes it.
            silo.Services.AddSingleton(_ => MemberPool.Open(postgres));
            silo.UseAdoNetClustering(clustering => clustering.Configure<NpgsqlDataSource>((options, pool) => (options.Invariant, options.DataSource) = (Invariant, pool)));
            // The binary serialiser is the one that knows the messages; the provider's own choice, JSON, cannot read them back.
            silo.AddAdoNetGrainStorage(GridSiloExtensions.BackfillStorage, storage => storage.Configure<Serializer, NpgsqlDataSource>((options, serializer, pool) =>
                (options.Invariant, options.DataSource, options.GrainStorageSerializer, options.DeleteStateOnClear) =
                    (Invariant, pool, new OrleansGrainStorageSerializer(serializer), true)));
            if (settings.AdvertisedAddress is { } address)
                silo.ConfigureEndpoints(address, settings.SiloPort, settings.GatewayPort, settings.ListenOnAllAddresses);
            else
                silo.ConfigureEndpoints(settings.SiloPort, settings.GatewayPort, listenOnAnyHostAddress: settings.ListenOnAllAddresses);
            if (settings.ListenAddress is not null)
                silo.Configure<EndpointOptions>(options => (options.SiloListeningEndpoint, options.GatewayListeningEndpoint) =
                    (new(settings.ListeningAddress, settings.SiloPort), new(settings.ListeningAddress, settings.GatewayPort)));
        }
        else
        {
            silo.UseLocalhostClustering(settings.SiloPort, settings.GatewayPort, serviceId: settings.ClusterId, clusterId: settings.ClusterId);
            silo.AddMemoryGrainStorage(GridSiloExtensions.BackfillStorage);
        }
        // A silo that is lost in silence is to be noticed well within 45 seconds: three probes missed, seen by two others.
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            options.ProbeTimeout = TimeSpan.FromSeconds(settings.ProbeSeconds);
            options.NumMissedProbesLimit = 3;
            options.TableRefreshTimeout = TimeSpan.FromSeconds(10);
            // Often, so that whoever starts sees soon who signs no more; but only half a minute of silence makes others need fewer votes against a silo.
            options.IAmAliveTablePublishTimeout = DepartedSilos.SignPeriod;
            options.NumMissedTableIAmAliveLimit = 15;
            options.DefunctSiloExpiration = TimeSpan.FromDays(1);
            options.DefunctSiloCleanupPeriod = TimeSpan.FromHours(1);
        });
        // Grains stand in the trace of the request that they work for.
        if (Telemetry.IsOn(host.Configuration))
            silo.AddActivityPropagation();
        silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromSeconds(15));
        var grid = new GridOptions { Shards = settings.Shards, ChunkSize = settings.ChunkSize };
        silo.AddGrid(grid with
        {
            Workers = settings.Workers ?? grid.Workers,
            SnapshotFolder = settings.Snapshots,
            SnapshotBytes = settings.SnapshotsMiB is { } most ? (long)most << 20 : grid.SnapshotBytes,
            ShardMemoryBytes = settings.ShardMemoryMiB is { } mebibytes ? (long)mebibytes << 20 : grid.ShardMemoryBytes,
        });
    });
}
