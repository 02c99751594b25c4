using System.Diagnostics;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Postgres;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Bench.Cluster;

/// <summary>What it takes to commit encoded rows chunk by chunk, measured on a writer that has nothing else to do. All by vector, in seconds.</summary>
/// <param name="Commit">Time of the commits of chunks.</param>
/// <param name="Complete">Time of the step that makes a date current; nothing is encoded meanwhile.</param>
/// <param name="Driver">CPU of the process that commits.</param>
internal sealed record CommitCost(double Commit, double Complete, double Driver)
{
    private const int Vectors = 8_192;
    private const int Runs = 5;

    /// <summary>The run with the median time, of several behind one that compiles.</summary>
    public static async Task<CommitCost> MeasureAsync(RealCluster cluster, int chunkSize, CancellationToken cancellationToken)
    {
        await using var store = await PostgresStore.OpenAsync(cluster.Postgres + ";Maximum Pool Size=4", RealCluster.Models, null, cancellationToken);
        VectorBatch[] chunks =
        [
            .. Enumerable.Range(0, Vectors).Chunk(chunkSize).Select(numbers => new VectorBatch(
                [.. numbers.Select(number => new RowHeader(FormattableString.Invariant($"I{number:D6}")))],
                numbers.SelectMany(BenchMarket.Vector).ToArray(),
                BenchMarket.Dimensions)),
        ];
        var costs = new List<CommitCost>();
        for (int run = 0; run <= Runs; run++)
            costs.Add(await RunAsync(store, new PartitionKey(BranchKind.Numeric, FormattableString.Invariant($"num-commit{run}-core-v1"), BenchMarket.AsOf), chunks, cancellationToken));
        return costs.Skip(1).OrderBy(cost => cost.Commit + cost.Complete).ElementAt(Runs / 2);
    }

    private static async Task<CommitCost> RunAsync(PostgresStore store, PartitionKey key, VectorBatch[] chunks, CancellationToken cancellationToken)
    {
        await using var writer = await store.Vectors.BeginAsync(key, BenchMarket.Dimensions, "bench", $"bench {key}", cancellationToken);
        var cpu = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        foreach (var chunk in chunks)
            await writer.CommitAsync(chunk, [], cancellationToken);
        double committed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        await writer.CompleteAsync(cancellationToken);
        double completed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new CommitCost(committed / Vectors, (completed - committed) / Vectors, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds / Vectors);
    }
}
