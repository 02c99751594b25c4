using Orleans.Concurrency;
using Prometheus.Grid.Grains.Messages;

namespace Prometheus.Grid.Grains.Storage;

/// <summary>
/// The one place that writes the live vectors of a date, so that the lock of a partition is taken once for a group of puts and waited for by nobody but a
/// command line that writes beside the silos. Silos that each committed for themselves stood in line at that lock: 816 puts a second of 32 callers
/// in three silos (docs/decisions/0043-one-writer-a-date.md).
/// </summary>
/// <param name="silo">The grid of this silo.</param>
[GrainType("grid-group-writer")]
[Reentrant] // Calls meet in the group commit of the silo's store; the turn must not part them.
public sealed class GroupWriterGrain(SiloGrid silo) : Orleans.Grain, IGroupWriterGrain
{
    /// <inheritdoc/>
    public async Task<bool[]> WriteAsync(PutGroup group, CancellationToken cancellationToken)
    {
        var expected = group.Expected();
        // Off the turn: taking a group apart and putting it together with others computes for a while.
        var outcomes = await Task.Run(
            () => Task.WhenAll(group.ToPuts().Select(puts => silo.Store.Vectors.WriteHereAsync(puts, expected, cancellationToken))), cancellationToken);
        return outcomes.Contains(null) ? [] : [.. outcomes.SelectMany(put => put!.Select(outcome => outcome.Written > 0))];
    }
}
