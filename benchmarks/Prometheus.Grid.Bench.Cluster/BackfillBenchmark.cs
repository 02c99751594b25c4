using System.Diagnostics;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Embedded;
using Prometheus.Grid.Storage.Postgres;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Bench.Cluster;

/// <summary>
/// Six backfills of one date at once, from prices in Postgres: in one process on the same database, and through the grains of one, two and
/// three silos. A silo is held to one of the machine's cores, as many as there are, so that silos stand for cores.
/// </summary>
internal static class BackfillBenchmark
{
    private const int Jobs = 6;

    public static async Task<IReadOnlyList<Figure>> RunAsync(RealCluster cluster, string market, CancellationToken cancellationToken)
    {
        double embedded = await EmbeddedAsync(cluster, cancellationToken);
        var figures = new List<Figure>
        {
            new("vectors a second, one process on Postgres", embedded),
            new("vectors a second, 3 silos on all cores", await RateAsync(cluster.Grid, "three", cancellationToken), $">= {embedded / 2:F0}"),
        };
        for (int silos = 1; silos <= 3; silos++)
        {
            await using RealCluster pinned = await RealCluster.StartAsync(
                market, silos, isDurable: true, cancellationToken, silo => (silo % Environment.ProcessorCount).ToString(System.Globalization.CultureInfo.InvariantCulture));
            figures.Add(new Figure($"vectors a second, silos held to a core each: {silos}", await RateAsync(pinned.Grid, "pinned", cancellationToken)));
        }
        return figures;
    }

    private static async Task<double> EmbeddedAsync(RealCluster cluster, CancellationToken cancellationToken)
    {
        PostgresStore store = await PostgresStore.OpenAsync(cluster.Postgres + ";Maximum Pool Size=20", RealCluster.Models, null, cancellationToken);
        await using var grid = new EmbeddedGrid(store, RealCluster.Models, EncoderRegistry.BuiltIn(workers: 2), workers: 2);
        return await RateAsync(grid, "embedded", cancellationToken);
    }

    private static async Task<double> RateAsync(IEmbeddingGrid grid, string name, CancellationToken cancellationToken)
    {
        await Task.WhenAll(Run("warm", 2));
        long start = Stopwatch.GetTimestamp();
        BackfillReport[] reports = await Task.WhenAll(Run(name, Jobs));
        return reports.Sum(report => report.Written) / Stopwatch.GetElapsedTime(start).TotalSeconds;

        IEnumerable<Task<BackfillReport>> Run(string run, int jobs) => Enumerable.Range(0, jobs).Select(job => grid.BackfillAsync(
            new NumericBackfill { ModelId = $"num-{run}{job}-core-v1", Dates = DateRange.On(BenchMarket.AsOf), WindowDays = 126 }, null, cancellationToken));
    }
}
