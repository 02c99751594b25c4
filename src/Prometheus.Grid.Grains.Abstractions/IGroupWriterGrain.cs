using Prometheus.Grid.Grains.Messages;

namespace Prometheus.Grid.Grains;

/// <summary>
/// Owns the live writes to the vectors of a date, which is its key (<c>yyyy-MM-dd</c>): all silos send theirs here, what waits in a silo as one message, and
/// those that wait together share a commit. Errors are those of <see cref="Core.Storage.IVectorStore.PutTogetherAsync"/>. A call that is repeated has the effect of one.
/// </summary>
[Alias("grid.group-writer")]
public interface IGroupWriterGrain : IGrainWithStringKey
{
    /// <summary>Writes each put of a group durably, all rows of it or none.</summary>
    /// <param name="group">The puts.</param>
    /// <param name="cancellationToken">Ends the wait; what others wait for too is written nevertheless.</param>
    /// <returns>For each row of the group whether it is new or changed; empty where nothing is written because a partition is not as expected.</returns>
    [Alias("Write")]
    Task<bool[]> WriteAsync(PutGroup group, CancellationToken cancellationToken);
}
