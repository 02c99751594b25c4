using Prometheus.Grid.Similarity.Kernels;

namespace Prometheus.Grid.Similarity;

/// <summary>What to search for.</summary>
/// <param name="Vector">The target, as a fused row: <see cref="RowShape.FusedDimensions"/> finite numbers, of any norm.</param>
/// <param name="Top">How many rows to answer with, at least 1; fewer come back when there are fewer.</param>
public sealed record VectorQuery(ReadOnlyMemory<float> Vector, int Top)
{
    /// <summary>The order of answers; its ties decide between rows of equal cosine and distance.</summary>
    public HitOrder Order { get; init; } = HitOrder.Default;

    internal void Check(RowShape shape)
    {
        if (Top < 1) throw new ArgumentException($"top: {Top}; allowed is 1 or more.");
        if (Vector.Length != shape.FusedDimensions)
            throw new ArgumentException($"vector: {Vector.Length} numbers; the rows have {shape.FusedDimensions}.");
        if (!double.IsFinite(Exact.NormSquared(Vector.Span))) throw new ArgumentException("vector: holds a value that is not finite; allowed are finite numbers.");
    }
}

/// <summary>A shard to search, which of its rows, and how their parts count.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Within">Only these ordinals; null for all.</param>
/// <param name="Factors">Factor of each part, 0 to 1,000,000; null for all 1. The target is to be fused with the same.</param>
public sealed record SearchSource(Shard Shard, OrdinalSet? Within = null, IReadOnlyList<double>? Factors = null)
{
    internal void Check()
    {
        if (Factors is null) return;
        if (Factors.Count != Shard.Shape.Parts.Count)
            throw new ArgumentException($"factors: {Factors.Count} of them; the rows have {Shard.Shape.Parts.Count} parts.");
        foreach (double factor in Factors)
        {
            if (!(factor is >= 0 and <= 1e6)) throw new ArgumentException($"factors: {factor}; allowed are 0 to 1,000,000.");
        }
    }
}
