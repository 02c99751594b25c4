using System.Numerics.Tensors;
using Prometheus.Grid.Similarity.Kernels;

namespace Prometheus.Grid.Similarity.Maps;

/// <summary>Rows to draw a map of: n vectors of d numbers each, one after the other.</summary>
public sealed class MapRows
{
    /// <summary>Wraps rows.</summary>
    /// <param name="values">n × d finite numbers.</param>
    /// <param name="dimensions">d, at least 1.</param>
    /// <exception cref="ArgumentException">The length is no multiple of d, or a value is not finite.</exception>
    public MapRows(ReadOnlyMemory<float> values, int dimensions)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimensions);
        if (values.Length % dimensions != 0)
            throw new ArgumentException($"values: {values.Length} numbers; allowed is a multiple of {dimensions}.", nameof(values));
        if (!TensorPrimitives.IsFiniteAll(values.Span))
            throw new ArgumentException("values: hold a number that is not finite; allowed are finite numbers.", nameof(values));
        (Values, Dimensions, Count) = (values, dimensions, values.Length / dimensions);
    }

    /// <summary>n × d numbers.</summary>
    public ReadOnlyMemory<float> Values { get; }

    /// <summary>d.</summary>
    public int Dimensions { get; }

    /// <summary>n.</summary>
    public int Count { get; }

    /// <summary>Row i.</summary>
    public ReadOnlySpan<float> Row(int i) => Values.Span.Slice(i * Dimensions, Dimensions);

    /// <summary>The rows at unit length, so that distances on a map are those of directions, which is what a cosine compares; zero rows stay zero.</summary>
    public MapRows Normalised()
    {
        float[] unit = new float[Values.Length];
        for (int i = 0; i < Count; i++)
        {
            double norm = Math.Sqrt(Exact.NormSquared(Row(i)));
            for (int d = 0; norm > 0 && d < Dimensions; d++) unit[i * Dimensions + d] = (float)(Row(i)[d] / norm);
        }
        return new MapRows(unit, Dimensions);
    }
}
