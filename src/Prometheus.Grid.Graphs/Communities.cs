namespace Prometheus.Grid.Graphs;

/// <summary>A partition of the nodes of a graph.</summary>
/// <param name="Of">For each node its community, 0 … <paramref name="Count"/> − 1, numbered in the order of their first nodes.</param>
/// <param name="Count">Number of communities.</param>
/// <param name="Modularity">See <see cref="Graphs.Modularity"/>.</param>
public sealed record Communities(IReadOnlyList<int> Of, int Count, double Modularity);

/// <summary>How much more weight lies inside of communities than the strengths of the nodes lead to expect (Newman and Girvan 2004; Reichardt and Bornholdt 2006).</summary>
public static class Modularity
{
    /// <summary>Q = Σ over communities of inside / m − γ (strength / 2m)²; 0 for a graph without edges.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="communities">For each node its community, numbered from 0 without gaps.</param>
    /// <param name="resolution">γ, positive: the larger, the more and smaller communities are good.</param>
    public static double Of(WeightedGraph graph, IReadOnlyList<int> communities, double resolution)
    {
        if (graph.TotalWeight == 0)
            return 0;
        int count = communities.Count == 0 ? 0 : communities.Max() + 1;
        double[] inside = new double[count], strength = new double[count];
        for (int node = 0; node < graph.Count; node++)
        {
            int own = communities[node];
            strength[own] += graph.Strengths[node];
            inside[own] += graph.Own[node];
            for (int i = graph.Starts[node]; i < graph.Starts[node + 1]; i++)
            {
                if (graph.Neighbours[i] > node && communities[graph.Neighbours[i]] == own)
                    inside[own] += graph.Weights[i];
            }
        }
        double sum = 0, m = graph.TotalWeight;
        for (int c = 0; c < count; c++)
            sum += (inside[c] / m) - (resolution * (strength[c] / (2 * m)) * (strength[c] / (2 * m)));
        return sum;
    }
}
