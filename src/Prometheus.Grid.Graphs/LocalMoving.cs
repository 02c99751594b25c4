using Prometheus.Grid.Numerics;

namespace Prometheus.Grid.Graphs;

/// <summary>The first step of a round: each node moves to the community where it adds most, and those around it get another look, until nobody wants to move.</summary>
internal static class LocalMoving
{
    /// <summary>Moves nodes between communities.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="communities">For each node its community, 0 … n − 1; changed in place.</param>
    /// <param name="resolution">γ.</param>
    /// <param name="lots">Decides in which order nodes are looked at.</param>
    public static void Run(WeightedGraph graph, int[] communities, double resolution, ref SplitMix64 lots)
    {
        int count = graph.Count;
        if (graph.TotalWeight == 0)
            return;
        double scale = resolution / (2 * graph.TotalWeight);
        double[] strengthOf = new double[count], weightTo = new double[count];
        int[] sizes = new int[count];
        for (int node = 0; node < count; node++)
        {
            strengthOf[communities[node]] += graph.Strengths[node];
            sizes[communities[node]]++;
        }
        var empty = new Stack<int>(Enumerable.Range(0, count).Where(community => sizes[community] == 0));
        var queue = new Queue<int>(Leiden.Shuffled(count, ref lots));
        bool[] isQueued = new bool[count];
        Array.Fill(isQueued, true);
        var touched = new List<int>();

        while (queue.TryDequeue(out int node))
        {
            isQueued[node] = false;
            int own = communities[node];
            double strength = graph.Strengths[node];
            touched.Clear();
            for (int i = graph.Starts[node]; i < graph.Starts[node + 1]; i++)
            {
                int other = communities[graph.Neighbours[i]];
                if (weightTo[other] == 0)
                    touched.Add(other);
                weightTo[other] += graph.Weights[i];
            }

            strengthOf[own] -= strength;
            double best = weightTo[own] - (scale * strength * strengthOf[own]);
            int target = own;
            foreach (int other in touched)
            {
                double gain = weightTo[other] - (scale * strength * strengthOf[other]);
                if (gain > best)
                    (best, target) = (gain, other);
                weightTo[other] = 0;
            }
            // On its own a node adds nothing, which is better than less.
            if (best < 0 && sizes[own] > 1)
                target = empty.Pop();
            strengthOf[target] += strength;
            if (target == own)
                continue;

            communities[node] = target;
            sizes[target]++;
            if (--sizes[own] == 0)
            {
                strengthOf[own] = 0;
                empty.Push(own);
            }
            for (int i = graph.Starts[node]; i < graph.Starts[node + 1]; i++)
            {
                int neighbour = graph.Neighbours[i];
                if (isQueued[neighbour] || communities[neighbour] == target)
                    continue;
                isQueued[neighbour] = true;
                queue.Enqueue(neighbour);
            }
        }
    }
}
