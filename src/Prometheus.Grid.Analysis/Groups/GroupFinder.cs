using Prometheus.Grid.Core.Universes;
using Prometheus.Grid.Graphs;
using Prometheus.Grid.Numerics;

namespace Prometheus.Grid.Analysis.Groups;

/// <summary>Groups of one date, before they have ids.</summary>
/// <param name="Of">For each row of the day its group; groups are numbered by size, the largest first, and among equals by their first rows.</param>
/// <param name="Count">Number of groups.</param>
/// <param name="Centrality">For each row its mean cosine to the other members; null for one that is alone.</param>
/// <param name="Modularity">Of the partition.</param>
/// <param name="Edges">Of the graph.</param>
internal sealed record FoundGroups(int[] Of, int Count, double?[] Centrality, double Modularity, int Edges);

/// <summary>Finds the groups of a day: communities of the graph in which two are joined that are among each other's nearest.</summary>
internal static class GroupFinder
{
    /// <param name="day">The day.</param>
    /// <param name="query">How to search.</param>
    /// <param name="workers">Cores to use; the answer does not depend on it.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public static FoundGroups Find(UniverseDay day, GroupsQuery query, int workers, CancellationToken cancellationToken)
    {
        var graph = WeightedGraph.Of(day.Count, MutualEdges(day.Nearest(query.Neighbours, cancellationToken)));
        var communities = Leiden.Find(graph, new LeidenOptions { Resolution = query.Resolution, Seed = query.Seed, Workers = workers }, cancellationToken);
        int[] sizes = new int[communities.Count];
        foreach (int community in communities.Of)
            sizes[community]++;
        // Communities are numbered by their first nodes, and the order is stable.
        int[] bySize = [.. Enumerable.Range(0, communities.Count).OrderByDescending(community => sizes[community])];
        int[] places = new int[communities.Count];
        foreach ((int place, int community) in bySize.Index())
            places[community] = place;
        int[] of = [.. communities.Of.Select(community => places[community])];
        return new FoundGroups(of, communities.Count, Centralities(day, of, communities.Count), communities.Modularity, graph.Edges);
    }

    /// <summary>An edge, as heavy as the cosine, where each of two is among the other's nearest. A cosine of 0 or less joins nobody.</summary>
    internal static IEnumerable<Edge> MutualEdges((int Row, double Cosine)[][] nearest)
    {
        for (int row = 0; row < nearest.Length; row++)
        {
            foreach ((int other, double cosine) in nearest[row])
            {
                if (row < other && cosine > 0 && Array.Exists(nearest[other], back => back.Row == row))
                    yield return new Edge(row, other, cosine);
            }
        }
    }

    /// <summary>Mean cosines in one pass: a unit vector times the sum of its group is its cosine to all members, itself among them.</summary>
    private static double?[] Centralities(UniverseDay day, int[] of, int count)
    {
        int dimension = day.Dimension;
        double[] sums = new double[count * dimension], unit = new double[dimension];
        int[] sizes = new int[count];
        for (int row = 0; row < of.Length; row++)
        {
            day.Unit(row, unit);
            Vectors.AddScaled(sums.AsSpan(of[row] * dimension, dimension), 1, unit);
            sizes[of[row]]++;
        }
        double?[] centralities = new double?[of.Length];
        for (int row = 0; row < of.Length; row++)
        {
            if (sizes[of[row]] == 1)
                continue;
            day.Unit(row, unit);
            double all = Vectors.Dot(unit, sums.AsSpan(of[row] * dimension, dimension));
            centralities[row] = (all - Vectors.Dot(unit, unit)) / (sizes[of[row]] - 1);
        }
        return centralities;
    }
}
