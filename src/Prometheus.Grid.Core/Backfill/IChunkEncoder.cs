using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.Backfill;

/// <summary>Encodes chunks of backfills. Safe for concurrent callers.</summary>
public interface IChunkEncoder
{
    /// <summary>How many chunks it should be given ahead of the one that is committed next, at least 1; it may change over time.</summary>
    int ChunksAhead { get; }

    /// <summary>Reads the inputs of a chunk and encodes them.</summary>
    /// <param name="order">Which chunk.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    Task<EncodedChunk> EncodeAsync(ChunkOrder order, CancellationToken cancellationToken);
}

/// <summary>Names a chunk of a backfill, so that another process can encode it.</summary>
/// <param name="Request">The backfill.</param>
/// <param name="AsOf">The date, one of those that the request covers.</param>
/// <param name="Number">Which chunk of the date, from 0.</param>
/// <param name="Fingerprint">
/// Identifies the work of the date: inputs, entities and chunking as its driver found them. Whoever finds others must not encode the chunk.
/// </param>
public sealed record ChunkOrder(BackfillRequest Request, DateOnly AsOf, int Number, string Fingerprint);

/// <summary>The vectors of one chunk of entities, and who got none.</summary>
/// <param name="Rows">The vectors, ascending by entity id.</param>
/// <param name="Skipped">The entities of the chunk without a vector, and why.</param>
public sealed record EncodedChunk(VectorBatch Rows, IReadOnlyList<SkippedEntity> Skipped);
