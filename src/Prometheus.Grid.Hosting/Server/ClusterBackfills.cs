using Prometheus.Grid.Client;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Http.Jobs;

namespace Prometheus.Grid.Hosting.Server;

/// <summary>Jobs of the API as backfill grains, whose journal outlives the server where the cluster keeps it in Postgres.</summary>
internal sealed class ClusterBackfills(ClusterGrid grid) : IBackfillRunner
{
    public Task<BackfillReport> RunAsync(Guid id, BackfillRequest request, IProgress<BackfillProgress> progress, CancellationToken cancellationToken) =>
        grid.BackfillAsync(id, request, progress, cancellationToken);

    public Task EndAsync(Guid id, CancellationToken cancellationToken) => grid.EndBackfillAsync(id, cancellationToken);
}
