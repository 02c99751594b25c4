using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Bench.Cluster;

/// <summary>Puts of a branch that completes a joint vector: two rows each, durable before the answer.</summary>
internal static class PutBenchmark
{
    private const int Portfolios = 10_000;

    public static async Task<IReadOnlyList<Figure>> RunAsync(RealCluster cluster, bool isQuick, CancellationToken cancellationToken)
    {
        var figures = new List<Figure>();
        foreach (int callers in (int[])[32, 128, 512])
        {
            (double rate, var milliseconds) = await Load.RunAsync(callers, TimeSpan.FromSeconds(isQuick ? 3 : 15), i => cluster.Grid.PutBranchAsync(
                new BranchPut(new EntityKey(EntityKind.Portfolio, $"PF_{i % Portfolios:D6}"), "num-portfolio-core-v1", BenchMarket.AsOf, BenchMarket.Vector(i)), cancellationToken));
            figures.Add(new Figure($"puts a second, {callers} callers", rate, ">= 5000"));
            figures.Add(new Figure($"  p50 of one, ms, {callers} callers", Figure.Quantile(milliseconds, 0.5)));
            figures.Add(new Figure($"  p99 of one, ms, {callers} callers", Figure.Quantile(milliseconds, 0.99), "< 50"));
        }
        return figures;
    }
}
