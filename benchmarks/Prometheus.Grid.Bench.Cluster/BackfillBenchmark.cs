using System.Globalization;
using Npgsql;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Embedded;
using Prometheus.Grid.Storage.Postgres;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Bench.Cluster;

/// <summary>
/// One backfill of one date, from prices in Postgres: in one process on the same database, through three silos on all cores, and through three, two
/// and one that are held to a share of a core each, beside what <see cref="BackfillModel"/> says of them and of more.
/// </summary>
internal static class BackfillBenchmark
{
    /// <summary>A cache that holds the tables, as every guide to Postgres asks for, and no vacuum that falls into one run and not into another.</summary>
    public static readonly string[] Server = ["shared_buffers=1GB", "max_wal_size=4GB", "autovacuum=off"];

    /// <summary>So that a date has many chunks for each silo, as a universe of a hundred thousand has of 1,024.</summary>
    public static readonly Dictionary<string, string> Silo = new() { ["Grid__ChunkSize"] = Named($"{ChunkSize}") };

    /// <summary>Enough for 35 chunks a date.</summary>
    public const int Issuers = 9_000;

    /// <summary>Weekdays of prices: a window of 126 and some.</summary>
    public const int Weekdays = 140;

    /// <summary>Of a core, for a silo. Three such silos and what Postgres takes for them are less than two cores.</summary>
    private const double Share = 0.15;

    /// <summary>Backfills before the first timed one: silos compile again what has been called often.</summary>
    private const int WarmRuns = 5;

    private const int TimedRuns = 3;

    private const int ChunkSize = 256;

    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(5);

    private static readonly DateRange s_day = DateRange.On(BenchMarket.AsOf);

    public static async Task<IReadOnlyList<Figure>> RunAsync(RealCluster cluster, CancellationToken cancellationToken)
    {
        bool grows = CpuShare.IsPossible();
        await ExecuteAsync(cluster, "VACUUM ANALYZE", cancellationToken);
        var embedded = await EmbeddedAsync(cluster, cancellationToken);
        var free = await WarmAsync(cluster, cluster.Grid, "free", cancellationToken);
        List<Figure> figures =
        [
            new("vectors a second, one process on Postgres", embedded.Rate),
            new("vectors a second, 3 silos on all cores", free.Rate, Named($">= {embedded.Rate / 2:F0}")),
        ];
        if (grows)
            figures.AddRange(await GrowthAsync(cluster, cancellationToken));
        else
            Console.Error.WriteLine("bench: GRID_CGROUP is not set, so growth with silos is not measured; see docs/operating.md");
        return figures;
    }

    private static async Task<IReadOnlyList<Figure>> GrowthAsync(RealCluster cluster, CancellationToken cancellationToken)
    {
        var commit = await CommitCost.MeasureAsync(cluster, ChunkSize, cancellationToken);
        var rest = await BackfillSample.OfAsync(cluster, async () =>
        {
            await Task.Delay(s_rest, cancellationToken);
            return new BackfillReport([]);
        });
        double idle = rest.Silos / rest.Seconds / cluster.Silos.Count;
        var samples = new SortedDictionary<int, BackfillSample>();
        for (int silos = cluster.Silos.Count; silos > 0; silos--)
        {
            samples[silos] = await HeldAsync(cluster, cancellationToken);
            if (silos > 1)
            {
                await cluster.Silos[^1].StopAsync(cancellationToken);
                await cluster.RemoveAsync(cluster.Silos[^1]);
            }
        }
        var model = BackfillModel.From(idle, samples[1], samples[2], commit);
        return [.. samples.SelectMany(sample => Compared(sample.Key, sample.Value, model)), .. Parts(model), .. Predicted(model)];
    }

    private static IEnumerable<Figure> Compared(int silos, BackfillSample sample, BackfillModel model)
    {
        (double rate, string bound) = model.Predict(silos, Share, Environment.ProcessorCount - silos * Share);
        return
        [
            new(Named($"vectors a second, silos of {Share} cores: {silos}"), sample.Rate),
            new($"  the model says, bound by {bound}", rate),
            new("  CPU of the silos, us a vector", 1e6 * sample.SiloCost),
            new("  CPU of Postgres, us a vector", 1e6 * sample.PostgresCost),
        ];
    }

