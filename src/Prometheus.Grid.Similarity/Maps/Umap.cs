using System.Runtime.CompilerServices;
using Prometheus.Grid.Numerics;

namespace Prometheus.Grid.Similarity.Maps;

/// <summary>How a UMAP map is drawn.</summary>
public sealed record UmapOptions
{
    /// <summary>Passes over the edges; null for 500 up to 10,000 rows and 200 beyond, as in umap-learn.</summary>
    public int? Epochs { get; init; }

    /// <summary>Rows pushed away for each that is pulled near.</summary>
    public int NegativeSamples { get; init; } = 5;

    /// <summary>Where the random numbers start.</summary>
    public ulong Seed { get; init; } = 42;
}

/// <summary>
/// Uniform manifold approximation and projection (McInnes, Healy and Melville 2018, arXiv 1802.03426) to the plane, over exact
/// neighbours. It starts from the principal components and moves points on one thread in a fixed order, so a seed gives the same
/// bytes each run.
/// </summary>
public static class Umap
{
    // 1 / (1 + a·d^(2b)) fitted to the curve of min_dist 0.1 and spread 1 (section 3.2 of the paper; umap-learn's find_ab_params).
    private const float A = 1.5769434603f, B = 0.8950608780f;
    private const float LargestStep = 4;

    /// <summary>Coordinates of each row: count × 2 numbers, row by row.</summary>
    /// <param name="rows">At least 2 rows.</param>
    /// <param name="graph">Their nearest neighbours, 15 a row as a rule.</param>
    /// <param name="options">How to draw; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public static float[] Embed(MapRows rows, NeighbourGraph graph, UmapOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(graph);
        options ??= new UmapOptions();
        float[] points = Start(rows, options.Seed, cancellationToken);
        var edges = FuzzyEdges.Of(graph);
        Optimise(points, edges, options, options.Epochs ?? (rows.Count <= 10_000 ? 500 : 200), cancellationToken);
        return points;
    }

    /// <summary>Principal components, ten wide, with a little seeded noise that tells equal rows apart.</summary>
    private static float[] Start(MapRows rows, ulong seed, CancellationToken cancellationToken)
    {
        double[] components = PrincipalComponents.Project(rows, Math.Min(2, rows.Dimensions), cancellationToken);
        int width = components.Length / rows.Count;
        double largest = components.Max(Math.Abs);
        var random = new SplitMix64(seed);
        float[] points = new float[2 * rows.Count];
        for (int i = 0; i < points.Length; i++)
        {
            double value = i % 2 < width && largest > 0 ? 10 * components[i / 2 * width + i % 2] / largest : 0;
            points[i] = (float)(value + 1e-4 * (random.NextDouble() - 0.5));
        }
        return points;
    }

    /// <summary>
    /// Stochastic gradient descent on the cross-entropy of the fuzzy sets: an edge is drawn as often as it is strong, pulls its ends
    /// together, and pushes its head from random rows; steps shrink to nothing over the epochs.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Optimise(float[] points, FuzzyEdges edges, UmapOptions options, int epochs, CancellationToken cancellationToken)
    {
        var random = new SplitMix64(options.Seed + 1);
        int count = points.Length / 2;
        double[] due = (double[])edges.Period.Clone();
        for (int epoch = 1; epoch <= epochs; epoch++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            float step = 1 - (epoch - 1f) / epochs;
            for (int e = 0; e < edges.Count; e++)
            {
                if (due[e] > epoch) continue;
                due[e] += edges.Period[e];
                Pull(points, edges.Heads[e], edges.Tails[e], step);
                for (int sample = 0; sample < options.NegativeSamples; sample++)
                    Push(points, edges.Heads[e], random.NextIndex(count), step);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pull(float[] points, int head, int tail, float step)
    {
        float dx = points[2 * head] - points[2 * tail], dy = points[2 * head + 1] - points[2 * tail + 1];
        float squared = dx * dx + dy * dy;
        if (squared <= 0) return;
        float power = MathF.Pow(squared, B);
        float slope = -2 * A * B * power / (squared * (1 + A * power));
        float moveX = step * Limit(slope * dx), moveY = step * Limit(slope * dy);
        points[2 * head] += moveX;
        points[2 * head + 1] += moveY;
        points[2 * tail] -= moveX;
        points[2 * tail + 1] -= moveY;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Push(float[] points, int head, int other, float step)
    {
        if (head == other) return;
        float dx = points[2 * head] - points[2 * other], dy = points[2 * head + 1] - points[2 * other + 1];
        float squared = dx * dx + dy * dy;
        if (squared <= 0) return;
        float slope = 2 * B / ((0.001f + squared) * (1 + A * MathF.Pow(squared, B)));
        points[2 * head] += step * Limit(slope * dx);
        points[2 * head + 1] += step * Limit(slope * dy);
    }

    private static float Limit(float move) => Math.Clamp(move, -LargestStep, LargestStep);
}
