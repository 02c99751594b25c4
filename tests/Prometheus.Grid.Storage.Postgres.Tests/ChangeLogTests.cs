using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Storage.Postgres.Tests;

/// <summary>A holder of joint rows is told every row that changed since its version, or all rows; never fewer than it lacks.</summary>
public sealed class ChangeLogTests(ServerFixture server)
{
    private static readonly PartitionKey s_key = Samples.Joint;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Puts_and_backfills_since_a_version_are_read_and_nothing_else()
    {
        (var store, _) = await server.OpenAsync();
        await using var _store = store;
        await WriteAsync(store, Samples.Rows(s_key, 0, 40));
        string before = (await store.Vectors.VersionAsync(s_key, Token))!;
        Assert.Empty(await ChangedAsync(store, before));

        await store.Vectors.PutAsync(s_key, Samples.Rows(s_key, 5, 2, seed: 2), "o", Token);
        await store.Vectors.PutAsync(s_key, Samples.Rows(s_key, 6, 3, seed: 3), "o", Token);
        string between = (await store.Vectors.VersionAsync(s_key, Token))!;
        await WriteAsync(store, Samples.Rows(s_key, 20, 30));
        string[] added = [.. Enumerable.Range(40, 10).Select(i => $"E{i:D5}")];
        string[] sinceBefore = await ChangedAsync(store, before), sinceBetween = await ChangedAsync(store, between);
        Assert.Equal(["E00005", "E00006", "E00007", "E00008", .. added], sinceBefore);
        Assert.Equal(added, sinceBetween);
        Samples.Same((await store.Vectors.ReadAsync(s_key, ["E00006"], null, Token))!.Rows, Only(await ReadAsync(store, before), "E00006"));
    }

    [Theory]
    [InlineData("DELETE FROM grid_joint_changes")]
    [InlineData("DELETE FROM grid_joint_changes WHERE known_at = (SELECT min(known_at) FROM grid_joint_changes)")]
    [InlineData("DELETE FROM grid_joint_changes WHERE known_at = (SELECT known_at FROM grid_joint_changes ORDER BY known_at OFFSET 1 LIMIT 1)")]
    [InlineData("DELETE FROM grid_joint_changes WHERE known_at = (SELECT max(known_at) FROM grid_joint_changes)")]
    public async Task Where_the_log_has_a_gap_all_rows_are_read(string gap)
    {
        (var store, string database) = await server.OpenAsync();
        await using var _store = store;
        await WriteAsync(store, Samples.Rows(s_key, 0, 10));
        string before = (await store.Vectors.VersionAsync(s_key, Token))!;
        for (int seed = 2; seed < 5; seed++)
            await store.Vectors.PutAsync(s_key, Samples.Rows(s_key, seed, 1, seed), "o", Token);
        Assert.Equal(3, (await ReadAsync(store, before)).Partition.Rows.Count);
        await ServerFixture.SqlAsync(database, gap);
        var all = await ReadAsync(store, before);
        Assert.True(all.AreAll);
        Samples.Same((await store.Vectors.ReadAsync(s_key, null, null, Token))!.Rows, all.Partition.Rows);
    }

    [Fact]
    public async Task After_a_vacuum_a_version_from_before_it_reads_all_and_one_from_after_it_only_what_changed()
    {
        (var store, _) = await server.OpenAsync();
        await using var _store = store;
        await WriteAsync(store, Samples.Rows(s_key, 0, 10));
        string before = (await store.Vectors.VersionAsync(s_key, Token))!;
        await store.Vectors.PutAsync(s_key, Samples.Rows(s_key, 2, 1, seed: 2), "o", Token);
        var put = (await store.Vectors.ReadAsync(s_key, null, null, Token))!;
        await store.Vectors.VacuumAsync(put.KnownAt.AddTicks(10), Token);
        await store.Vectors.PutAsync(s_key, Samples.Rows(s_key, 3, 1, seed: 3), "o", Token);
        Assert.True((await ReadAsync(store, before)).AreAll);
        string[] changed = await ChangedAsync(store, put.Version);
        Assert.Equal(["E00003"], changed);
    }

    [Fact]
    public async Task Rows_that_a_program_of_the_seed_adds_are_read_once_the_next_migration_found_them()
    {
        (var store, string database) = await server.OpenAsync();
        await using var _store = store;
        await WriteAsync(store, Samples.Rows(s_key, 0, 5));
        string before = (await store.Vectors.VersionAsync(s_key, Token))!;
        await ServerFixture.SqlAsync(
            database,
            """
            INSERT INTO joint_embeddings (joint_type, as_of_date, entity_scope, model_id, vector)
            SELECT joint_type, as_of_date, entity_scope || '{"issuer_id": "E00009"}', model_id, vector FROM joint_embeddings LIMIT 1
            """);
        await PostgresStore.MigrateAsync(database, isDryRun: false, Token);
        var changes = await ReadAsync(store, before);
        Assert.Contains(changes.Partition.Rows.Headers, header => header.EntityId == "E00009");
    }

