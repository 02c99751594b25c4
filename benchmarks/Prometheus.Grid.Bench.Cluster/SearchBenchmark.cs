using System.Diagnostics;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Fusion;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Embedded;
using Prometheus.Grid.Storage.Postgres;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Bench.Cluster;

/// <summary>Search over many vectors in 16 shards, beside one process that scans the same rows of the same database.</summary>
internal static class SearchBenchmark
{
    private const string Space = "joint-portfolio-core-v1";
    private const int Targets = 200;

    public static async Task<IReadOnlyList<Figure>> RunAsync(RealCluster cluster, bool isQuick, CancellationToken cancellationToken)
    {
        int rows = isQuick ? 20_000 : 100_000, seconds = isQuick ? 15 : 60;
        var store = await PostgresStore.OpenAsync(cluster.Postgres + ";Maximum Pool Size=4", RealCluster.Models, null, cancellationToken);
        await using var embedded = new EmbeddedGrid(store, RealCluster.Models, EncoderRegistry.BuiltIn(workers: 2), workers: 2);
        await BenchMarket.WriteRowsAsync(
            store.Vectors, new PartitionKey(BranchKind.Joint, Space, BenchMarket.AsOf), [.. Enumerable.Range(0, rows).Select(i => new RowHeader(Id(i)))],
            JointOrigin.Of(RealCluster.Models.Space(Space)), cancellationToken);
        string[] expected = [.. await AnswersAsync(embedded)];
        double first = await MillisecondsAsync(() => AnswerAsync(cluster.Grid, 0));
        if (!expected.SequenceEqual(await AnswersAsync(cluster.Grid)))
            throw new InvalidOperationException("the cluster answers otherwise than one process; this is no measurement");

        double inProcess = await MedianAsync(embedded), inCluster = await MedianAsync(cluster.Grid);
        return
        [
            new Figure($"search over {rows} vectors in one process, p50 ms", inProcess),
            new Figure($"search over {rows} vectors in 16 shards, p50 ms", inCluster),
            new Figure("  the cluster adds, ms", inCluster - inProcess, "<= 2"),
            new Figure("  the first search, which reads the rows, ms", first),
            new Figure("  a search that follows a put, p50 ms", await AfterPutsAsync()),
            .. await SearchesUnderChange.RunAsync(
                target => AnswerAsync(cluster.Grid, target), expected, () => ChangeAsync(TimeSpan.FromSeconds(seconds / 3.0)), seconds, "", cancellationToken),
        ];

        async Task<IEnumerable<string>> AnswersAsync(IEmbeddingGrid grid)
        {
            var answers = new List<string>();
            for (int i = 0; i < Targets; i++)
                answers.Add(await AnswerAsync(grid, i));
            return answers;
        }

        async Task<string> AnswerAsync(IEmbeddingGrid grid, int target)
        {
            var answer = await grid.FindSimilarAsync(
                new SimilarityQuery { Target = new SimilarityTarget.Entity(Id(target)), AsOf = BenchMarket.AsOf, ModelId = Space }, cancellationToken);
            return string.Join(' ', answer.Hits.Select(hit => FormattableString.Invariant($"{hit.EntityId} {hit.Cosine:R}")));
        }

        async Task<double> MedianAsync(IEmbeddingGrid grid)
        {
            var samples = new List<double>();
            for (int i = 0; i < 300; i++)
                samples.Add(await MillisecondsAsync(() => AnswerAsync(grid, i % Targets)));
            return Figure.Quantile(samples, 0.5);
        }

        // Rows that are like no target, so that the answers stay what they were.
        async Task<double> AfterPutsAsync()
        {
            float[] far = new float[BenchMarket.Dimensions];
            var samples = new List<double>();
            for (int i = 1; i <= 100; i++)
            {
                far[0] = i;
                await cluster.Grid.PutBranchAsync(
                    new BranchPut(new EntityKey(EntityKind.Portfolio, Id(rows + i)), "num-portfolio-core-v1", BenchMarket.AsOf, far.ToArray()), cancellationToken);
                samples.Add(await MillisecondsAsync(() => AnswerAsync(cluster.Grid, i)));
            }
            return Figure.Quantile(samples, 0.5);
        }

        async Task ChangeAsync(TimeSpan pause)
        {
            await Task.Delay(pause, cancellationToken);
            var leaving = cluster.Silos[0];
            await leaving.StopAsync(cancellationToken);
            await cluster.RemoveAsync(leaving);
            await Task.Delay(pause / 2, cancellationToken);
            await cluster.AddAsync(cancellationToken);
        }
    }

    private static async Task<double> MillisecondsAsync(Func<Task> work)
    {
        long start = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static string Id(int number) => FormattableString.Invariant($"PF_{number:D6}");
}
