using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Storage.Postgres;
using Prometheus.Grid.Storage.Postgres.Connections;

namespace Prometheus.Grid.Hosting.Silos;

/// <summary>Opens the store of a silo that may be started before its Postgres, as all parts of a cluster are when a machine boots.</summary>
internal static class PostgresStart
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(200), s_longestPause = TimeSpan.FromSeconds(1);

    /// <summary>Migrates where the settings say so, and opens the store.</summary>
    /// <param name="settings">The silo's.</param>
    /// <param name="postgres">Connection string.</param>
    /// <param name="catalog">Models and spaces.</param>
    /// <param name="fence">Asked before rows are published.</param>
    /// <param name="onWaiting">Told what is waited for, once a cause.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="GridException">Postgres refuses, or does not answer in <see cref="SiloSettings.WaitForPostgresSeconds"/>.</exception>
    public static Task<PostgresStore> OpenAsync(
        SiloSettings settings, string postgres, ModelCatalog catalog, WriteFence fence, Action<string> onWaiting, CancellationToken cancellationToken)
    {
        string said = "";
        var retries = new Retries(
            TimeSpan.FromSeconds(settings.WaitForPostgresSeconds), s_firstPause, s_longestPause, (error, _) => error is GridFaultException { CanRetry: true }, Say);
        return retries.RunAsync(
            async token =>
            {
                if (settings.Migrate)
                    await PostgresStore.MigrateAsync(postgres, isDryRun: false, token);
                return await PostgresStore.OpenAsync(postgres, catalog, new PostgresOptions { Fence = fence }, token);
            },
            cancellationToken);

        void Say(Exception error)
        {
            if (said != error.Message)
                onWaiting(said = error.Message);
        }
    }
}
