using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.Backfill;

/// <summary>Collects the vectors of a chunk from encoders that work on many cores, in the order of the ids.</summary>
internal static class ChunkEncoding
{
    /// <summary>Encodes entity by entity, in parallel.</summary>
    /// <param name="ids">The chunk, ascending.</param>
    /// <param name="dimension">Length of the vectors.</param>
    /// <param name="workers">How many entities at once.</param>
    /// <param name="header">The header of an entity's row.</param>
    /// <param name="encode">Writes the vector of the entity at an index, or says why there is none.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public static EncodedChunk Each(
        IReadOnlyList<string> ids,
        int dimension,
        int workers,
        Func<int, RowHeader> header,
        EncodeOne encode,
        CancellationToken cancellationToken)
    {
        using var activity = BackfillActivity.Encoding();
        float[] values = new float[ids.Count * dimension];
        var reasons = new SkipReason?[ids.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken };
        // Ranges rather than single entities: at a few microseconds an entity, a work item each would cost more than the work.
        int range = Math.Max(1, ids.Count / (4 * workers));
        Parallel.For(0, (ids.Count + range - 1) / range, options, r =>
        {
            for (int i = r * range; i < Math.Min(ids.Count, (r + 1) * range); i++)
                reasons[i] = encode(i, values.AsSpan(i * dimension, dimension));
        });
        return Pack(ids, dimension, header, values, reasons);
    }

    /// <summary>Closes the gaps that entities without a vector leave, and refuses vectors that nothing can be compared with.</summary>
    public static EncodedChunk Pack(
        IReadOnlyList<string> ids, int dimension, Func<int, RowHeader> header, float[] values, SkipReason?[] reasons)
    {
        var headers = new List<RowHeader>(ids.Count);
        var skipped = new List<SkippedEntity>();
        for (int i = 0; i < ids.Count; i++)
        {
            var vector = values.AsSpan(i * dimension, dimension);
            if ((reasons[i] ?? Unfit(vector)) is { } reason)
            {
                skipped.Add(new SkippedEntity(ids[i], reason));
                continue;
            }
            vector.CopyTo(values.AsSpan(headers.Count * dimension));
            headers.Add(header(i));
        }
        return new EncodedChunk(new VectorBatch(headers, values.AsMemory(0, headers.Count * dimension), dimension), skipped);
    }

    private static SkipReason? Unfit(ReadOnlySpan<float> vector)
    {
        bool isZero = true;
        foreach (float value in vector)
        {
            if (!float.IsFinite(value))
                return new SkipReason("vector not finite");
            isZero &= value == 0;
        }
        return isZero ? new SkipReason("zero vector", "a cosine needs a direction") : null;
    }
}

/// <summary>Writes the vector of the entity at <paramref name="index"/> of a chunk, or says why there is none.</summary>
internal delegate SkipReason? EncodeOne(int index, Span<float> vector);
