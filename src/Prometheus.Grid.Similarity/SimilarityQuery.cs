namespace Prometheus.Grid.Similarity;

/// <summary>What to search for.</summary>
/// <param name="Vector">The target, as a fused row: <see cref="RowShape.FusedDimensions"/> finite numbers, of any norm.</param>
/// <param name="Top">How many rows to answer with, at least 1; fewer come back when there are fewer.</param>
public sealed record SimilarityQuery(ReadOnlyMemory<float> Vector, int Top)
{
    /// <summary>Factor of each part, finite, at least 0 and not all 0; null for all 1. The target is to be fused with the same.</summary>
    public IReadOnlyList<double>? Factors { get; init; }

    /// <summary>The order of answers; its ties decide between rows of equal cosine and distance.</summary>
    public HitOrder Order { get; init; } = HitOrder.Default;

    internal void Check(RowShape shape)
    {
        if (Top < 1) throw new ArgumentException($"top: {Top}; allowed is 1 or more.");
        if (Vector.Length != shape.FusedDimensions)
            throw new ArgumentException($"vector: {Vector.Length} numbers; the rows have {shape.FusedDimensions}.");
        if (!double.IsFinite(Exact.NormSquared(Vector.Span))) throw new ArgumentException("vector: holds a value that is not finite; allowed are finite numbers.");
        if (Factors is null) return;
        if (Factors.Count != shape.Parts.Count) throw new ArgumentException($"factors: {Factors.Count} of them; the rows have {shape.Parts.Count} parts.");
        foreach (var factor in Factors)
        {
            if (!(factor is >= 0 and <= 1e6)) throw new ArgumentException($"factors: {factor}; allowed are 0 to 1,000,000.");
        }
        if (Factors.All(factor => factor == 0)) throw new ArgumentException("factors: all are 0; at least one must be more.");
    }

    internal double Factor(int part) => Factors is null ? 1 : Factors[part];
}

/// <summary>A shard to search, and which of its rows.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Within">Only these ordinals; null for all.</param>
public readonly record struct SearchSource(Shard Shard, OrdinalSet? Within = null);