    private static IEnumerable<Figure> Parts(BackfillModel model) =>
    [
        new("CPU of an idle silo, thousandths of a core", 1e3 * model.Idle),
        new("CPU of one silo, us a vector", 1e6 * model.Silo),
        new("  of it to commit", 1e6 * model.Commit.Driver),
        new("  more where another silo encodes", 1e6 * model.Travel),
        new("CPU of Postgres, us a vector", 1e6 * model.Postgres),
        new("time of commits, us a vector", 1e6 * model.Commit.Commit),
        new("time to complete a date, us a vector", 1e6 * model.Commit.Complete),
    ];

    private static IEnumerable<Figure> Predicted(BackfillModel model) =>
        from machines in ((double Silo, int Postgres)[])[(Share, Environment.ProcessorCount), (1, 4), (1, 16)]
        from silos in (int[])[1, 2, 3, 8, 16]
        let predicted = model.Predict(silos, machines.Silo, machines.Postgres)
        select new Figure(Named($"predicted: {silos} x {machines.Silo} cores, Postgres {machines.Postgres}: {predicted.Bound}"), predicted.Rate);

    private static async Task<BackfillSample> HeldAsync(RealCluster cluster, CancellationToken cancellationToken)
    {
        CpuShare[] shares = [.. cluster.Silos.Select(silo => CpuShare.Of(silo.ProcessId))];
        try
        {
            string name = Named($"held{shares.Length}");
            await BackfillAsync(cluster, cluster.Grid, $"{name}warm", s_day, cancellationToken);
            Array.ForEach(shares, share => share.Hold(Share));
            return await MedianAsync(cluster, cluster.Grid, name, cancellationToken);
        }
        finally
        {
            foreach (var share in shares)
                share.Dispose();
        }
    }

    private static async Task<BackfillSample> EmbeddedAsync(RealCluster cluster, CancellationToken cancellationToken)
    {
        var store = await PostgresStore.OpenAsync(cluster.Postgres + ";Maximum Pool Size=20", RealCluster.Models, null, cancellationToken);
        await using var grid = new EmbeddedGrid(store, RealCluster.Models, EncoderRegistry.BuiltIn(workers: 2), workers: 2);
        return await WarmAsync(cluster, grid, "embedded", cancellationToken);
    }

    private static async Task<BackfillSample> WarmAsync(RealCluster cluster, IEmbeddingGrid grid, string name, CancellationToken cancellationToken)
    {
        for (int run = 1; run <= WarmRuns; run++)
            await BackfillAsync(cluster, grid, Named($"{name}{run}"), s_day, cancellationToken);
        return await MedianAsync(cluster, grid, name, cancellationToken);
    }

    /// <summary>The run with the median rate.</summary>
    private static async Task<BackfillSample> MedianAsync(RealCluster cluster, IEmbeddingGrid grid, string name, CancellationToken cancellationToken)
    {
        var samples = new List<BackfillSample>();
        while (samples.Count < TimedRuns)
        {
            await ExecuteAsync(cluster, "CHECKPOINT", cancellationToken);
            samples.Add(await BackfillAsync(cluster, grid, Named($"{name}run{samples.Count}"), s_day, cancellationToken));
            Console.Error.WriteLine(Named($"{name}: {samples[^1].Rate:F0}/s, silos {1e6 * samples[^1].SiloCost:F0} postgres {1e6 * samples[^1].PostgresCost:F0}"));
        }
        return samples.OrderBy(sample => sample.Rate).ElementAt(TimedRuns / 2);
    }

    private static async Task ExecuteAsync(RealCluster cluster, string statement, CancellationToken cancellationToken)
    {
        await using var database = NpgsqlDataSource.Create(cluster.Postgres);
        await using var command = database.CreateCommand(statement);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Writes each run under a model of its own, so that every row is new.</summary>
    private static Task<BackfillSample> BackfillAsync(
        RealCluster cluster, IEmbeddingGrid grid, string run, DateRange dates, CancellationToken cancellationToken) => BackfillSample.OfAsync(
            cluster,
            () => grid.BackfillAsync(new NumericBackfill { ModelId = $"num-{run}-core-v1", Dates = dates, WindowDays = 126 }, null, cancellationToken));

    private static string Named(FormattableString name) => name.ToString(CultureInfo.InvariantCulture);
}
