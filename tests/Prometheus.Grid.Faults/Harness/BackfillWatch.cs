using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Embedded;
using Prometheus.Grid.Faults.Registry;
using Prometheus.Grid.Storage.Folder;
using Prometheus.Grid.Storage.Postgres;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Faults.Harness;

/// <summary>A backfill of several weeks in each trial, held to the rows that one process wrote in peace.</summary>
internal sealed class BackfillWatch
{
    /// <summary>Six weeks of trading days; briefly two.</summary>
    public static readonly DateRange Dates = new(FaultRun.Length(new DateOnly(2023, 12, 18), new DateOnly(2023, 11, 20)), new DateOnly(2023, 12, 29));

    private readonly Dictionary<DateOnly, VectorBatch> _expected = [];

    /// <summary>Builds the rows in this process.</summary>
    public static async Task<BackfillWatch> PrepareAsync(string folder, CancellationToken cancellationToken)
    {
        var watch = new BackfillWatch();
        var store = await FolderStore.OpenAsync(folder, null, cancellationToken);
        await using var grid = new EmbeddedGrid(store, RealCluster.Models, EncoderRegistry.BuiltIn(workers: 2), workers: 2);
        var report = await grid.BackfillAsync(Request("num-profile-core-v1"), null, cancellationToken);
        foreach (var day in report.Days)
            watch._expected[day.Partition.AsOf] = (await store.Vectors.ReadAsync(day.Partition, null, null, cancellationToken))!.Rows;
        return watch;
    }

    /// <summary>Builds them in the cluster, under a model id of the trial's own, and compares them to the last bit.</summary>
    public async Task RunAsync(RealCluster cluster, int trial, CancellationToken cancellationToken)
    {
        string modelId = $"num-trial{trial}-core-v1";
        var report = await cluster.Grid.BackfillAsync(Request(modelId), null, cancellationToken);
        Assert.Equal(_expected.Keys.Order(), report.Days.Select(day => day.Partition.AsOf));
        await using var store = await PostgresStore.OpenAsync(cluster.Postgres + ";Maximum Pool Size=2", RealCluster.Models, null, cancellationToken);
        foreach ((var date, var rows) in _expected)
        {
            var partition = await store.Vectors.ReadAsync(new PartitionKey(BranchKind.Numeric, modelId, date), null, null, cancellationToken);
            Assert.Equal(rows.Headers.Select(header => header.EntityId), partition!.Rows.Headers.Select(header => header.EntityId));
            Assert.Equal(rows.Values.ToArray(), partition.Rows.Values.ToArray());
        }
    }

    private static NumericBackfill Request(string modelId) => new() { ModelId = modelId, Dates = Dates };
}
