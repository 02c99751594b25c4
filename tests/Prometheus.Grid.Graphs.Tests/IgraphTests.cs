using System.Diagnostics;
using System.Globalization;

namespace Prometheus.Grid.Graphs.Tests;

/// <summary>Against the Leiden of igraph, where Debian's python3-igraph is.</summary>
public sealed class IgraphTests
{
    /// <summary>
    /// Reads edges, searches from eight seeds, briefly and to the end, and prints the communities found. Modularity is computed here: igraph 0.10.2 takes a
    /// resolution where it computes one, and does not heed it.
    /// </summary>
    private const string Script = """
        import random, sys, igraph
        count, resolution = int(sys.argv[2]), float(sys.argv[3])
        rows = [line.split() for line in open(sys.argv[1])]
        graph = igraph.Graph(n=count, edges=[(int(a), int(b)) for a, b, _ in rows])
        weights = [float(w) for _, _, w in rows]
        for seed in range(8):
            random.seed(seed)
            for iterations in (2, 10, -1):
                found = graph.community_leiden("modularity", weights=weights, resolution_parameter=resolution, n_iterations=iterations)
                print(*found.membership)
        """;

    private static readonly string? s_python = ((string[])["/usr/bin/python3", "python3"]).FirstOrDefault(python => Run(python, "-c", "import igraph").ExitCode == 0);

    [Theory]
    [InlineData(1500, 40, 10, 1.0)]
    [InlineData(1500, 40, 10, 3.0)]
    [InlineData(1500, 12, 20, 0.5)]
    [InlineData(3000, 60, 10, 1.0)]
    public void Modularity_is_at_least_that_of_igraph(int count, int centres, int nearest, double resolution)
    {
        Assert.SkipWhen(s_python is null, "no Python with igraph: apt-get install python3-igraph");
        var edges = Sample.MutualNeighbours(count, centres, nearest, (ulong)(count + centres));
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllLines(file, edges.Select(edge => string.Create(CultureInfo.InvariantCulture, $"{edge.A} {edge.B} {edge.Weight:R}")));
            var theirs = Run(s_python!, "-c", Script, file, $"{count}", resolution.ToString(CultureInfo.InvariantCulture));
            Assert.True(theirs.ExitCode == 0, theirs.Output);
            var graph = WeightedGraph.Of(count, edges);
            double best = theirs.Output.Trim().Split('\n').Max(line => Modularity.Of(graph, [.. line.Split(' ').Select(int.Parse)], resolution));
            var ours = Leiden.Find(graph, new LeidenOptions { Resolution = resolution, Workers = Environment.ProcessorCount }, TestContext.Current.CancellationToken);
            TestContext.Current.TestOutputHelper?.WriteLine($"ours {ours.Modularity:F6}, igraph {best:F6}");
            // Both are sums of doubles in different orders.
            Assert.InRange(ours.Modularity, best - 1e-12, 1);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static (int ExitCode, string Output) Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, process.ExitCode == 0 ? output : errors.Result);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return (-1, $"{program} cannot be started");
        }
    }
}
