using Orleans.Concurrency;
using Prometheus.Grid.Grains.Messages;

namespace Prometheus.Grid.Grains.Storage;

/// <summary>
/// The one place that writes the live vectors of a date, so that the lock of a partition is taken once for a group of puts and waited for by nobody but a
/// command line that writes beside the silos. Silos that each committed for themselves stood in line at that lock: 816 puts a second of 32 callers
/// in three silos (docs/decisions/0043-one-writer-a-date.md).
/// </summary>
/// <param name="silo">The grid of this silo.</param>
[GrainType("grid-writer")]
[Reentrant] // Calls meet in the group commit of the silo's store; the turn must not part them.
public sealed class WriterGrain(SiloGrid silo) : Orleans.Grain, IWriterGrain
{
    /// <inheritdoc/>
    public async Task<bool[]> WriteAsync(RowPut[] puts, CancellationToken cancellationToken)
    {
        var outcomes = await silo.Store.Vectors.WriteHereAsync([.. puts.Select(put => put.ToPut())], cancellationToken);
        return [.. outcomes.Select(outcome => outcome.Written > 0)];
    }
}
