using System.Diagnostics;
using Prometheus.Grid.Similarity.Maps;

namespace Prometheus.Grid.Bench.Similarity;

/// <summary>How long a map of clustered rows takes, and how far it can be trusted.</summary>
internal static class MapTimes
{
    public static void Run(Report report, int count)
    {
        var rows = new MapRows(new Workload("clustered", count).Rows(), Workload.Dimensions);
        long start = Stopwatch.GetTimestamp();
        double[] components = PrincipalComponents.Project(rows, 2);
        report.Add("maps", $"PCA of {count:N0} rows", Stopwatch.GetElapsedTime(start).TotalSeconds, "s", 1);
        start = Stopwatch.GetTimestamp();
        var graph = NeighbourGraph.Of(rows, 15);
        report.Add("maps", $"15 exact neighbours of {count:N0} rows", Stopwatch.GetElapsedTime(start).TotalSeconds, "s");
        float[] map = Umap.Embed(rows, graph);
        report.Add("maps", $"UMAP of {count:N0} rows, neighbours included", Stopwatch.GetElapsedTime(start).TotalSeconds, "s", 20);
        int every = Math.Max(1, count / 1_000);
        report.Add("maps", "trustworthiness of UMAP at 15 neighbours", Trustworthiness.Of(rows, map, 15, every), "", null);
        report.Add("maps", "trustworthiness of PCA at 15 neighbours", Trustworthiness.Of(rows, [.. components.Select(value => (float)value)], 15, every), "", null);
    }
}
