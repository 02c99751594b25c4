using Prometheus.Grid.Numerics;

namespace Prometheus.Grid.Core.Encoders.Prices;

/// <summary>A fit of <c>num-profile-core-v2</c>; made by <see cref="PeerFit"/>, kept by <see cref="PeerArtifact"/>.</summary>
/// <param name="AsOf">The last date it knew.</param>
/// <param name="Basis">The date whose axes it shares: its own, or that of the first fit of the chain it was aligned to.</param>
/// <param name="Options">Parameters.</param>
/// <param name="Market">What all instruments share.</param>
/// <param name="Projection">From residual returns to coordinates, component by component (components × 2 T).</param>
/// <param name="ReferenceIds">Instruments whose coordinates are kept for later fits to align to.</param>
/// <param name="References">Their unit coordinates, row by row.</param>
internal sealed record PeerModel(
    DateOnly AsOf,
    DateOnly Basis,
    PeerOptions Options,
    MarketModel Market,
    double[] Projection,
    IReadOnlyList<string> ReferenceIds,
    float[] References)
{
    /// <summary>The unit coordinates of a reference instrument.</summary>
    public ReadOnlySpan<float> Reference(int index) => References.AsSpan(index * Options.Components, Options.Components);

    /// <summary>Coordinates of a finished row of residual returns, scaled to unit length; zero when the row is.</summary>
    public void Project(ReadOnlySpan<double> row, Span<float> coordinates)
    {
        int width = row.Length;
        Span<double> sums = stackalloc double[Options.Components];
        double squares = 0;
        for (int c = 0; c < Options.Components; c++)
        {
            sums[c] = Vectors.Dot(row, Projection.AsSpan(c * width, width));
            squares += sums[c] * sums[c];
        }
        double scale = squares > 0 ? 1 / Math.Sqrt(squares) : 0;
        for (int c = 0; c < Options.Components; c++)
            coordinates[c] = (float)(scale * sums[c]);
    }

    /// <summary>The same model with its axes turned; cosines do not change.</summary>
    /// <param name="rotation">Orthogonal, row by row.</param>
    /// <param name="basis">The date whose axes these are now.</param>
    public PeerModel Rotated(ReadOnlySpan<double> rotation, DateOnly basis)
    {
        int width = 2 * Market.Length, k = Options.Components;
        double[] turned = new double[Projection.Length];
        for (int c = 0; c < k; c++)
        {
            for (int from = 0; from < k; from++)
                Vectors.AddScaled(turned.AsSpan(c * width, width), rotation[(from * k) + c], Projection.AsSpan(from * width, width));
        }
        return this with { Projection = turned, Basis = basis };
    }

    /// <summary>The same model with the coordinates that a later fit aligns to.</summary>
    public PeerModel WithReferences(IReadOnlyList<string> ids, float[] references) => this with { ReferenceIds = ids, References = references };
}
