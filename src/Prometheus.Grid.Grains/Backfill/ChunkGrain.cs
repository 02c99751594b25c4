using Orleans.Placement;
using Prometheus.Grid.Core.Backfill;

namespace Prometheus.Grid.Grains.Backfill;

/// <summary>Encodes one chunk of a backfill that another silo drives; see <see cref="ChunkWorker"/>.</summary>
/// <param name="silo">The grid of this silo.</param>
[GrainType("grid-chunk")]
[RandomPlacement] // Follows the hint of whoever asks, as every placement does; without one any silo will do.
public sealed class ChunkGrain(SiloGrid silo) : Orleans.Grain, IChunkGrain
{
    /// <inheritdoc/>
    public Task<EncodedChunk> EncodeAsync(ChunkOrder order, CancellationToken cancellationToken)
    {
        DeactivateOnIdle();
        // Encoding computes on all cores of the silo: off the grain's turn.
        return Task.Run(() => silo.Chunks.EncodeAsync(order, cancellationToken), cancellationToken);
    }
}
