using Prometheus.Grid.Client;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Storage.Postgres;

namespace Prometheus.Grid.Tests;

/// <summary>Silo processes and a client over one database of a private server.</summary>
public sealed class RealCluster : IAsyncDisposable
{
    private readonly List<SiloProcess> _silos = [];
    private readonly IReadOnlyDictionary<string, string> _settings;

    private RealCluster(
        PrivatePostgres server, string postgres, ClusterGrid grid, IEnumerable<SiloProcess> silos, IReadOnlyDictionary<string, string> settings)
    {
        _settings = settings;
        Server = server;
        Postgres = postgres;
        Grid = grid;
        _silos.AddRange(silos);
    }

    /// <summary>The server.</summary>
    public PrivatePostgres Server { get; }

    /// <summary>Connection string of the cluster's database.</summary>
    public string Postgres { get; }

    /// <summary>The cluster, as its clients see it.</summary>
    public ClusterGrid Grid { get; }

    /// <summary>The silos that run, in the order of their start.</summary>
    public IReadOnlyList<SiloProcess> Silos => _silos;

    /// <summary>The shipped models.</summary>
    public static ModelCatalog Models => ModelCatalog.Load(Path.Combine(SiloProcess.Binaries, "models"));

    /// <summary>Starts a server with a migrated database that holds the tables of a folder, silos on it and a client.</summary>
    /// <param name="folder">The tables.</param>
    /// <param name="silos">How many silos.</param>
    /// <param name="isDurable">Whether commits reach the disk.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="retryFor">How long the client tries; null for its default. Tests are patient: the machine may be busy with something else.</param>
    /// <param name="settings">Settings of the silos, for example <c>Grid__ChunkSize</c>; null for the defaults.</param>
    /// <param name="serverSettings">Settings of the server as <c>name=value</c>; null for those of small tests.</param>
    /// <param name="tls">The certificates of silos and client; null for a cluster without.</param>
    public static async Task<RealCluster> StartAsync(
        string folder, int silos, bool isDurable, CancellationToken cancellationToken, TimeSpan? retryFor = null, Dictionary<string, string>? settings = null, string[]? serverSettings = null, ClusterTls? tls = null)
    {
        settings = settings is null ? [] : new(settings);
        if (tls is not null)
            (settings["Grid__TlsCertificate"], settings["Grid__TlsKey"], settings["Grid__TlsAuthority"]) = (tls.Certificate, tls.Key, tls.Authority);
        var server = await PrivatePostgres.StartAsync(isDurable, settings: serverSettings, cancellationToken: cancellationToken);
        string postgres = await server.CreateDatabaseAsync("cluster", cancellationToken: cancellationToken);
        await PostgresStore.MigrateAsync(postgres, isDryRun: false, cancellationToken);
        await using (var store = await PostgresStore.OpenAsync(postgres, Models, null, cancellationToken))
            await store.ImportTablesAsync(folder, cancellationToken);
        var started = await Task.WhenAll(Enumerable.Range(0, silos).Select(_ => SiloProcess.StartAsync(postgres, settings, cancellationToken: cancellationToken)));
        var client = new ClusterConnection { Postgres = postgres, Tls = tls };
        if (retryFor is { } time)
            client = client with { Options = new ClusterGridOptions { RetryFor = time } };
        return new RealCluster(server, postgres, await client.OpenAsync(cancellationToken), started, settings);
    }

    /// <summary>Starts one more silo.</summary>
    public async Task<SiloProcess> AddAsync(CancellationToken cancellationToken)
    {
        var silo = await SiloProcess.StartAsync(Postgres, _settings, cancellationToken: cancellationToken);
        _silos.Add(silo);
        return silo;
    }

    /// <summary>Forgets a silo that has ended.</summary>
    public async Task RemoveAsync(SiloProcess silo)
    {
        _silos.Remove(silo);
        await silo.DisposeAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Grid.DisposeAsync();
        foreach (var silo in _silos)
            await silo.DisposeAsync();
        await Server.DisposeAsync();
    }
}
