using Microsoft.Extensions.Diagnostics.HealthChecks;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Hosting.Silos;

/// <summary>Ready when this silo is an active member and its store answers; a load balancer asks every few seconds.</summary>
internal sealed class Readiness(ISiloStatusOracle silos, IGridStore store) : IHealthCheck
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken)
    {
        if (silos.CurrentStatus != SiloStatus.Active)
            return HealthCheckResult.Unhealthy($"the silo is {silos.CurrentStatus}");
        try
        {
            // A key that nobody has: one look at an index.
            await store.Vectors.VersionAsync(new PartitionKey(BranchKind.Joint, "readiness", default), cancellationToken)
                .WaitAsync(s_patience, cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            return HealthCheckResult.Unhealthy($"{store.Description} does not answer: {error.Message}");
        }
    }
}
