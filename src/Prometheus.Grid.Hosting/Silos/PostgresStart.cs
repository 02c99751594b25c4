using System.Diagnostics;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Storage.Postgres;

namespace Prometheus.Grid.Hosting.Silos;

/// <summary>Opens the store of a silo that may be started before its Postgres, as all parts of a cluster are when a machine boots.</summary>
internal static class PostgresStart
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    /// <summary>Migrates where the settings say so, and opens the store.</summary>
    /// <exception cref="GridException">Postgres refuses, or does not answer in <see cref="SiloSettings.WaitForPostgresSeconds"/>.</exception>
    public static async Task<PostgresStore> OpenAsync(SiloSettings settings, string postgres, ModelCatalog catalog, WriteFence fence, Action<string> onWaiting, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                if (settings.Migrate)
                    await PostgresStore.MigrateAsync(postgres, isDryRun: false, cancellationToken);
                return await PostgresStore.OpenAsync(postgres, catalog, new PostgresOptions { Fence = fence }, cancellationToken);
            }
            catch (GridFaultException error) when (error.CanRetry && Stopwatch.GetElapsedTime(start).TotalSeconds < settings.WaitForPostgresSeconds)
            {
                onWaiting(error.Message);
                await Task.Delay(s_pause, cancellationToken);
            }
        }
    }
}
