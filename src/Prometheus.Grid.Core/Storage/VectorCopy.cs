namespace Prometheus.Grid.Core.Storage;

/// <summary>Copies vectors from one store to another, bit for bit, with their headers and recipe.</summary>
public static class VectorCopy
{
    /// <summary>Rows in a chunk; the same as a backfill's for the same reasons.</summary>
    private const int ChunkSize = 1024;

    /// <summary>
    /// Copies one partition. Rows that the target has already stay as they are, with the time at which they became known there; a copy
    /// that was killed goes on after its last chunk.
    /// </summary>
    /// <param name="from">The store that has it.</param>
    /// <param name="to">The store that gets it.</param>
    /// <param name="key">Model and date.</param>
    /// <param name="cancellationToken">Ends the copy after the chunk under way.</param>
    /// <returns>What changed in the target; null when the source has no such partition.</returns>
    /// <exception cref="Errors.BadInputException">The target has rows of another recipe that the source does not replace.</exception>
    public static async Task<WriteOutcome?> CopyAsync(IVectorStore from, IVectorStore to, PartitionKey key, CancellationToken cancellationToken)
    {
        if (await from.ReadAsync(key, null, null, cancellationToken) is not { } partition)
            return null;
        var rows = partition.Rows;
        await using var writer = await to.BeginAsync(
            key, rows.Dimension, partition.Origin, $"copy {partition.Version} {partition.Origin}", cancellationToken);
        for (int first = writer.CommittedChunks * ChunkSize; first < rows.Count; first += ChunkSize)
        {
            int count = Math.Min(ChunkSize, rows.Count - first);
            RowHeader[] headers = [.. rows.Headers.Skip(first).Take(count)];
            await writer.CommitAsync(new VectorBatch(headers, rows.Values.Slice(first * rows.Dimension, count * rows.Dimension), rows.Dimension), [], cancellationToken);
        }
        return (await writer.CompleteAsync(cancellationToken)).Outcome;
    }
}
