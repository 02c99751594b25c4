using System.Globalization;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Bench.Cluster;

/// <summary>Puts of a branch that completes a joint vector: two rows each, durable before the answer; and where the processors' time of one goes.</summary>
internal static class PutBenchmark
{
    private const int Portfolios = 4_000;
    private const int WarmUp = 40_000;
    private const int ManyDates = 24;

    public static async Task<IReadOnlyList<Figure>> RunAsync(RealCluster cluster, bool isQuick, CancellationToken cancellationToken)
    {
        // Vectors are made before: what the client does for itself is no cost of a put.
        float[][] vectors = [.. Enumerable.Range(0, Portfolios).Select(BenchMarket.Vector)];
        // By calls and not by time: on a busy machine silos still compile, and rows are still new, long after the same seconds.
        await Load.CallAsync(128, isQuick ? WarmUp / 10 : WarmUp, i => cluster.Grid.PutBranchAsync(Put(i, 1, vectors), cancellationToken));
        var figures = new List<Figure>();
        foreach ((int callers, int dates) in ((int, int)[])[(32, 1), (128, 1), (128, ManyDates), (512, 1)])
        {
            var before = default(Shares);
            (double rate, var milliseconds) = await Load.RunAsync(
                callers,
                TimeSpan.FromSeconds(isQuick ? 3 : 15),
                i => cluster.Grid.PutBranchAsync(Put(i, dates, vectors), cancellationToken),
                () => before = Shares.Of(cluster));
            var spent = Shares.Of(cluster).Since(before, milliseconds.Count);
            string what = string.Create(CultureInfo.InvariantCulture, $"{callers} callers{(dates > 1 ? $" over {dates} dates" : "")}");
            figures.Add(new Figure($"puts a second, {what}", rate, callers == 128 ? ">= 5000" : ""));
            figures.Add(new Figure($"  p50 of one, ms, {what}", Figure.Quantile(milliseconds, 0.5)));
            figures.Add(new Figure($"  p99 of one, ms, {what}", Figure.Quantile(milliseconds, 0.99), callers < 512 ? "< 50" : ""));
            figures.Add(new Figure($"  cpu of client, ms a put, {what}", spent.Client));
            figures.Add(new Figure($"  cpu of silos, ms a put, {what}", spent.Silos));
            figures.Add(new Figure($"  cpu of Postgres, ms a put, {what}", spent.Postgres));
        }
        return figures;
    }

    private static BranchPut Put(int number, int dates, float[][] vectors)
    {
        int portfolio = number % Portfolios;
        // Another vector in each round, so that every put changes what is there.
        float[] vector = vectors[(portfolio + (number / Portfolios)) % Portfolios];
        return new BranchPut(
            new EntityKey(EntityKind.Portfolio, FormattableString.Invariant($"PF_{portfolio:D6}")), "num-portfolio-core-v1", BenchMarket.AsOf.AddDays(-(number % dates)), vector);
    }

    /// <summary>Milliseconds of processors by who spent them.</summary>
    private readonly record struct Shares(double Client, double Silos, double Postgres)
    {
        public static Shares Of(RealCluster cluster) => new(
            Environment.CpuUsage.TotalTime.TotalMilliseconds,
            1000 * cluster.Silos.Sum(silo => CpuTime.OfTree(silo.ProcessId)),
            1000 * CpuTime.OfTree(cluster.Server.ProcessId));

        public Shares Since(Shares before, int puts) =>
            new((Client - before.Client) / puts, (Silos - before.Silos) / puts, (Postgres - before.Postgres) / puts);
    }
}
