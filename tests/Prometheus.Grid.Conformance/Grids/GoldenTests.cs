using System.Runtime.InteropServices;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Embedded;
using Prometheus.Grid.Storage.Folder;
using Prometheus.Grid.Storage.Postgres;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Conformance.Grids;

/// <summary>The v1 models and searches over them are held to tests/data/golden-synthetic, bit for bit, on either store.</summary>
public sealed class GoldenTests(SharedPostgres server) : IDisposable
{
    // Cosines are sums of 384 products in double; another order of summation moves the last digits.
    private const double SumTolerance = 1e-12;

    private static readonly ModelCatalog s_catalog = ModelCatalog.Load(Path.Combine(TestData.RepositoryRoot, "models"));

    private readonly string _folder = Directory.CreateTempSubdirectory("grid-golden-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Vectors_have_the_expected_bits_and_neighbours_the_expected_order(bool isPostgres)
    {
        var store = await OpenAsync(isPostgres);
        await using var grid = new EmbeddedGrid(store, s_catalog, EncoderRegistry.BuiltIn(workers: 2), workers: 2);
        foreach (var request in GridFixture.Workflow(DateRange.On(Golden.AsOf)))
        {
            var report = await grid.BackfillAsync(request, null, Token);
            string modelId = Assert.Single(report.Days).Partition.ModelId;
            // A joint portfolio is its one branch.
            await AssertVectorsAsync(store, report, Golden.Vectors(modelId == GridFixture.PortfolioModel ? "num-portfolio-core-v1" : modelId));
        }
        await AssertNeighboursAsync(grid, GridFixture.IssuerModel, Golden.Neighbours("profiles"));
        await AssertNeighboursAsync(grid, GridFixture.PortfolioModel, Golden.Neighbours("portfolios"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<IGridStore> OpenAsync(bool isPostgres)
    {
        foreach (string table in Golden.Tables)
            File.Copy(table, Path.Combine(_folder, Path.GetFileName(table)));
        if (!isPostgres)
            return await FolderStore.OpenAsync(_folder, null, Token);
        string database = await server.CreateDatabaseAsync(connection => PostgresStore.MigrateAsync(connection, isDryRun: false, Token));
        var store = await PostgresStore.OpenAsync(database, s_catalog, null, Token);
        await store.ImportTablesAsync(_folder, Token);
        return store;
    }

    private static async Task AssertVectorsAsync(IGridStore store, BackfillReport report, SortedDictionary<string, byte[]?> expected)
    {
        var key = report.Days[0].Partition;
        var rows = (await store.Vectors.ReadAsync(key, null, null, Token))!.Rows;
        Assert.Equal(expected.Where(row => row.Value is not null).Select(row => row.Key), rows.Headers.Select(header => header.EntityId));
        for (int i = 0; i < rows.Count; i++)
        {
            float[] vector = rows.Row(i).ToArray();
            byte[] bits = expected[rows.Headers[i].EntityId]!;
            Assert.True(MemoryMarshal.AsBytes<float>(vector).SequenceEqual(bits), $"{key.ModelId} of {rows.Headers[i].EntityId} on {(store is FolderStore ? "a folder" : "Postgres")}");
        }
        Assert.Superset(expected.Where(row => row.Value is null && key.Kind != BranchKind.Joint).Select(row => row.Key).ToHashSet(), report.Days[0].Skipped.Select(skip => skip.EntityId).ToHashSet());
    }

    private static async Task AssertNeighboursAsync(EmbeddedGrid grid, string modelId, IReadOnlyList<IGrouping<string, Golden.Neighbour>> targets)
    {
        Assert.True(targets.Count > 10, $"{targets.Count} targets");
        foreach (var target in targets)
        {
            Golden.Neighbour[] expected = [.. target];
            var answer = await grid.FindSimilarAsync(
                new SimilarityQuery { Target = new SimilarityTarget.Entity(target.Key), AsOf = Golden.AsOf, ModelId = modelId, TopK = expected.Length }, Token);
            Assert.Equal(expected.Select(neighbour => neighbour.EntityId), answer.Hits.Select(hit => hit.EntityId));
            foreach (var (neighbour, hit) in expected.Zip(answer.Hits))
            {
                Assert.Equal(neighbour.Cosine, hit.Cosine, SumTolerance);
                Assert.Equal(1, (1 + hit.Euclidean) / (1 + neighbour.Euclidean), SumTolerance);
            }
        }
    }
}
