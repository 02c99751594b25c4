using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Prometheus.Grid.Analysis;
using Prometheus.Grid.Client;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Core.Universes;
using Prometheus.Grid.Grains;
using Prometheus.Grid.Storage.Folder;

namespace Prometheus.Grid.Hosting.Silos;

/// <summary>Makes a host a silo of the grid.</summary>
public static class SiloHost
{
    /// <summary>
    /// Opens the store and adds all of a silo: Orleans, the grains, models and encoders, the check <c>ready</c> and telemetry. After it the host has an
    /// <see cref="IEmbeddingGrid"/> whose calls go through the grains of the cluster, to be used once the host has started; and the
    /// <see cref="IGridStore"/> and <see cref="Core.Models.ModelCatalog"/> behind it. The host closes all of it.
    /// </summary>
    /// <param name="host">The host under construction.</param>
    /// <param name="settings">With <see cref="SiloSettings.Postgres"/> a member of a cluster, without it a grid of its own on a data folder.</param>
    /// <param name="onWaiting">Told what the start waits for: a Postgres that does not answer yet.</param>
    /// <param name="cancellationToken">Ends the start early.</param>
    /// <exception cref="GridException">A setting cannot be used, or the store cannot be opened.</exception>
    public static async Task AddGridSiloAsync(
        this IHostApplicationBuilder host, SiloSettings settings, Action<string> onWaiting, CancellationToken cancellationToken)
    {
        settings = settings.Checked();
        var certificates = settings.LoadCertificates();
        int workers = settings.Workers ?? Environment.ProcessorCount;
        var catalog = GridModels.Load(settings.Data, settings.Models);
        var encoders = GridEncoders.Create(workers);
        var fence = new WriteFence(settings.ClusterId);
        IGridStore store = settings.PostgresConnection is { } postgres
            ? await PostgresStart.OpenAsync(settings, postgres, catalog, fence, onWaiting, cancellationToken)
            : await FolderStore.OpenAsync(settings.Data, new FolderStoreOptions { Time = settings.Time }, cancellationToken);
        try
        {
            settings = await ClaimAsync(host, settings, onWaiting, cancellationToken);
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }

        host.Services.AddSingleton(settings).AddSingleton(catalog).AddSingleton(encoders).AddSingleton<IFatalErrorHandler, FatalErrors>();
        // A factory, so that the container closes the store, and nobody gets it before the fence knows who asks.
        host.Services.AddSingleton(services =>
        {
            fence.Silo = services.GetRequiredService<ILocalSiloDetails>();
            return store;
        });
        host.Services.AddSingleton(services => new ClusterGrid(services.GetRequiredService<IGrainFactory>(), catalog, null));
        host.Services.AddSingleton<IEmbeddingGrid>(services => services.GetRequiredService<ClusterGrid>());
        host.Services.AddSingleton(services => services.GetRequiredService<SiloGrid>().Inputs);
        host.Services.AddSingleton<IUniverseAnswers>(services => new UniverseAnswers(
            services.GetRequiredService<IEmbeddingGrid>(), services.GetRequiredService<IGridStore>(), encoders, workers));
        host.Services.AddHealthChecks().AddCheck<Readiness>("ready");
        host.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(settings.DrainSeconds));
        host.AddTelemetry(settings);
        if (!settings.Verbose)
            host.Logging.AddConsoleFormatter<OneLineFormatter, ConsoleFormatterOptions>().Services.AddSingleton(TimeProvider.System)
                .Configure<ConsoleLoggerOptions>(options => options.FormatterName = host.Configuration["Logging:Console:FormatterName"] ?? OneLineFormatter.FormatterName);
        host.UseGridSilo(settings, certificates);
    }

    /// <summary>Makes sure that nobody else is this silo, and returns the settings with the ports that it got.</summary>
    private static async Task<SiloSettings> ClaimAsync(
        IHostApplicationBuilder host, SiloSettings settings, Action<string> onWaiting, CancellationToken cancellationToken)
    {
        if (settings.PostgresConnection is { } postgres)
        {
            await using var source = MemberPool.Open(postgres);
            var table = new MemberTable(source, settings.ClusterId);
            await LivingSilo.CheckAsync(table, settings, cancellationToken);
            await DepartedSilos.StrikeAsync(table, DepartedSilos.LongestSilence, onWaiting, cancellationToken);
        }
        PortClaims.CheckHttp(host.Configuration["urls"]);
        var ports = new PortClaims();
        host.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(ports);
        try
        {
            return settings with
            {
                SiloPort = ports.Claim($"Grid:{nameof(settings.SiloPort)}", settings.ListeningAddress, settings.SiloPort),
                GatewayPort = ports.Claim($"Grid:{nameof(settings.GatewayPort)}", settings.ListeningAddress, settings.GatewayPort),
            };
        }
        catch
        {
            ports.Dispose();
            throw;
        }
    }
}
