using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Core.Telemetry;

namespace Prometheus.Grid.Hosting.Silos;

/// <summary>Tells metrics once a minute which date is the latest of each model, whoever built it: a backfill that did not run is seen by that alone.</summary>
internal sealed partial class LatestDates(IGridStore store, ILogger<LatestDates> log) : BackgroundService
{
    private static readonly TimeSpan s_period = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_period);
        do
        {
            try
            {
                foreach (var model in (await store.Vectors.ListAsync(null, null, stoppingToken)).GroupBy(partition => partition.ModelId))
                    GridMetrics.LatestDate(model.Key, model.Max(partition => partition.AsOf));
            }
            catch (GridException error)
            {
                // The dates that are known stand until the store answers again.
                LogUnknown(store.Description, error);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the latest dates of {Store} cannot be read")]
    private partial void LogUnknown(string store, GridException error);
}
