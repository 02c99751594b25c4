using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Grains.Messages;

namespace Prometheus.Grid.Grains;

/// <summary>
/// A backfill, by a key that its caller chose. It runs while somebody asks for it: one that nobody has asked for a quarter of an hour stops after
/// the chunk under way, and goes on from there when it is asked again.
/// </summary>
[Alias("grid.backfill")]
public interface IBackfillGrain : IGrainWithGuidKey
{
    /// <summary>
    /// Says how far the backfill is, after starting it where it is not running: the first time, and again after the silo that drove it
    /// was lost. Completed dates are remembered, and the date under way goes on after its last committed chunk.
    /// </summary>
    [Alias("Drive")]
    Task<BackfillStatus> DriveAsync(BackfillRequest request, CancellationToken cancellationToken);

    /// <summary>Ends the backfill after the chunk under way, if it still runs, and forgets its days; what is committed stays.</summary>
    [Alias("Cancel")]
    Task EndAsync();
}
