using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Storage.Postgres.Tests;

/// <summary>A bucket is the rows of its entities, to the last bit, and an index finds them.</summary>
public sealed class BucketTests(ServerFixture server)
{
    private const int Entities = 300;
    private static readonly PartitionKey s_key = Samples.Joint;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(1024)]
    public async Task Buckets_divide_a_partition_as_every_process_divides_it(int of)
    {
        (var store, _) = await server.OpenAsync();
        await using var _store = store;
        await WriteAsync(store, s_key, Samples.Rows(s_key, 0, Entities));
        // The same entities on another date, of another model and of another kind of space.
        await WriteAsync(store, s_key with { AsOf = s_key.AsOf.AddDays(1) }, Samples.Rows(s_key, 0, Entities, seed: 2));
        await WriteAsync(store, s_key with { ModelId = "joint-profile-core-v2" }, Samples.Rows(s_key, 0, Entities, seed: 3));
        await WriteAsync(store, Samples.JointPortfolio, Samples.Rows(Samples.JointPortfolio, 0, Entities, seed: 4));
        var all = (await store.Vectors.ReadAsync(s_key, null, null, Token))!;
        var found = new List<VectorBatch>();
        foreach (int bucket in Enumerable.Range(0, of).Where(bucket => of < 100 || bucket % 97 == 0))
        {
            (var partition, var rows) = await ReadAsync(store, bucket, of);
            Assert.Equal((all.Version, all.Origin, Samples.Dimension), (partition!.Version, partition.Origin, partition.Rows.Dimension));
            Samples.Same(new EntityBuckets(of, [bucket]).Select(all.Rows), rows);
            found.Add(rows);
        }
        if (of < 100)
            Assert.Equal(Entities, found.Sum(rows => rows.Count));
    }

    [Fact]
    public async Task Replaced_rows_and_new_ones_are_in_their_buckets()
    {
        (var store, _) = await server.OpenAsync();
        await using var _store = store;
        await WriteAsync(store, s_key, Samples.Rows(s_key, 0, 40));
        await store.Vectors.PutAsync(s_key, Samples.Rows(s_key, 30, 20, seed: 2), "o", Token);
        var all = (await store.Vectors.ReadAsync(s_key, null, null, Token))!;
        for (int bucket = 0; bucket < 4; bucket++)
        {
            (var partition, var rows) = await ReadAsync(store, bucket, 4);
            Assert.Equal(all.Version, partition!.Version);
            Samples.Same(new EntityBuckets(4, [bucket]).Select(all.Rows), rows);
        }
    }

    [Fact]
    public async Task A_partition_that_is_not_there_has_no_buckets()
    {
        (var store, _) = await server.OpenAsync();
        await using var _store = store;
        Assert.Null((await ReadAsync(store, 0, 16)).Partition);
    }

    [Theory]
    [InlineData("UPDATE joint_embeddings SET vector = set_byte(vector, 5, get_byte(vector, 5) # 1)", "checksum")]
    [InlineData("UPDATE joint_embeddings SET vector = substring(vector FOR 8)", "8 bytes instead of 1536")]
    [InlineData("UPDATE joint_embeddings SET vector = overlay(vector PLACING '\\x0000807f' FROM 1), vector_crc32c = NULL", "not finite")]
    public async Task Damage_is_found(string damage, string problem)
    {
        (var store, string database) = await server.OpenAsync();
        await using var _store = store;
        await WriteAsync(store, s_key, Samples.Rows(s_key, 0, 1));
        await ServerFixture.SqlAsync(database, damage);
        var fault = await Assert.ThrowsAsync<GridFaultException>(() => ReadAsync(store, 0, 1));
        Assert.Contains("E00000", fault.Message, StringComparison.Ordinal);
        Assert.Contains(problem, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_of_the_schema_before_places_is_upgraded_with_its_rows()
    {
        (var store, string database) = await server.OpenAsync();
        await using var _store = store;
        await WriteAsync(store, s_key, Samples.Rows(s_key, 0, Entities));
        await ServerFixture.SqlAsync(
            database,
            """
            DROP INDEX grid_joint_embeddings_by_place;
            DROP FUNCTION grid_place;
            DROP FUNCTION grid_places;
            DELETE FROM grid_schema_versions WHERE version > 6
            """);
        // A put of the version before needs neither.
        await store.Vectors.PutAsync(s_key, Samples.Rows(s_key, 3, 1, seed: 2), "o", Token);
        var report = await PostgresStore.MigrateAsync(database, isDryRun: false, Token);
        Assert.Equal(6, report.FromVersion);
        Assert.Contains("create index grid_joint_embeddings_by_place on joint_embeddings", report.Steps);
        var all = (await store.Vectors.ReadAsync(s_key, null, null, Token))!;
        Samples.Same(new EntityBuckets(16, [3]).Select(all.Rows), (await ReadAsync(store, 3, 16)).Rows);
    }

    [Fact]
    public async Task An_index_finds_a_bucket_also_where_the_server_has_no_statistics()
    {
        (var store, string database) = await server.OpenAsync();
        await using var _store = store;
        await WriteAsync(store, s_key, Samples.Rows(s_key, 0, Entities));
        await ServerFixture.SqlAsync(database, "SELECT pg_stat_reset()");
        await ReadAsync(store, 3, 16);
        // The reader's session tells what it did when it ends.
        await store.DisposeAsync();
        object? scans = 0L;
        for (int i = 0; i < 100 && scans is not > 0L; i++)
        {
            scans = await ServerFixture.SqlAsync(
                database, "SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'grid_joint_embeddings_by_place'");
        }
        Assert.Equal(1L, scans);
        Assert.Equal(0L, await ServerFixture.SqlAsync(database, "SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'joint_embeddings'"));
    }

    [Fact]
    public async Task A_version_that_a_restored_database_does_not_have_is_not_followed()
    {
        (var store, string database) = await server.OpenAsync();
        await using var _store = store;
        await WriteAsync(store, s_key, Samples.Rows(s_key, 0, 10));
        string backup = (await store.Vectors.VersionAsync(s_key, Token))!;
        await ServerFixture.SqlAsync(database, "CREATE TABLE backup AS SELECT joint_id, vector, vector_crc32c, known_at FROM joint_embeddings");
        await ServerFixture.SqlAsync(database, "CREATE TABLE backup_partitions AS SELECT * FROM grid_partitions");
        await store.Vectors.PutAsync(s_key, Samples.Rows(s_key, 3, 1, seed: 2), "o", Token);
        string lost = (await store.Vectors.VersionAsync(s_key, Token))!;
        await ServerFixture.SqlAsync(
            database,
            """
            UPDATE joint_embeddings t SET vector = b.vector, vector_crc32c = b.vector_crc32c, known_at = b.known_at FROM backup b WHERE b.joint_id = t.joint_id;
            UPDATE grid_partitions p SET known_at = b.known_at FROM backup_partitions b;
            DELETE FROM grid_joint_changes;
            DELETE FROM grid_superseded_vectors
            """);
        Assert.Null(await ChangedAsync(lost));
        Assert.Empty((await ChangedAsync(backup))!.Partition.Rows.Headers);
        // Writes that come after the restoration do not hide that the one before it is gone.
        await store.Vectors.PutAsync(s_key, Samples.Rows(s_key, 5, 1, seed: 3), "o", Token);
        Assert.Null(await ChangedAsync(lost));
        Assert.Equal("E00005", Assert.Single((await ChangedAsync(backup))!.Partition.Rows.Headers).EntityId);

        Task<VectorChanges?> ChangedAsync(string since) => store.Vectors.Buckets!.ReadChangedAsync(s_key, EntityBuckets.All, since, Token);
    }

    [Fact]
    public async Task Databases_differ_and_a_database_is_itself()
    {
        (var store, string database) = await server.OpenAsync();
        await using var _store = store;
        (var other, _) = await server.OpenAsync();
        await using var _other = other;
        await using var again = await PostgresStore.OpenAsync(database, ServerFixture.Catalog, null, Token);
        string history = await store.Vectors.Buckets!.HistoryAsync(Token);
        Assert.Equal(history, await again.Vectors.Buckets!.HistoryAsync(Token));
        Assert.NotEqual(history, await other.Vectors.Buckets!.HistoryAsync(Token));
    }

    private static async Task<(VectorPartition? Partition, VectorBatch Rows)> ReadAsync(PostgresStore store, int bucket, int of)
    {
        var sink = new SortedRows();
        return (await store.Vectors.Buckets!.ReadBucketAsync(s_key, bucket, of, sink, Token), sink.ToBatch());
    }

    private static async Task WriteAsync(PostgresStore store, PartitionKey key, VectorBatch rows)
    {
        await using var writer = await store.Vectors.BeginAsync(key, rows.Dimension, "o", "all", Token);
        await writer.CommitAsync(rows, [], Token);
        await writer.CompleteAsync(Token);
    }

    private sealed class SortedRows : IRowSink
    {
        private readonly List<(RowHeader Header, float[] Row)> _rows = [];
        private int _dimension = 1;

        public void Begin(int dimension)
        {
            _rows.Clear();
            _dimension = dimension;
        }

        public Span<float> Add(RowHeader header)
        {
            _rows.Add((header, new float[_dimension]));
            return _rows[^1].Row;
        }

        public VectorBatch ToBatch()
        {
            var sorted = _rows.OrderBy(row => row.Header.EntityId, StringComparer.Ordinal).ToArray();
            return new VectorBatch([.. sorted.Select(row => row.Header)], sorted.SelectMany(row => row.Row).ToArray(), _dimension);
        }
    }
}
