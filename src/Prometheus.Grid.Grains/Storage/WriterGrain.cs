using Orleans.Concurrency;
using Prometheus.Grid.Grains.Messages;

namespace Prometheus.Grid.Grains.Storage;

/// <summary>Takes the puts of silos that do not know <see cref="GroupWriterGrain"/> yet.</summary>
/// <param name="silo">The grid of this silo.</param>
[GrainType("grid-writer")]
[Reentrant] // Calls meet in the group commit of the silo's store; the turn must not part them.
public sealed class WriterGrain(SiloGrid silo) : Orleans.Grain, IWriterGrain
{
    /// <inheritdoc/>
    public async Task<bool[]> WriteAsync(RowPut[] puts, CancellationToken cancellationToken)
    {
        var outcomes = await silo.Store.Vectors.WriteHereAsync([.. puts.Select(put => put.ToPut())], expected: null, cancellationToken);
        return [.. outcomes!.Select(outcome => outcome.Written > 0)];
    }
}