    [Fact]
    public async Task A_database_of_the_schema_before_the_log_is_upgraded_and_its_holders_read_all_once()
    {
        (var store, string database) = await server.OpenAsync();
        await using var _store = store;
        await WriteAsync(store, Samples.Rows(s_key, 0, 5));
        string before = (await store.Vectors.VersionAsync(s_key, Token))!;
        // As version 5 left it, and a put of that version, which enters nothing in a log.
        await store.Vectors.PutAsync(s_key, Samples.Rows(s_key, 1, 1, seed: 2), "o", Token);
        await ServerFixture.SqlAsync(
            database,
            """
            DROP TABLE grid_joint_changes;
            DROP INDEX grid_joint_embeddings_by_place;
            DROP FUNCTION grid_place;
            DROP FUNCTION grid_places;
            CREATE INDEX grid_joint_embeddings_by_known_at ON joint_embeddings (coalesce(known_at, created_at, '-infinity'), model_id, as_of_date);
            DELETE FROM grid_schema_versions WHERE version > 5
            """);
        var report = await PostgresStore.MigrateAsync(database, isDryRun: false, Token);
        Assert.Equal(5, report.FromVersion);
        Assert.Contains("create table grid_joint_changes", report.Steps);
        Assert.Equal(false, await ServerFixture.SqlAsync(database, "SELECT to_regclass('grid_joint_embeddings_by_known_at') IS NOT NULL"));
        var all = await ReadAsync(store, before);
        Assert.True(all.AreAll);
        await store.Vectors.PutAsync(s_key, Samples.Rows(s_key, 2, 1, seed: 3), "o", Token);
        string[] changed = await ChangedAsync(store, all.Partition.Version);
        Assert.Equal(["E00002"], changed);
    }

    [Theory]
    [InlineData("p")]
    [InlineData(null)]
    public async Task A_put_that_relies_on_another_recipe_than_is_there_writes_nothing(string? expected)
    {
        (var store, _) = await server.OpenAsync();
        await using var _store = store;
        PartitionKey other = new(BranchKind.Joint, "joint-profile-core-v2", s_key.AsOf);
        var rows = Samples.Rows(s_key, 0, 2);
        // It is right about a partition that is not there.
        Assert.Equal(new WriteOutcome(2, 0), (await store.Vectors.TryPutTogetherAsync([new(s_key, rows, "o")], [new(other, null)], Token))![0]);
        await store.Vectors.PutAsync(other, Samples.Rows(s_key, 0, 1), "q", Token);
        string version = (await store.Vectors.VersionAsync(s_key, Token))!;
        var next = Samples.Rows(s_key, 0, 2, seed: 2);
        Assert.Null(await store.Vectors.TryPutTogetherAsync([new(s_key, next, "o")], [new(other, expected)], Token));
        Assert.Null(await store.Vectors.TryPutTogetherAsync([new(s_key, next, "another")], [new(other, "q")], Token));
        Assert.Equal(version, await store.Vectors.VersionAsync(s_key, Token));
        Assert.Equal(new WriteOutcome(2, 0), (await store.Vectors.TryPutTogetherAsync([new(s_key, next, "o")], [new(other, "q")], Token))![0]);
        Samples.Same(next, (await store.Vectors.ReadAsync(s_key, null, null, Token))!.Rows);
    }

    private static async Task WriteAsync(PostgresStore store, VectorBatch rows)
    {
        await using var writer = await store.Vectors.BeginAsync(s_key, rows.Dimension, "o", Guid.NewGuid().ToString(), Token);
        await writer.CommitAsync(rows, [], Token);
        await writer.CompleteAsync(Token);
    }

    private static async Task<VectorChanges> ReadAsync(PostgresStore store, string since) =>
        (await store.Vectors.ReadChangesAsync(s_key, EntityBuckets.All, since, Token))!;

    /// <summary>The entities that changed since a version, all of which two halves of the buckets find too.</summary>
    private static async Task<string[]> ChangedAsync(PostgresStore store, string since)
    {
        var changes = await ReadAsync(store, since);
        Assert.False(changes.AreAll);
        Assert.Equal(await store.Vectors.VersionAsync(s_key, Token), changes.Partition.Version);
        string[] changed = [.. changes.Partition.Rows.Headers.Select(header => header.EntityId)];
        var halves = await Task.WhenAll(Enumerable.Range(0, 2).Select(half => store.Vectors.ReadChangesAsync(s_key, new EntityBuckets(2, [half]), since, Token)));
        Assert.Equal(changed, halves.SelectMany(half => half!.Partition.Rows.Headers.Select(header => header.EntityId)).Order(StringComparer.Ordinal));
        return changed;
    }

    private static VectorBatch Only(VectorChanges changes, string entityId)
    {
        var rows = changes.Partition.Rows;
        int row = rows.IndexOf(entityId);
        return new VectorBatch([rows.Headers[row]], rows.Row(row), rows.Dimension);
    }
}
