using Prometheus.Grid.Numerics;

namespace Prometheus.Grid.Graphs.Tests;

/// <summary>Graphs that are known, and graphs by lot that are the same on every run.</summary>
internal static class Sample
{
    /// <summary>Who met whom in Zachary's karate club (1977), members from 1.</summary>
    private const string KarateClub = """
        2 1 3 1 3 2 4 1 4 2 4 3 5 1 6 1 7 1 7 5 7 6 8 1 8 2 8 3 8 4 9 1 9 3 10 3 11 1 11 5 11 6 12 1 13 1 13 4 14 1 14 2 14 3 14 4 17 6 17 7
        18 1 18 2 20 1 20 2 22 1 22 2 26 24 26 25 28 3 28 24 28 25 29 3 30 24 30 27 31 2 31 9 32 1 32 25 32 26 32 29 33 3 33 9 33 15 33 16
        33 19 33 21 33 23 33 24 33 30 33 31 33 32 34 9 34 10 34 14 34 15 34 16 34 19 34 20 34 21 34 23 34 24 34 27 34 28 34 29 34 30 34 31
        34 32 34 33
        """;

    public static WeightedGraph Karate()
    {
        int[] ends = [.. KarateClub.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
        return WeightedGraph.Of(34, Enumerable.Range(0, ends.Length / 2).Select(i => new Edge(ends[2 * i] - 1, ends[(2 * i) + 1] - 1, 1)));
    }

    /// <summary>Cliques in a ring, each joined to the next by one edge.</summary>
    public static WeightedGraph RingOfCliques(int cliques, int size)
    {
        var edges = new List<Edge>();
        for (int clique = 0; clique < cliques; clique++)
        {
            for (int i = 0; i < size; i++)
            {
                for (int j = 0; j < i; j++)
                    edges.Add(new Edge((clique * size) + i, (clique * size) + j, 1));
            }
            edges.Add(new Edge(clique * size, ((clique + 1) % cliques * size) + 1, 1));
        }
        return WeightedGraph.Of(cliques * size, edges);
    }

    /// <summary>Any two nodes are joined with a chance, with a weight by lot.</summary>
    public static List<Edge> ByLot(int count, double chance, ulong seed)
    {
        var lots = new SplitMix64(seed);
        var edges = new List<Edge>();
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < i; j++)
            {
                if (lots.NextDouble() < chance)
                    edges.Add(new Edge(j, i, 1 + lots.NextIndex(4)));
            }
        }
        return edges;
    }

    /// <summary>Points around centres, and an edge where each of two is among the other's nearest: the shape of a graph of neighbours.</summary>
    public static List<Edge> MutualNeighbours(int count, int centres, int nearest, ulong seed)
    {
        const int Dimensions = 8;
        var lots = new SplitMix64(seed);
        double[][] middle = [.. Enumerable.Range(0, centres).Select(_ => Point(1))];
        double[][] points = [.. Enumerable.Range(0, count).Select(i => middle[i % centres].Zip(Point(0.8), (a, b) => a + b).ToArray())];
        double[] norms = [.. points.Select(p => Math.Sqrt(p.Sum(x => x * x)))];
        var near = new (int Node, double Cosine)[count][];
        for (int i = 0; i < count; i++)
        {
            near[i] = [.. Enumerable.Range(0, count).Where(j => j != i).Select(j => (j, Cosine: Dot(points[i], points[j]) / (norms[i] * norms[j])))
                .OrderByDescending(pair => pair.Cosine).Take(nearest)];
        }
        HashSet<(int, int)> directed = [.. near.Index().SelectMany(row => row.Item.Select(pair => (row.Index, pair.Node)))];
        return [.. near.Index().SelectMany(row => row.Item.Where(pair => row.Index < pair.Node && directed.Contains((pair.Node, row.Index))).Select(pair => new Edge(row.Index, pair.Node, pair.Cosine)))];

        double[] Point(double size) => [.. Enumerable.Range(0, Dimensions).Select(_ => size * (lots.NextDouble() + lots.NextDouble() + lots.NextDouble() - 1.5))];
        static double Dot(double[] x, double[] y) => x.Zip(y, (a, b) => a * b).Sum();
    }

    /// <summary>Modularity by its definition over all pairs of nodes.</summary>
    public static double Modularity(int count, IEnumerable<Edge> edges, IReadOnlyList<int> communities, double resolution)
    {
        double[,] adjacency = new double[count, count];
        foreach (var edge in edges)
        {
            adjacency[edge.A, edge.B] += edge.Weight;
            adjacency[edge.B, edge.A] += edge.Weight;
        }
        double[] strengths = [.. Enumerable.Range(0, count).Select(i => Enumerable.Range(0, count).Sum(j => adjacency[i, j]))];
        double twice = strengths.Sum(), sum = 0;
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < count; j++)
                sum += communities[i] == communities[j] ? (adjacency[i, j] / twice) - (resolution * strengths[i] * strengths[j] / (twice * twice)) : 0;
        }
        return sum;
    }
}
