using Prometheus.Grid.Numerics;

namespace Prometheus.Grid.Graphs;

/// <summary>
/// The second step of a round: inside of each community, nodes that are well connected with it join, by lot, parts that are so too. Parts hang
/// together by construction, which is what Louvain's communities lack.
/// </summary>
internal static class Refinement
{
    /// <summary>θ: how far a lot may fall from the best choice. The paper's value.</summary>
    private const double Randomness = 0.01;

    /// <summary>Refines a partition.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="communities">For each node its community, 0 … <paramref name="count"/> − 1.</param>
    /// <param name="count">Number of communities.</param>
    /// <param name="resolution">γ.</param>
    /// <param name="lots">Decides in which order nodes are looked at and which part they join.</param>
    /// <returns>For each node its part; no part reaches over two communities.</returns>
    public static int[] Run(WeightedGraph graph, int[] communities, int count, double resolution, ref SplitMix64 lots)
    {
        int nodes = graph.Count;
        int[] parts = [.. Enumerable.Range(0, nodes)];
        if (graph.TotalWeight == 0)
            return parts;
        double scale = resolution / (2 * graph.TotalWeight);
        double[] strengthOfCommunity = new double[count], strengthOf = [.. graph.Strengths], cut = new double[nodes], weightTo = new double[nodes];
        bool[] isAlone = new bool[nodes];
        Array.Fill(isAlone, true);
        for (int node = 0; node < nodes; node++)
        {
            strengthOfCommunity[communities[node]] += graph.Strengths[node];
            for (int i = graph.Starts[node]; i < graph.Starts[node + 1]; i++)
                cut[node] += communities[graph.Neighbours[i]] == communities[node] ? graph.Weights[i] : 0;
        }
        var choices = new List<(int Part, double Gain)>();
        var touched = new List<int>();
        foreach (int node in Leiden.Shuffled(nodes, ref lots))
        {
            double whole = strengthOfCommunity[communities[node]];
            if (!isAlone[node] || cut[node] < scale * graph.Strengths[node] * (whole - graph.Strengths[node]))
                continue;
            touched.Clear();
            for (int i = graph.Starts[node]; i < graph.Starts[node + 1]; i++)
            {
                int neighbour = graph.Neighbours[i];
                if (communities[neighbour] != communities[node])
                    continue;
                if (weightTo[parts[neighbour]] == 0)
                    touched.Add(parts[neighbour]);
                weightTo[parts[neighbour]] += graph.Weights[i];
            }

            choices.Clear();
            // To stay alone adds nothing, and is a choice like the others.
            choices.Add((parts[node], 0));
            foreach (int part in touched)
            {
                double gain = weightTo[part] - (scale * graph.Strengths[node] * strengthOf[part]);
                if (gain >= 0 && cut[part] >= scale * strengthOf[part] * (whole - strengthOf[part]))
                    choices.Add((part, gain));
            }
            int chosen = Choose(choices, ref lots);
            if (chosen != parts[node])
            {
                // What the part shares with the rest of the community: what both shared before, without what they share with each other.
                cut[chosen] += cut[node] - (2 * weightTo[chosen]);
                strengthOf[chosen] += graph.Strengths[node];
                parts[node] = chosen;
                // A part is named by the node that it began with.
                isAlone[chosen] = false;
            }
            foreach (int part in touched)
                weightTo[part] = 0;
        }
        return parts;
    }

    private static int Choose(List<(int Part, double Gain)> choices, ref SplitMix64 lots)
    {
        double most = 0, sum = 0;
        foreach ((_, double gain) in choices)
            most = Math.Max(most, gain);
        foreach ((_, double gain) in choices)
            sum += Math.Exp((gain - most) / Randomness);
        double lot = lots.NextDouble() * sum;
        foreach ((int part, double gain) in choices)
        {
            lot -= Math.Exp((gain - most) / Randomness);
            if (lot < 0)
                return part;
        }
        return choices[^1].Part;
    }
}
