using System.Diagnostics;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Bench.Cluster;

/// <summary>One measured backfill.</summary>
/// <param name="Vectors">How many it wrote.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Silos">CPU seconds of all silos.</param>
/// <param name="Postgres">CPU seconds of the server.</param>
internal sealed record BackfillSample(int Vectors, double Seconds, double Silos, double Postgres)
{
    /// <summary>Vectors a second.</summary>
    public double Rate => Vectors / Seconds;

    /// <summary>CPU seconds of the silos a vector.</summary>
    public double SiloCost => Silos / Vectors;

    /// <summary>CPU seconds of the server a vector.</summary>
    public double PostgresCost => Postgres / Vectors;

    /// <summary>Measures a backfill on a cluster's database, whoever drives it.</summary>
    /// <param name="cluster">The silos and the server whose CPU is counted.</param>
    /// <param name="backfill">The backfill.</param>
    public static async Task<BackfillSample> OfAsync(RealCluster cluster, Func<Task<BackfillReport>> backfill)
    {
        double silos = OfSilos(), postgres = CpuTime.OfTree(cluster.Server.ProcessId);
        long start = Stopwatch.GetTimestamp();
        var report = await backfill();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new BackfillSample(report.Written, seconds, OfSilos() - silos, CpuTime.OfTree(cluster.Server.ProcessId) - postgres);

        double OfSilos() => cluster.Silos.Sum(silo => CpuTime.OfTree(silo.ProcessId));
    }
}
