using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Embedded;
using Prometheus.Grid.Storage.Postgres;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Conformance.Grids;

public sealed class EmbeddedOnPostgres(SharedPostgres server) : GridFixture
{
    public override string? WhyNot => PrivatePostgres.WhyNot;

    protected override async Task<IEmbeddingGrid> OpenAsync(string folder, ModelCatalog catalog, TimeProvider time)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        string database = await server.CreateDatabaseAsync(
            connection => PostgresStore.MigrateAsync(connection, isDryRun: false, cancellationToken));
        var store = await PostgresStore.OpenAsync(database, catalog, new PostgresOptions { Clock = time }, cancellationToken);
        await store.ImportTablesAsync(folder, cancellationToken);
        return new EmbeddedGrid(store, catalog, EncoderRegistry.BuiltIn(workers: 2), workers: 2);
    }
}

public sealed class EmbeddedGridOnPostgresTests(EmbeddedOnPostgres fixture) : GridConformance<EmbeddedOnPostgres>(fixture);
