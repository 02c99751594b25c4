using Prometheus.Grid.Core.Backfill;

namespace Prometheus.Grid.Grains;

/// <summary>One chunk of a backfill, by a key that the silo which drives the backfill chose. It lives for one call.</summary>
[Alias("grid.chunk")]
public interface IChunkGrain : IGrainWithGuidKey
{
    /// <summary>Encodes the chunk in the silo of the grain. The deadline covers a queue of chunks, of which a silo computes few at once.</summary>
    [Alias("Encode"), ResponseTimeout("00:05:00")]
    Task<EncodedChunk> EncodeAsync(ChunkOrder order, CancellationToken cancellationToken);
}
