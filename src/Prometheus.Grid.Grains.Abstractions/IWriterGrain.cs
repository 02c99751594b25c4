using Prometheus.Grid.Grains.Messages;

namespace Prometheus.Grid.Grains;

/// <summary>
/// What <see cref="IGroupWriterGrain"/> was before it took groups, for silos of that version while a cluster is upgraded. Its key is the date
/// (<c>yyyy-MM-dd</c>). Errors are those of <see cref="Core.Storage.IVectorStore.PutTogetherAsync"/>. A call that is repeated has the effect of one.
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
