using Npgsql;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Embedded;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Storage.Postgres.Tests;

public sealed class MigrationTests(ServerFixture server)
{
    // Both are sums of 384 products in double, in another order.
    private const double SumTolerance = 1e-12;
    private static readonly PartitionKey s_joint = new(BranchKind.Joint, "joint-profile-core-v1", SeedDatabase.JointDate);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_empty_database_gets_everything_once()
    {
        string database = await server.CreateDatabaseAsync();
        var first = await PostgresStore.MigrateAsync(database, isDryRun: false, Token);
        Assert.Equal(0, first.FromVersion);
        Assert.Contains("create table prices_daily", first.Steps);
        Assert.Contains("create table grid_partitions", first.Steps);
        var second = await PostgresStore.MigrateAsync(database, isDryRun: false, Token);
        Assert.Equal((first.ToVersion, first.ToVersion), (second.FromVersion, second.ToVersion));
        Assert.Empty(second.Steps);
    }

    [Fact]
    public async Task Processes_that_start_at_once_migrate_once()
    {
        string database = await server.CreateDatabaseAsync();
        var reports = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => PostgresStore.MigrateAsync(database, isDryRun: false, Token)));
        Assert.Single(reports, report => report.Steps.Count > 0);
        Assert.Equal((long)reports[0].ToVersion, await ServerFixture.SqlAsync(database, "SELECT count(*) FROM grid_schema_versions"));
    }

    [Fact]
    public async Task A_dry_run_reports_the_same_and_changes_nothing()
    {
        string database = await server.CreateDatabaseAsync();
        await SeedDatabase.FillAsync(database);
        string before = await SeedDatabase.DumpAsync(database);
        var would = await PostgresStore.MigrateAsync(database, isDryRun: true, Token);
        Assert.Equal(before, await SeedDatabase.DumpAsync(database));
        Assert.Equal(true, await ServerFixture.SqlAsync(database, "SELECT to_regclass('grid_partitions') IS NULL"));
        Assert.Equal(would.Steps, (await PostgresStore.MigrateAsync(database, isDryRun: false, Token)).Steps);
        Assert.Contains(would.Steps, step => step.StartsWith($"{SeedDatabase.GoldenJoint.Count} repeated rows of joint_embeddings become history", StringComparison.Ordinal));
        Assert.DoesNotContain("create table joint_embeddings", would.Steps);
    }

    [Fact]
    public async Task Repeated_keys_collapse_to_the_row_that_the_seed_reads_and_the_rest_is_as_it_was()
    {
        string database = await server.CreateDatabaseAsync();
        await SeedDatabase.FillAsync(database);
        string latest = $"WHERE created_at <> '{SeedDatabase.FirstRun:O}'";
        string before = await SeedDatabase.DumpAsync(database, latest);
        await PostgresStore.MigrateAsync(database, isDryRun: false, Token);
        Assert.Equal(before, await SeedDatabase.DumpAsync(database));
        await Assert.ThrowsAsync<PostgresException>(() => ServerFixture.SqlAsync(
            database, "INSERT INTO joint_embeddings (joint_type, as_of_date, entity_scope, model_id) SELECT joint_type, as_of_date, entity_scope, model_id FROM joint_embeddings WHERE joint_type = 'PROFILE_CORE_V0'"));

        await using var store = await PostgresStore.OpenAsync(database, ServerFixture.Catalog, null, Token);
        Assert.Equal(
            ["num-profile-core-v1", "text-profile-v1", "joint-profile-core-v1"], (await store.Vectors.ListAsync(null, null, Token)).Select(key => key.ModelId));
        var joint = (await store.Vectors.ReadAsync(s_joint, null, null, Token))!;
        Assert.Equal(SeedDatabase.SecondRun, joint.KnownAt);
        var then = (await store.Vectors.ReadAsync(s_joint, null, SeedDatabase.FirstRun, Token))!;
        Assert.Equal(SeedDatabase.GoldenJoint.Count, then.Rows.Count);
        Assert.Equal(1f + then.Rows.Headers[0].EntityId.Length, then.Rows.Row(0).Span[0]);
        Assert.Null(await store.Vectors.ReadAsync(s_joint, null, SeedDatabase.FirstRun.AddTicks(-10), Token));
        Assert.Equal("window_days=126", (await store.Vectors.ReadAsync(new(BranchKind.Numeric, "num-profile-core-v1", SeedDatabase.JointDate), [], null, Token))!.Origin);
    }

    [Fact]
    public async Task Find_similar_on_a_database_of_the_seed_equals_the_golden_results()
    {
        string database = await server.CreateDatabaseAsync();
        await SeedDatabase.FillAsync(database);
        await PostgresStore.MigrateAsync(database, isDryRun: false, Token);
        var store = await PostgresStore.OpenAsync(database, ServerFixture.Catalog, null, Token);
        await using var grid = new EmbeddedGrid(store, ServerFixture.Catalog, EncoderRegistry.BuiltIn(workers: 2), workers: 2);
        var targets = Golden.Neighbours("profiles");
        Assert.Equal(SeedDatabase.GoldenJoint.Keys.Order(StringComparer.Ordinal), targets.Select(target => target.Key));
        foreach (var target in targets)
        {
            Golden.Neighbour[] expected = [.. target];
            var answer = await grid.FindSimilarAsync(
                new SimilarityQuery { Target = new SimilarityTarget.Entity(target.Key), AsOf = SeedDatabase.JointDate, ModelId = s_joint.ModelId, TopK = expected.Length }, Token);
            Assert.Equal(expected.Select(neighbour => neighbour.EntityId), answer.Hits.Select(hit => hit.EntityId));
            foreach (var (neighbour, hit) in expected.Zip(answer.Hits))
            {
                Assert.Equal(neighbour.Cosine, hit.Cosine, SumTolerance);
                Assert.Equal(1, hit.Euclidean / neighbour.Euclidean, SumTolerance);
            }
        }
    }

    [Fact]
    public async Task Rows_that_a_program_of_the_seed_adds_later_are_entered_by_the_next_migration()
    {
        string database = await server.CreateDatabaseAsync();
        await SeedDatabase.FillAsync(database);
        await PostgresStore.MigrateAsync(database, isDryRun: false, Token);
        await ServerFixture.SqlAsync(
            database,
            "INSERT INTO joint_embeddings (joint_type, as_of_date, entity_scope, model_id, vector) SELECT joint_type, as_of_date + 1, entity_scope, model_id, vector FROM joint_embeddings WHERE joint_type = 'PROFILE_CORE_V0'");
        var report = await PostgresStore.MigrateAsync(database, isDryRun: false, Token);
        Assert.Equal(["enter 1 partitions of vectors that others have written"], report.Steps);
    }

    [Fact]
    public async Task A_backfill_over_rows_of_the_seed_replaces_them_and_keeps_them_as_history()
    {
        string database = await server.CreateDatabaseAsync();
        await SeedDatabase.FillAsync(database);
        await PostgresStore.MigrateAsync(database, isDryRun: false, Token);
        await using var store = await PostgresStore.OpenAsync(database, ServerFixture.Catalog, null, Token);
        var before = (await store.Vectors.ReadAsync(s_joint, null, null, Token))!;
        VectorBatch one = new([before.Rows.Headers[3] with { Region = "US" }], before.Rows.Row(3), 384);
        Assert.Equal(new WriteOutcome(1, 0), await store.Vectors.PutAsync(s_joint, one, "numeric=a;text=b", Token));
        var after = (await store.Vectors.ReadAsync(s_joint, null, null, Token))!;
        Assert.Equal(("US", "numeric=a;text=b"), (after.Rows.Headers[3].Region, after.Origin));
        Samples.Same(before.Rows, (await store.Vectors.ReadAsync(s_joint, null, before.KnownAt, Token))!.Rows);
    }

    [Fact]
    public async Task An_older_schema_is_upgraded()
    {
        string database = await server.CreateDatabaseAsync();
        string first = Path.Combine(TestData.RepositoryRoot, "src", "Prometheus.Grid.Storage.Postgres", "Schema", "Migrations", "0001_seed_tables.sql");
        await ServerFixture.SqlAsync(database, await File.ReadAllTextAsync(first, Token));
        await ServerFixture.SqlAsync(
            database, "CREATE TABLE grid_schema_versions (version integer PRIMARY KEY, name text, applied_at timestamptz DEFAULT now()); INSERT INTO grid_schema_versions VALUES (1, 'first')");
        var report = await PostgresStore.MigrateAsync(database, isDryRun: false, Token);
        Assert.Equal(1, report.FromVersion);
        await using var store = await PostgresStore.OpenAsync(database, ServerFixture.Catalog, null, Token);
        Assert.Empty(await store.Vectors.ListAsync(null, null, Token));
    }

    [Theory]
    [InlineData("DROP TABLE grid_schema_versions", "no grid schema")]
    [InlineData("DELETE FROM grid_schema_versions WHERE version > 1", "grid migrate")]
    [InlineData("INSERT INTO grid_schema_versions VALUES (99, 'future')", "newer grid")]
    public async Task A_schema_of_another_version_is_refused_with_what_to_do(string change, string advice)
    {
        (var store, string database) = await server.OpenAsync();
        await store.DisposeAsync();
        await ServerFixture.SqlAsync(database, change);
        var error = await Assert.ThrowsAsync<GridFaultException>(() => PostgresStore.OpenAsync(database, ServerFixture.Catalog, null, Token));
        Assert.Contains(advice, error.Message, StringComparison.Ordinal);
    }
}
