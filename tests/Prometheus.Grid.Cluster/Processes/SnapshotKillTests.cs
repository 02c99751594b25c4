using Prometheus.Grid.Client;
using Prometheus.Grid.Core.Fusion;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Embedded.Snapshots;
using Prometheus.Grid.Storage.Postgres;
using Prometheus.Grid.Synthetic;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Cluster.Processes;

/// <summary>Silos that share a folder of snapshots: killed while they write them, and started again on what is there.</summary>
public sealed class SnapshotKillTests
{
    private const string Space = "joint-portfolio-core-v1";
    private const int Rows = 4_000, Dimension = 384;
    private static readonly DateOnly s_day = new(2023, 11, 30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_silo_that_is_killed_while_it_writes_leaves_nothing_that_looks_whole_and_is_not()
    {
        Assert.SkipWhen(PrivatePostgres.WhyNot is not null, PrivatePostgres.WhyNot ?? "");
        string folder = Directory.CreateTempSubdirectory("grid-market-").FullName, snapshots = Path.Combine(folder, "snapshots");
        await SyntheticMarket.WriteAsync(
            folder, new SyntheticMarketOptions { Issuers = 20, Portfolios = 0, FirstDate = s_day.AddDays(-10), LastDate = s_day, ReportDates = [s_day] }, cancellationToken: Token);
        await using var cluster = await RealCluster.StartAsync(
            folder, silos: 2, isDurable: false, Token, TimeSpan.FromMinutes(5), new() { ["Grid__Snapshots"] = snapshots, ["Grid__ProbeSeconds"] = "30" });
        await using var store = await PostgresStore.OpenAsync(cluster.Postgres, RealCluster.Models, null, Token);
        await WriteAsync(store);
        string expected = await AnswersAsync(cluster.Grid);

        // At the first file that is being written, and at the fifth that is there: writing has begun and has not ended.
        foreach (var moment in (Func<bool>[])[() => Directory.GetFiles(snapshots, "*.unfinished").Length > 0 || Count() > 0, () => Count() >= 5])
        {
            while (!moment())
                await Task.Yield();
            var victim = cluster.Silos[0];
            await victim.KillAsync();
            await cluster.RemoveAsync(victim);
            await AssertWholeAsync(snapshots, store);
            await cluster.AddAsync(Token);
            string after = await AnswersAsync(cluster.Grid);
            Assert.Equal(expected, after);
        }
        // Rows that change while nobody is there to see it.
        foreach (var silo in cluster.Silos.ToArray())
        {
            await silo.KillAsync();
            await cluster.RemoveAsync(silo);
        }
        float[] row = new float[Dimension];
        row[0] = 1;
        await store.Vectors.PutAsync(Key, new VectorBatch([new RowHeader(Id(0))], row, Dimension), JointOrigin.Of(RealCluster.Models.Space(Space)), Token);
        await Task.WhenAll(cluster.AddAsync(Token), cluster.AddAsync(Token));
        Assert.NotEqual(expected, await AnswersAsync(cluster.Grid));
        await store.Vectors.PutAsync(Key, new VectorBatch([new RowHeader(Id(0))], Vector(0), Dimension), JointOrigin.Of(RealCluster.Models.Space(Space)), Token);
        Assert.Equal(expected, await AnswersAsync(cluster.Grid));
        Assert.DoesNotContain(cluster.Silos, silo => silo.Log.Contains("is of no use", StringComparison.Ordinal));

        int Count() => Directory.GetFiles(snapshots, $"*{SnapshotFolder.Extension}").Length;
    }

    private static PartitionKey Key => new(BranchKind.Joint, Space, s_day);

    private static string Id(int number) => FormattableString.Invariant($"PF_{number:D6}");

    private static float[] Vector(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Dimension).Select(_ => random.NextSingle() - 0.5f)];
    }

    private static async Task WriteAsync(PostgresStore store)
    {
        await using var writer = await store.Vectors.BeginAsync(Key, Dimension, JointOrigin.Of(RealCluster.Models.Space(Space)), "all", Token);
        await writer.CommitAsync(
            new VectorBatch([.. Enumerable.Range(0, Rows).Select(i => new RowHeader(Id(i)))], Enumerable.Range(0, Rows).SelectMany(Vector).ToArray(), Dimension), [], Token);
        await writer.CompleteAsync(Token);
    }

    /// <summary>Every file under the name of a snapshot can be read to its end, and holds the rows of its bucket.</summary>
    private static async Task AssertWholeAsync(string folder, PostgresStore store)
    {
        string history = await store.Vectors.Buckets!.HistoryAsync(Token);
        var rows = (await store.Vectors.ReadAsync(Key, null, null, Token))!.Rows;
        var log = new List<string>();
        await using var snapshots = new SnapshotFolder(folder, long.MaxValue, TimeProvider.System, log.Add);
        for (int bucket = 0; bucket < 16; bucket++)
        {
            var key = new SnapshotKey(history, Key, bucket, 16);
            if (!File.Exists(Path.Combine(folder, key.FileName)))
                continue;
            var sink = new RowsById();
            Assert.NotNull(snapshots.Read(key, sink, Token));
            var expected = new EntityBuckets(16, [bucket]).Select(rows);
            Assert.Equal(expected.Headers.Select(header => header.EntityId), sink.Rows.Keys);
            Assert.All(sink.Rows, row => Assert.Equal(expected.Row(expected.IndexOf(row.Key)).ToArray(), row.Value));
        }
        Assert.Empty(log);
    }

    /// <summary>Twenty answers, to the last bit of their scores.</summary>
    private static async Task<string> AnswersAsync(ClusterGrid grid)
    {
        var lines = new List<string>();
        for (int i = 1; i <= 20; i++)
        {
            var answer = await grid.FindSimilarAsync(
                new SimilarityQuery { Target = new SimilarityTarget.Entity(Id(i)), AsOf = s_day, ModelId = Space, TopK = 200 }, Token);
            lines.AddRange(answer.Hits.Select(hit => FormattableString.Invariant($"{i} {hit.EntityId} {hit.Cosine:R} {hit.Euclidean:R}")));
        }
        return string.Join('\n', lines);
    }

    private sealed class RowsById : IRowSink
    {
        private int _dimension;

        public SortedDictionary<string, float[]> Rows { get; } = new(StringComparer.Ordinal);

        public void Begin(int dimension)
        {
            Rows.Clear();
            _dimension = dimension;
        }

        public Span<float> Add(RowHeader header) => Rows[header.EntityId] = new float[_dimension];
    }
}
