using System.Globalization;
using System.Net;
using Prometheus.Grid.Client.Http;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Storage.Postgres;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Faults.Harness;

/// <summary>
/// Silos over one Postgres, each with its HTTP API, that may reach each other through proxies alone. A silo that ends is started again where it was, as a
/// service manager would.
/// </summary>
internal sealed class SiloMesh : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly PrivatePostgres _server;
    private readonly List<Place> _places = [];
    private Task _supervision = Task.CompletedTask;
    private int _restarts;

    private SiloMesh(PrivatePostgres server) => _server = server;

    /// <summary>The grid as each silo's API shows it; calls are not made again.</summary>
    public IReadOnlyList<IEmbeddingGrid> Grids => [.. _places.Select(place => place.Grid!)];

    /// <summary>The silo that runs at a place now; null while it is being started again.</summary>
    public SiloProcess? Silo(int place) => _places[place].Silo;

    /// <summary>How often a silo ended by itself and was started again.</summary>
    public int Restarts => Volatile.Read(ref _restarts);

    /// <summary>Starts a server with a migrated database, and silos on it.</summary>
    /// <param name="silos">How many.</param>
    /// <param name="settings">Settings of all silos beside addresses and ports.</param>
    /// <param name="throughProxies">Whether they reach each other through proxies, for <see cref="Cut"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<SiloMesh> StartAsync(
        int silos, IReadOnlyDictionary<string, string> settings, bool throughProxies, CancellationToken cancellationToken)
    {
        var mesh = new SiloMesh(await PrivatePostgres.StartAsync(isDurable: true, cancellationToken: cancellationToken));
        string postgres = await mesh._server.CreateDatabaseAsync("mesh", cancellationToken: cancellationToken);
        await PostgresStore.MigrateAsync(postgres, isDryRun: false, cancellationToken);
        int[] ports = SiloProcess.FreePorts(3 * silos);
        for (int i = 0; i < silos; i++)
            mesh._places.Add(new Place(mesh, i, ports.AsSpan(3 * i, 3), postgres, settings, throughProxies));
        await Task.WhenAll(mesh._places.Select(place => place.StartAsync(cancellationToken)));
        foreach (var place in mesh._places)
            place.Grid = await HttpGrid.OpenAsync(place.Silo!.Health, new HttpGridOptions { RetryFor = TimeSpan.Zero }, cancellationToken);
        mesh._supervision = Task.WhenAll(mesh._places.Select(place => place.SuperviseAsync(mesh._end.Token)));
        return mesh;
    }

    /// <summary>Holds back what one silo sends to another, on whichever link.</summary>
    public void Cut(params (int From, int To)[] ways)
    {
        foreach (var place in _places)
        {
            int own = place.Index;
            place.Proxy!.Cut((source, way) => ways.Contains(way == LinkWay.Out ? (source, own) : (own, source)));
        }
    }

    /// <summary>Makes the network whole again.</summary>
    public void Heal() => Cut();

    /// <summary>Waits until silos have been started again so often, and all of them run.</summary>
    public async Task RestartedAsync(int times, CancellationToken cancellationToken)
    {
        while (Restarts < times || _places.Any(place => place.Silo is null))
            await Task.Delay(50, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _supervision;
        foreach (var place in _places)
            await place.DisposeAsync();
        await _server.DisposeAsync();
        _end.Dispose();
    }

    /// <summary>The addresses of one silo, whatever process runs there.</summary>
    private sealed class Place : IAsyncDisposable
    {
        private readonly SiloMesh _mesh;
        private readonly string _postgres;
        private readonly Dictionary<string, string> _settings;

        public Place(SiloMesh mesh, int index, ReadOnlySpan<int> ports, string postgres, IReadOnlyDictionary<string, string> settings, bool throughProxy)
        {
            (_mesh, Index, _postgres) = (mesh, index, postgres);
            _settings = new(settings)
            {
                ["Grid__SiloPort"] = ports[0].ToString(CultureInfo.InvariantCulture),
                ["Grid__GatewayPort"] = ports[1].ToString(CultureInfo.InvariantCulture),
                ["Urls"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{ports[2]}"),
            };
            if (!throughProxy)
                return;
            // All of 127.0.0.0/8 is this machine: others know the silo by one address, where the proxy listens, and it listens on another.
            var known = IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"127.0.1.{index + 1}"));
            Proxy = new FaultProxy(
                new IPEndPoint(known, ports[0]), new IPEndPoint(IPAddress.Loopback, ports[0]),
                link => SocketOwner.Of(link, [.. mesh._places.Select(place => place.Silo?.ProcessId ?? place.Starting)]));
            _settings["Grid__Address"] = known.ToString();
            _settings["Grid__ListenAddress"] = IPAddress.Loopback.ToString();
        }

        public int Index { get; }

        public FaultProxy? Proxy { get; }

        public SiloProcess? Silo { get; private set; }

        /// <summary>The process that is on its way to be the silo; -1 for none.</summary>
        public int Starting { get; private set; } = -1;

        public HttpGrid? Grid { get; set; }

        public async Task StartAsync(CancellationToken cancellationToken)
        {
            Silo = null;
            Silo = await SiloProcess.StartAsync(_postgres, _settings, Watch, cancellationToken: cancellationToken);

            void Watch(string line)
            {
                if (line.StartsWith("pid ", StringComparison.Ordinal))
                    Starting = int.Parse(line.AsSpan(4), CultureInfo.InvariantCulture);
            }
        }

        public async Task SuperviseAsync(CancellationToken stop)
        {
            try
            {
                while (true)
                {
                    var silo = Silo!;
                    await silo.EndedAsync(stop);
                    Silo = null;
                    await silo.DisposeAsync();
                    await StartAgainAsync(stop);
                    Interlocked.Increment(ref _mesh._restarts);
                }
            }
            catch (OperationCanceledException)
            {
                // The end of the test.
            }
        }

        public async ValueTask DisposeAsync()
        {
            if (Grid is not null)
                await Grid.DisposeAsync();
            if (Silo is not null)
                await Silo.DisposeAsync();
            if (Proxy is not null)
                await Proxy.DisposeAsync();
        }

        // A silo that starts within a partition may not get in; a service manager tries again.
        private async Task StartAgainAsync(CancellationToken stop)
        {
            while (true)
            {
                try
                {
                    await StartAsync(stop);
                    return;
                }
                catch (InvalidOperationException)
                {
                    stop.ThrowIfCancellationRequested();
                }
            }
        }
    }
}
