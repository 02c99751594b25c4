using Prometheus.Grid.Grains.Messages;

namespace Prometheus.Grid.Grains;

/// <summary>
/// Owns the live writes to the vectors of a date, which is its key (<c>yyyy-MM-dd</c>): all silos send theirs here, and those that wait together share a
/// commit. Errors are those of <see cref="Core.Storage.IVectorStore.PutTogetherAsync"/>. A call that is repeated has the effect of one.
/// </summary>
[Alias("grid.writer")]
public interface IWriterGrain : IGrainWithStringKey
{
    /// <summary>Writes rows durably, all of them or none.</summary>
    /// <param name="puts">Rows of different partitions or entities.</param>
    /// <param name="cancellationToken">Ends the wait; what others wait for too is written nevertheless.</param>
    /// <returns>For each row whether it is new or changed.</returns>
    [Alias("Write")]
    Task<bool[]> WriteAsync(RowPut[] puts, CancellationToken cancellationToken);
}
