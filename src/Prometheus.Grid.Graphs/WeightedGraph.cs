namespace Prometheus.Grid.Graphs;

/// <summary>An edge between two different nodes.</summary>
/// <param name="A">One node, 0 … n − 1.</param>
/// <param name="B">The other.</param>
/// <param name="Weight">Its weight, positive and finite.</param>
public readonly record struct Edge(int A, int B, double Weight);

/// <summary>An undirected graph with weights, as rows of neighbours.</summary>
public sealed class WeightedGraph
{
    internal WeightedGraph(int[] starts, int[] neighbours, double[] weights, double[] own)
    {
        (Starts, Neighbours, Weights, Own) = (starts, neighbours, weights, own);
        Strengths = new double[own.Length];
        double sum = 0;
        for (int node = 0; node < own.Length; node++)
        {
            double strength = 2 * own[node];
            for (int i = starts[node]; i < starts[node + 1]; i++)
                strength += weights[i];
            Strengths[node] = strength;
            sum += strength;
        }
        TotalWeight = sum / 2;
    }

    /// <summary>Number of nodes.</summary>
    public int Count => Own.Length;

    /// <summary>Number of edges.</summary>
    public int Edges => Neighbours.Length / 2;

    /// <summary>The weights of all edges together.</summary>
    public double TotalWeight { get; }

    /// <summary>Where the neighbours of each node begin; n + 1 places.</summary>
    internal int[] Starts { get; }

    internal int[] Neighbours { get; }

    internal double[] Weights { get; }

    /// <summary>For each node the weight of the edges that became part of it, when nodes were put together.</summary>
    internal double[] Own { get; }

    /// <summary>For each node the weights of its edges together; an edge inside of it counts twice.</summary>
    internal double[] Strengths { get; }

    /// <summary>Makes a graph.</summary>
    /// <param name="count">Number of nodes, at least 0.</param>
    /// <param name="edges">Its edges in any order; several between the same two nodes add up.</param>
    /// <exception cref="ArgumentException">An edge names no node, the same node twice, or a weight that is not positive and finite.</exception>
    public static WeightedGraph Of(int count, IEnumerable<Edge> edges)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        // Sorted first, so that sums do not depend on the order in which edges come.
        Edge[] sorted = [.. edges.Select(edge => edge.A <= edge.B ? edge : new Edge(edge.B, edge.A, edge.Weight))];
        Array.Sort(sorted, (x, y) => x.A != y.A ? x.A.CompareTo(y.A) : x.B != y.B ? x.B.CompareTo(y.B) : x.Weight.CompareTo(y.Weight));
        var merged = new List<Edge>(sorted.Length);
        foreach (var edge in sorted)
        {
            if (edge.A < 0 || edge.B >= count || edge.A == edge.B)
                throw new ArgumentException($"edge: {edge.A} to {edge.B}; allowed are two different nodes of 0 to {count - 1}.", nameof(edges));
            if (!(edge.Weight > 0 && double.IsFinite(edge.Weight)))
                throw new ArgumentException($"edge: {edge.A} to {edge.B} weighs {edge.Weight}; allowed is a positive finite number.", nameof(edges));
            if (merged.Count > 0 && merged[^1] is var last && last.A == edge.A && last.B == edge.B)
                merged[^1] = last with { Weight = last.Weight + edge.Weight };
            else
                merged.Add(edge);
        }
        return OfDistinct(count, merged, new double[count]);
    }

    /// <summary>The neighbours of a node with the weights of the edges to them.</summary>
    public IEnumerable<(int Node, double Weight)> NeighboursOf(int node)
    {
        for (int i = Starts[node]; i < Starts[node + 1]; i++)
            yield return (Neighbours[i], Weights[i]);
    }

    /// <summary>Puts nodes together: a node a part, edges between parts added up.</summary>
    /// <param name="parts">For each node its part, 0 … <paramref name="count"/> − 1.</param>
    /// <param name="count">Number of parts.</param>
    internal WeightedGraph Aggregate(int[] parts, int count)
    {
        (int[] starts, int[] members) = Members(parts, count);
        double[] own = new double[count], weightTo = new double[count];
        var touched = new List<int>();
        int[] rows = new int[count + 1];
        var neighbours = new List<int>(Neighbours.Length / 2);
        var weights = new List<double>(Neighbours.Length / 2);
        for (int part = 0; part < count; part++)
        {
            double within = 0;
            foreach (int node in members.AsSpan(starts[part]..starts[part + 1]))
            {
                own[part] += Own[node];
                for (int i = Starts[node]; i < Starts[node + 1]; i++)
                {
                    int other = parts[Neighbours[i]];
                    if (other == part)
                    {
                        within += Weights[i];
                        continue;
                    }
                    if (weightTo[other] == 0)
                        touched.Add(other);
                    weightTo[other] += Weights[i];
                }
            }
            // Each edge inside was met from both of its ends.
            own[part] += within / 2;
            foreach (int other in touched)
            {
                neighbours.Add(other);
                weights.Add(weightTo[other]);
                weightTo[other] = 0;
            }
            touched.Clear();
            rows[part + 1] = neighbours.Count;
        }
        return new WeightedGraph(rows, [.. neighbours], [.. weights], own);
    }

    /// <summary>The members of each part, one part after the other, and where each begins.</summary>
    internal static (int[] Starts, int[] Members) Members(int[] parts, int count)
    {
        int[] starts = new int[count + 1], members = new int[parts.Length];
        foreach (int part in parts)
            starts[part + 1]++;
        for (int part = 0; part < count; part++)
            starts[part + 1] += starts[part];
        int[] next = starts[..^1];
        for (int node = 0; node < parts.Length; node++)
            members[next[parts[node]]++] = node;
        return (starts, members);
    }

    private static WeightedGraph OfDistinct(int count, List<Edge> edges, double[] own)
    {
        int[] starts = new int[count + 1];
        foreach (var edge in edges)
        {
            starts[edge.A + 1]++;
            starts[edge.B + 1]++;
        }
        for (int node = 0; node < count; node++)
            starts[node + 1] += starts[node];
        int[] next = starts[..^1], neighbours = new int[2 * edges.Count];
        double[] weights = new double[2 * edges.Count];
        foreach (var edge in edges)
        {
            (neighbours[next[edge.A]], weights[next[edge.A]++]) = (edge.B, edge.Weight);
            (neighbours[next[edge.B]], weights[next[edge.B]++]) = (edge.A, edge.Weight);
        }
        return new WeightedGraph(starts, neighbours, weights, own);
    }
}
