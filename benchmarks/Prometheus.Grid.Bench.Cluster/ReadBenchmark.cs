using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Postgres;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Bench.Cluster;

/// <summary>Joint vectors of issuers fused on demand, with weights that differ from those of the stored rows.</summary>
internal static class ReadBenchmark
{
    private const string Space = "joint-profile-core-v1";

    public static async Task<IReadOnlyList<Figure>> RunAsync(RealCluster cluster, bool isQuick, CancellationToken cancellationToken)
    {
        string[] issuers = await WriteAsync(cluster, cancellationToken);
        BranchWeights[] weights = [.. Enumerable.Range(1, 9).Select(i => BranchWeights.Parse(FormattableString.Invariant($"text=0.{i},numeric=0.5")))];
        var figures = new List<Figure>();
        foreach (int callers in (int[])[64, 512])
        {
            (double rate, var milliseconds) = await Load.RunAsync(callers, TimeSpan.FromSeconds(isQuick ? 3 : 15), i => cluster.Grid.GetJointAsync(
                new JointQuery(issuers[i % issuers.Length], BenchMarket.AsOf, Space, weights[i % weights.Length]), cancellationToken));
            figures.Add(new Figure($"joint vectors read a second, {callers} callers", rate, ">= 20000"));
            figures.Add(new Figure($"  p99 of one, ms, {callers} callers", Figure.Quantile(milliseconds, 0.99)));
        }
        return figures;
    }

    private static async Task<string[]> WriteAsync(RealCluster cluster, CancellationToken cancellationToken)
    {
        var models = RealCluster.Models;
        await using var store = await PostgresStore.OpenAsync(cluster.Postgres + ";Maximum Pool Size=4", models, null, cancellationToken);
        var universe = await store.Inputs.ReadUniverseAsync(cancellationToken);
        string[] issuers = [.. universe.Issuers.Keys.Where(id => universe.RepresentativeOf(id) is not null).Order(StringComparer.Ordinal)];
        var space = models.Space(Space);
        foreach (var branch in space.Branches)
        {
            string[] owners = [.. issuers.Select(id => BranchOwner.Of(space, branch) == EntityKind.Instrument ? universe.RepresentativeOf(id)!.InstrumentId : id)];
            await BenchMarket.WriteRowsAsync(
                store.Vectors, new PartitionKey(branch.Kind, branch.ModelId, BenchMarket.AsOf), [.. owners.Select(id => new RowHeader(id, Source: branch.Kind == BranchKind.Text ? "PROFILE" : ""))], "bench", cancellationToken);
        }
        RowHeader[] joint = [.. issuers.Select(id => new RowHeader(id, universe.RepresentativeOf(id)!.InstrumentId, universe.RegionOf(id), space.Source))];
        await BenchMarket.WriteRowsAsync(
            store.Vectors, new PartitionKey(BranchKind.Joint, Space, BenchMarket.AsOf), joint, Core.Fusion.JointOrigin.Of(space), cancellationToken);
        return issuers;
    }
}
