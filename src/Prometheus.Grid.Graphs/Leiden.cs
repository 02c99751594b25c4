using Prometheus.Grid.Numerics;

namespace Prometheus.Grid.Graphs;

/// <summary>How communities are sought.</summary>
public sealed record LeidenOptions
{
    /// <summary>γ of <see cref="Modularity"/>, positive and finite.</summary>
    public double Resolution { get; init; } = 1;

    /// <summary>Equal seeds give equal communities.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>How many times to begin anew, at least 1; the best is kept, and among equals the first. Null for 4 to 32, the more the smaller the graph.</summary>
    public int? Starts { get; init; }

    /// <summary>Cores to use, at least 1; the answer does not depend on it.</summary>
    public int Workers { get; init; } = 1;
}

/// <summary>
/// Communities of high modularity by the Leiden algorithm (Traag, Waltman and van Eck 2019, "From Louvain to Leiden: guaranteeing
/// well-connected communities"): nodes move to where they add most, communities are refined into parts that hang together, the parts become
/// the nodes of a smaller graph, and so on; all over again from what was found, until nothing is gained.
/// </summary>
public static class Leiden
{
    /// <summary>Rounds without a gain after which a start is at its end: refinement draws lots, so a further round may still find one.</summary>
    private const int IdleRounds = 3;

    private const double LeastGain = 1e-10;

    /// <summary>Edges that all starts together look at: about a second of a core.</summary>
    private const int EdgesInAll = 120_000;

    /// <summary>Finds communities.</summary>
    /// <param name="graph">The graph; a node without edges is a community of its own.</param>
    /// <param name="options">How to search.</param>
    /// <param name="cancellationToken">Ends the work between rounds.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public static Communities Find(WeightedGraph graph, LeidenOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(graph);
        if (!(options.Resolution > 0 && double.IsFinite(options.Resolution)))
            throw new ArgumentOutOfRangeException(nameof(options), options.Resolution, "resolution: allowed is a positive finite number.");
        int starts = options.Starts ?? Math.Clamp(EdgesInAll / Math.Max(1, graph.Edges), 4, 32);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(starts);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Workers);

        var found = new Communities[starts];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Workers, CancellationToken = cancellationToken };
        Parallel.For(0, starts, parallel, start =>
            found[start] = FromScratch(graph, options.Resolution, SplitMix64.Mix(options.Seed + ((ulong)start * SplitMix64.Increment)), cancellationToken));
        return found.MaxBy(communities => communities.Modularity)!;
    }

    private static Communities FromScratch(WeightedGraph graph, double resolution, ulong seed, CancellationToken cancellationToken)
    {
        var lots = new SplitMix64(seed);
        int[] communities = [.. Enumerable.Range(0, graph.Count)];
        double modularity = double.NegativeInfinity;
        for (int idle = 0; idle < IdleRounds;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int[] next = Round(graph, communities, resolution, ref lots);
            double reached = Modularity.Of(graph, next, resolution);
            idle = reached > modularity + LeastGain ? 0 : idle + 1;
            if (reached > modularity)
                (communities, modularity) = (next, reached);
        }
        int count = Renumber(communities);
        return new Communities(communities, count, modularity);
    }

    /// <summary>One pass from the nodes up to the graph that cannot be made smaller.</summary>
    private static int[] Round(WeightedGraph graph, int[] start, double resolution, ref SplitMix64 lots)
    {
        int[] partOf = [.. Enumerable.Range(0, graph.Count)], communities = [.. start];
        var level = graph;
        while (true)
        {
            LocalMoving.Run(level, communities, resolution, ref lots);
            int count = Renumber(communities);
            if (count == level.Count)
                return [.. partOf.Select(part => communities[part])];
            int[] refined = Refinement.Run(level, communities, count, resolution, ref lots);
            int parts = Renumber(refined);
            // Where nothing could be refined together, the communities themselves are put together, as Louvain would: else it never ends.
            if (parts == level.Count)
                (refined, parts) = ([.. communities], count);
            int[] communityOfPart = new int[parts];
            for (int node = 0; node < refined.Length; node++)
                communityOfPart[refined[node]] = communities[node];
            for (int node = 0; node < partOf.Length; node++)
                partOf[node] = refined[partOf[node]];
            level = level.Aggregate(refined, parts);
            communities = communityOfPart;
        }
    }

    /// <summary>Numbers communities in the order of their first nodes; returns how many there are.</summary>
    internal static int Renumber(int[] communities)
    {
        // Numbers are less than the number of nodes; 0 stands for none yet.
        int[] numbers = new int[communities.Length];
        int count = 0;
        for (int node = 0; node < communities.Length; node++)
        {
            ref int number = ref numbers[communities[node]];
            if (number == 0)
                number = ++count;
            communities[node] = number - 1;
        }
        return count;
    }

    /// <summary>Numbers 0 … count − 1 in an order of lots (Fisher and Yates 1938).</summary>
    internal static int[] Shuffled(int count, ref SplitMix64 lots)
    {
        int[] order = new int[count];
        for (int i = 0; i < count; i++)
            order[i] = i;
        for (int i = count - 1; i > 0; i--)
        {
            int j = lots.NextIndex(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }
        return order;
    }
}
