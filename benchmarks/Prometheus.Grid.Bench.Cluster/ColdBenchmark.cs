using System.Diagnostics;
using System.Globalization;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Embedded;
using Prometheus.Grid.Storage.Postgres;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Bench.Cluster;

/// <summary>
/// How long the first search takes after three silos have started, from Postgres alone and from the snapshots of silos before, and how long searches
/// take while silos change. GRID_BASE_SILO names the folder of an earlier silo, which is measured beside in the same run.
/// </summary>
internal static class ColdBenchmark
{
    private const int Targets = 200;

    /// <summary>Rows beyond which a run would take too long to look at change as well.</summary>
    private const int MostUnderChange = 100_000;

    private static readonly string[] s_server = ["shared_buffers=1GB", "max_wal_size=4GB"];

    public static async Task<IReadOnlyList<Figure>> RunAsync(bool isQuick, Action<Figure> onFigure, CancellationToken cancellationToken)
    {
        string? earlier = Environment.GetEnvironmentVariable("GRID_BASE_SILO") is { Length: > 0 } folder ? folder : null;
        var figures = new List<Figure>();
        await using var server = await PrivatePostgres.StartAsync(isDurable: true, settings: s_server, cancellationToken: cancellationToken);
        // What the client compiles is no silo's.
        await using (var small = await ColdCluster.CreateAsync(server, "client", null, 100, cancellationToken))
        {
            await small.StartAsync(1, null, cancellationToken);
            for (int i = 0; i < 20; i++)
                await small.AnswerAsync(i, cancellationToken);
        }
        int[] sizes = [.. (Environment.GetEnvironmentVariable("GRID_COLD_ROWS") ?? (isQuick ? "20000" : "100000,1000000")).Split(',').Select(rows => int.Parse(rows, CultureInfo.InvariantCulture))];
        foreach (int rows in sizes)
        {
            double scale = rows / 100_000.0;
            string[]? known = null;
            if (earlier is not null)
            {
                await using var before = await ColdCluster.CreateAsync(server, $"before_{rows}", earlier, rows, cancellationToken);
                await before.StartAsync(3, null, cancellationToken);
                await FirstAsync(before, $"first search of {rows} rows from Postgres, before");
                known = await AnswersAsync(before);
                if (rows <= MostUnderChange)
                    await ChangeAsync(before, known, "before, ");
                await before.DropAsync(cancellationToken);
            }
            await using var now = await ColdCluster.CreateAsync(server, $"now_{rows}", null, rows, cancellationToken);
            await now.StartAsync(3, null, cancellationToken);
            await FirstAsync(now, $"first search of {rows} rows from Postgres", $"<= {700 * scale:F0}");
            string[] expected = await AnswersAsync(now);
            if (known is not null && !known.SequenceEqual(expected))
                throw new InvalidOperationException("the silos answer otherwise than those before; this is no measurement");
            if (rows <= MostUnderChange)
            {
                await CheckAsync(now, expected, cancellationToken);
                await ChangeAsync(now, expected, "");
            }
            await RestartAsync(now, rows, expected);
        }
        return figures;

        void Add(string name, double measured, string promised = "")
        {
            figures.Add(new Figure(name, measured, promised));
            onFigure(figures[^1]);
        }

        async Task RestartAsync(ColdCluster cluster, int rows, string[] expected)
        {
            using var snapshots = new ScratchFolder();
            await cluster.StopAsync(cancellationToken);
            await cluster.StartAsync(3, snapshots.Path, cancellationToken);
            await FirstAsync(cluster, $"first search of {rows} rows from Postgres, with snapshots to write");
            await snapshots.HoldsAsync(16, cancellationToken);
            await cluster.StopAsync(cancellationToken);
            await cluster.StartAsync(3, snapshots.Path, cancellationToken);
            await FirstAsync(cluster, $"first search of {rows} rows from snapshots", $"<= {140 * rows / 100_000.0:F0}");
            string[] again = await AnswersAsync(cluster);
            if (!expected.SequenceEqual(again))
                throw new InvalidOperationException("snapshots answer otherwise than Postgres; this is no measurement");
        }

        async Task FirstAsync(ColdCluster cluster, string name, string promised = "")
        {
            double silos = cluster.CpuSeconds(), postgres = CpuTime.OfTree(server.ProcessId);
            long start = Stopwatch.GetTimestamp();
            await cluster.AnswerAsync(0, cancellationToken);
            Add($"{name}, ms", Stopwatch.GetElapsedTime(start).TotalMilliseconds, promised);
            Add("  of CPU in silos, ms", 1000 * (cluster.CpuSeconds() - silos));
            Add("  of CPU in Postgres, ms", 1000 * (CpuTime.OfTree(server.ProcessId) - postgres));
        }

        async Task<string[]> AnswersAsync(ColdCluster cluster)
        {
            string[] answers = new string[Targets];
            for (int i = 0; i < Targets; i++)
                answers[i] = await cluster.AnswerAsync(i, cancellationToken);
            return answers;
        }

        async Task ChangeAsync(ColdCluster cluster, string[] expected, string who)
        {
            int seconds = isQuick ? 15 : 60;
            var found = await SearchesUnderChange.RunAsync(
                target => cluster.AnswerAsync(target, cancellationToken), expected,
                () => cluster.ChangeAsync(TimeSpan.FromSeconds(seconds / 3.0), cancellationToken), seconds, who.Length == 0 ? "<= 300" : "", cancellationToken);
            foreach (var figure in found)
                Add($"{figure.Name}{(who.Length == 0 ? "" : $" ({who.TrimEnd(',', ' ')})")}", figure.Measured, figure.Promised);
        }
    }

    /// <summary>Holds the answers to those of one process on the same rows.</summary>
    private static async Task CheckAsync(ColdCluster cluster, string[] expected, CancellationToken cancellationToken)
    {
        var store = await PostgresStore.OpenAsync(cluster.Postgres + ";Maximum Pool Size=4", RealCluster.Models, null, cancellationToken);
        await using var embedded = new EmbeddedGrid(store, RealCluster.Models, EncoderRegistry.BuiltIn(workers: 2), workers: 2);
        for (int i = 0; i < expected.Length; i++)
        {
            if (await ColdCluster.AnswerAsync(embedded, i, cancellationToken) != expected[i])
                throw new InvalidOperationException("the cluster answers otherwise than one process; this is no measurement");
        }
    }
}
