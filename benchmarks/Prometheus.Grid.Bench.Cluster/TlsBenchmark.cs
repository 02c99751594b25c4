using System.Diagnostics;
using Prometheus.Grid.Client;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Fusion;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Embedded;
using Prometheus.Grid.Storage.Postgres;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Bench.Cluster;

/// <summary>Searches through three silos as they are and three with certificates, on the same rows of the same database, in turns of a few seconds.</summary>
internal static class TlsBenchmark
{
    private const string Space = "joint-portfolio-core-v1", Secured = "secured";
    private const int Rows = 20_000, Targets = 200, Callers = 32;

    public static async Task<IReadOnlyList<Figure>> RunAsync(RealCluster plain, bool isQuick, CancellationToken cancellationToken)
    {
        var store = await PostgresStore.OpenAsync(plain.Postgres + ";Maximum Pool Size=4", RealCluster.Models, null, cancellationToken);
        await using var embedded = new EmbeddedGrid(store, RealCluster.Models, EncoderRegistry.BuiltIn(workers: 2), workers: 2);
        await BenchMarket.WriteRowsAsync(
            store.Vectors, new PartitionKey(BranchKind.Joint, Space, BenchMarket.AsOf), [.. Enumerable.Range(0, Rows).Select(i => new RowHeader(Id(i)))],
            JointOrigin.Of(RealCluster.Models.Space(Space)), cancellationToken);
        string[] expected = new string[Targets];
        for (int i = 0; i < Targets; i++)
            expected[i] = await AnswerAsync(embedded, i, cancellationToken);

        string folder = Directory.CreateTempSubdirectory("grid-bench-tls-").FullName;
        using var authority = new TestAuthority(folder, "authority");
        (string certificate, string key) = authority.Issue(Secured);
        var settings = new Dictionary<string, string>
        {
            ["Grid__ClusterId"] = Secured,
            ["Grid__TlsCertificate"] = certificate,
            ["Grid__TlsKey"] = key,
            ["Grid__TlsAuthority"] = authority.File,
        };
        var silos = await Task.WhenAll(plain.Silos.Select(_ => SiloProcess.StartAsync(plain.Postgres, settings, cancellationToken: cancellationToken)));
        try
        {
            var connection = new ClusterConnection
            {
                Postgres = plain.Postgres,
                ClusterId = Secured,
                Tls = new ClusterTls { Certificate = certificate, Key = key, Authority = authority.File },
            };
            await using var secured = await connection.OpenAsync(cancellationToken);
            return await CompareAsync(plain.Grid, secured, expected, isQuick ? 3 : 9, cancellationToken);
        }
        finally
        {
            foreach (var silo in silos)
                await silo.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<IReadOnlyList<Figure>> CompareAsync(
        ClusterGrid plain, ClusterGrid secured, string[] expected, int rounds, CancellationToken cancellationToken)
    {
        int calls = 4_000;
        // Silos compile what is busy, and read their rows, in the first of it.
        await RateAsync(plain);
        await RateAsync(secured);
        calls = (int)(4 * await RateAsync(plain));
        await RateAsync(secured);
        var pairs = new List<(double Plain, double Secured)>();
        for (int i = 0; i < rounds; i++)
        {
            // Whatever the machine does beside falls on both: the one that begins changes.
            double first = await RateAsync(i % 2 == 0 ? plain : secured), second = await RateAsync(i % 2 == 0 ? secured : plain);
            pairs.Add(i % 2 == 0 ? (first, second) : (second, first));
        }
        return
        [
            new Figure($"searches a second over {Rows} vectors, {Callers} callers", Figure.Quantile(pairs.Select(pair => pair.Plain), 0.5)),
            new Figure("  with TLS", Figure.Quantile(pairs.Select(pair => pair.Secured), 0.5)),
            new Figure("  TLS costs, %, median of the rounds", 100 * Figure.Quantile(pairs.Select(pair => 1 - pair.Secured / pair.Plain), 0.5), "<= 15"),
            new Figure("  least of a round, %", 100 * pairs.Min(pair => 1 - pair.Secured / pair.Plain)),
            new Figure("  most of a round, %", 100 * pairs.Max(pair => 1 - pair.Secured / pair.Plain)),
        ];

        async Task<double> RateAsync(IEmbeddingGrid grid)
        {
            long start = Stopwatch.GetTimestamp();
            await Load.CallAsync(Callers, calls, async number =>
            {
                if (await AnswerAsync(grid, number % Targets, cancellationToken) != expected[number % Targets])
                    throw new InvalidOperationException("a cluster answers otherwise than one process; this is no measurement");
            });
            return calls / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }

    private static async Task<string> AnswerAsync(IEmbeddingGrid grid, int target, CancellationToken cancellationToken)
    {
        var answer = await grid.FindSimilarAsync(
            new SimilarityQuery { Target = new SimilarityTarget.Entity(Id(target)), AsOf = BenchMarket.AsOf, ModelId = Space, TopK = 10 }, cancellationToken);
        return string.Join(' ', answer.Hits.Select(hit => FormattableString.Invariant($"{hit.EntityId} {hit.Cosine:R}")));
    }

    private static string Id(int number) => FormattableString.Invariant($"PF_{number:D6}");
}
