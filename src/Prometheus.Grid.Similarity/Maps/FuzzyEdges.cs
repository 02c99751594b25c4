namespace Prometheus.Grid.Similarity.Maps;

/// <summary>
/// The fuzzy simplicial set of a neighbour graph (sections 3.1 and 4 of the UMAP paper): how strongly rows hang together, each
/// distance measured against the row's own neighbourhood, and both directions of an edge united.
/// </summary>
internal sealed class FuzzyEdges
{
    private const int Bisections = 64;

    private FuzzyEdges(int[] heads, int[] tails, double[] period) => (Heads, Tails, Period) = (heads, tails, period);

    public int Count => Heads.Length;

    public int[] Heads { get; }

    public int[] Tails { get; }

    /// <summary>Epochs from one draw of an edge to the next: 1 for the strongest.</summary>
    public double[] Period { get; }

    public static FuzzyEdges Of(NeighbourGraph graph)
    {
        var strengths = new Dictionary<(int, int), double>(graph.Indices.Length);
        for (int row = 0; row < graph.Count; row++)
        {
            var distances = graph.Distances.AsSpan(row * graph.Neighbours, graph.Neighbours);
            var (nearest, scale) = Neighbourhood(distances);
            for (int n = 0; n < distances.Length; n++)
            {
                double strength = scale > 0 ? Math.Exp(-Math.Max(0, distances[n] - nearest) / scale) : 1;
                strengths[(row, graph.Indices[row * graph.Neighbours + n])] = strength;
            }
        }
        // Union of the two directions: a + b − ab.
        var united = strengths
            .Select(edge => (edge.Key.Item1, edge.Key.Item2, Strength: edge.Value + Reverse(edge.Key) - edge.Value * Reverse(edge.Key)))
            .Concat(strengths.Where(edge => !strengths.ContainsKey((edge.Key.Item2, edge.Key.Item1))).Select(edge => (edge.Key.Item2, edge.Key.Item1, Strength: edge.Value)))
            .Order()
            .ToArray();
        double Reverse((int Head, int Tail) edge) => strengths.GetValueOrDefault((edge.Tail, edge.Head));
        double strongest = united.Max(edge => edge.Strength);
        return new FuzzyEdges(
            [.. united.Select(edge => edge.Item1)], [.. united.Select(edge => edge.Item2)], [.. united.Select(edge => strongest / edge.Strength)]);
    }

    /// <summary>The distance ρ to the nearest other row and the scale σ at which Σ exp(−(d − ρ)/σ) is log₂ of the neighbours.</summary>
    private static (double Nearest, double Scale) Neighbourhood(ReadOnlySpan<float> distances)
    {
        double nearest = 0.0;
        double mean = 0.0;
        foreach (float distance in distances)
        {
            if (distance > 0 && nearest == 0) nearest = distance;
            mean += distance / (double)distances.Length;
        }
        double target = Math.Log2(distances.Length), low = 0, high = double.PositiveInfinity, scale = 1;
        for (int i = 0; i < Bisections; i++)
        {
            double sum = 0.0;
            foreach (float distance in distances) sum += distance > nearest ? Math.Exp(-(distance - nearest) / scale) : 1;
            if (sum > target) high = scale;
            else low = scale;
            scale = double.IsInfinity(high) ? 2 * scale : (low + high) / 2;
        }
        // As in umap-learn: a neighbourhood of nearly equal rows is kept from shrinking to a point.
        return (nearest, Math.Max(scale, 1e-3 * mean));
    }
}
