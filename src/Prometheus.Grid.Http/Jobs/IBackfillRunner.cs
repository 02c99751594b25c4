using Prometheus.Grid.Core.Backfill;

namespace Prometheus.Grid.Http.Jobs;

/// <summary>Runs backfills under names of their own, so that one whose server is gone is taken up by the next.</summary>
public interface IBackfillRunner
{
    /// <summary>Runs a backfill, or goes on with the one of this id. Cancelling leaves it to be taken up; see <see cref="EndAsync"/>.</summary>
    /// <param name="id">Its name.</param>
    /// <param name="request">What to build; the same in all calls of one id.</param>
    /// <param name="progress">Told after each committed chunk.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<BackfillReport> RunAsync(Guid id, BackfillRequest request, IProgress<BackfillProgress> progress, CancellationToken cancellationToken);

    /// <summary>Ends the backfill of this id after the chunk under way, and forgets it.</summary>
    Task EndAsync(Guid id, CancellationToken cancellationToken);
}
