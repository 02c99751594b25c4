namespace Prometheus.Grid.Graphs.Tests;

public sealed class LeidenTests
{
    [Fact]
    public void The_karate_club_splits_as_well_as_is_known_to_be_possible()
    {
        // Brandes et al. 2008, "On modularity clustering": the optimum, proven.
        var found = Leiden.Find(Sample.Karate(), new LeidenOptions(), TestContext.Current.CancellationToken);
        Assert.Equal(0.419790, found.Modularity, 5e-7);
        Assert.Equal(4, found.Count);
    }

    [Fact]
    public void Cliques_in_a_ring_are_found_at_the_resolution_that_asks_for_them()
    {
        var ring = Sample.RingOfCliques(30, 5);
        // Fortunato and Barthélemy 2007: at resolution 1 pairs of cliques are better than cliques.
        var pairs = Leiden.Find(ring, new LeidenOptions(), TestContext.Current.CancellationToken);
        Assert.InRange(pairs.Modularity, Modularity.Of(ring, [.. Enumerable.Range(0, 150).Select(node => node / 5)], 1) + 0.01, 0.8879);
        Assert.Equal(30, Enumerable.Range(0, 150).Select(node => (node / 5, pairs.Of[node])).Distinct().Count());
        var cliques = Leiden.Find(ring, new LeidenOptions { Resolution = 3 }, TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, 150).Select(node => node / 5), cliques.Of);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(2)]
    public void Nearly_all_small_graphs_get_the_best_of_all_partitions(double resolution)
    {
        const int Graphs = 60;
        int best = 0;
        for (ulong seed = 0; seed < Graphs; seed++)
        {
            var edges = Sample.ByLot(7, 0.2 + (0.01 * seed), seed);
            double most = edges.Count == 0 ? 0 : Partitions(7).Max(partition => Sample.Modularity(7, edges, partition, resolution));
            var found = Leiden.Find(WeightedGraph.Of(7, edges), new LeidenOptions { Resolution = resolution }, TestContext.Current.CancellationToken);
            Assert.InRange(found.Modularity, most - 0.05, most + 1e-12);
            best += found.Modularity > most - 1e-12 ? 1 : 0;
        }
        // Leiden climbs: on a few of them every start ends on a lower top, as it does with igraph, which misses three.
        Assert.InRange(best, Graphs - 3, Graphs);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    public void Nodes_without_edges_are_alone(int count)
    {
        var found = Leiden.Find(WeightedGraph.Of(count, []), new LeidenOptions(), TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, count), found.Of);
        Assert.Equal((count, 0), (found.Count, found.Modularity));
    }

    [Fact]
    public void The_answer_is_the_same_on_any_number_of_cores_and_every_run()
    {
        var graph = WeightedGraph.Of(600, Sample.MutualNeighbours(600, 12, 8, 5));
        var one = Leiden.Find(graph, new LeidenOptions { Seed = 9 }, TestContext.Current.CancellationToken);
        foreach (int workers in (int[])[1, 2, 7])
        {
            var again = Leiden.Find(graph, new LeidenOptions { Seed = 9, Workers = workers }, TestContext.Current.CancellationToken);
            Assert.Equal(one.Of, again.Of);
            Assert.Equal(BitConverter.DoubleToInt64Bits(one.Modularity), BitConverter.DoubleToInt64Bits(again.Modularity));
        }
    }

    [Fact]
    public void Communities_hang_together_are_numbered_in_order_and_have_the_modularity_that_is_said()
    {
        for (ulong seed = 0; seed < 12; seed++)
        {
            var edges = Sample.MutualNeighbours(200, 9, 5, seed);
            var graph = WeightedGraph.Of(200, edges);
            var found = Leiden.Find(graph, new LeidenOptions { Resolution = 1.5, Seed = seed, Starts = 1 }, TestContext.Current.CancellationToken);
            Assert.Equal(Sample.Modularity(200, edges, found.Of, 1.5), found.Modularity, 1e-12);
            Assert.Equal(Enumerable.Range(0, found.Count), found.Of.Distinct());
            foreach (int community in Enumerable.Range(0, found.Count))
                Assert.Equal(found.Of.Count(c => c == community), Reached(graph, found.Of, community));
        }
    }

    [Fact]
    public void Bad_options_are_named()
    {
        var graph = Sample.Karate();
        Assert.Contains("resolution", Assert.Throws<ArgumentOutOfRangeException>(() => Leiden.Find(graph, new LeidenOptions { Resolution = double.NaN }, TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Leiden.Find(graph, new LeidenOptions { Starts = 0 }, TestContext.Current.CancellationToken));
        foreach (var bad in (Edge[])[new(1, 1, 1), new(0, 34, 1), new(-1, 3, 1), new(0, 1, 0), new(0, 1, double.NaN)])
            Assert.Throws<ArgumentException>(() => WeightedGraph.Of(34, [bad]));
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => Leiden.Find(graph, new LeidenOptions(), cancelled.Token));
    }

    private static int Reached(WeightedGraph graph, IReadOnlyList<int> communities, int community)
    {
        int first = Enumerable.Range(0, graph.Count).First(node => communities[node] == community);
        HashSet<int> seen = [first];
        var open = new Stack<int>(seen);
        while (open.TryPop(out int node))
        {
            foreach ((int other, _) in graph.NeighboursOf(node))
            {
                if (communities[other] == community && seen.Add(other))
                    open.Push(other);
            }
        }
        return seen.Count;
    }

    /// <summary>All partitions of n things: each joins a part that is there, or begins one.</summary>
    private static IEnumerable<int[]> Partitions(int count)
    {
        IEnumerable<int[]> all = [[]];
        for (int i = 0; i < count; i++)
            all = all.SelectMany(parts => Enumerable.Range(0, parts.Length == 0 ? 1 : parts.Max() + 2).Select(part => (int[])[.. parts, part]));
        return all;
    }
}
