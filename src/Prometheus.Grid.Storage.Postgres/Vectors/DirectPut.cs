using Npgsql;
using NpgsqlTypes;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Postgres.Connections;

namespace Prometheus.Grid.Storage.Postgres.Vectors;

/// <summary>
/// Writes a few rows in one trip to the server: it begins, locks, asks the fence, makes history of what the rows replace, writes and commits. The
/// statements that write look by themselves whether they may, so nothing is written where the lock finds that they may not. The way through the staging
/// table takes twelve trips, most of them under the lock at which the other writers of the partition wait.
/// </summary>
internal sealed class DirectPut(Database database, PartitionScope scope)
{
    private const string MayWrite = "prometheus_grid.may_write";

    /// <summary>Puts rows into partitions, in the order of their locks, where each is new or holds rows of this recipe.</summary>
    /// <returns>
    /// The entities whose rows are new or changed, by partition; null for another recipe, of which <see cref="PartitionPublisher"/> knows what is allowed,
    /// and where another partition is not as expected.
    /// </returns>
    public async Task<IReadOnlyDictionary<PartitionKey, IReadOnlySet<string>>?> TryPutAsync(
        NpgsqlConnection connection, IReadOnlyList<VectorPut> puts, IReadOnlyList<PartitionRecipe> expected, CancellationToken cancellationToken)
    {
        (bool areThere, var changed) = await RunAsync(connection, puts, expected, begins: true, cancellationToken);
        if (areThere)
            return changed;
        // A partition that is new has no row to lock yet. A connection that is closed within a transaction rolls it back.
        var entered = await PartitionLock.BeginAsync(connection, database, scope, puts, cancellationToken);
        if (puts.Zip(entered).Any(pair => pair.Second.IsOfAnotherRecipe(pair.First.Rows.Dimension, pair.First.Origin)))
        {
            await using var rollback = new NpgsqlCommand("ROLLBACK", connection);
            await rollback.ExecuteNonQueryAsync(cancellationToken);
            return null;
        }
        return (await RunAsync(connection, puts, expected, begins: false, cancellationToken)).Changed;
    }

    private async Task<(bool AreThere, IReadOnlyDictionary<PartitionKey, IReadOnlySet<string>>? Changed)> RunAsync(
        NpgsqlConnection connection, IReadOnlyList<VectorPut> puts, IReadOnlyList<PartitionRecipe> expected, bool begins, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var command in PartitionLock.Take(database, [.. puts.Select(put => put.Key)], begins))
            batch.BatchCommands.Add(command);
        batch.BatchCommands.Add(May(puts, expected));
        foreach (var put in puts)
            batch.BatchCommands.Add(Write(put));
        batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        // The plans are kept: making them takes as long as writing some ten rows.
        await batch.PrepareAsync(cancellationToken);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var locks = await PartitionLock.ReadAsync(reader, database, puts.Count, cancellationToken);
        await reader.ReadAsync(cancellationToken);
        bool isWritten = reader.GetString(0) == "true";
        await reader.NextResultAsync(cancellationToken);
        var changed = new Dictionary<PartitionKey, IReadOnlySet<string>>();
        foreach (var put in puts)
        {
            var entities = new HashSet<string>(StringComparer.Ordinal);
            while (await reader.ReadAsync(cancellationToken))
                entities.Add(put.Rows.Headers[(int)reader.GetInt64(0) - 1].EntityId);
            changed.Add(put.Key, entities);
            // The answer to the commit comes behind the rows of the last.
            await reader.NextResultAsync(cancellationToken);
        }
        return (locks.All(before => before is not null), isWritten ? changed : null);
    }

    /// <summary>
    /// Decides, behind the locks and once for all that follows, whether the transaction may write: all of its partitions are there and without rows of another
    /// recipe, others are as expected, and the fence lets this process write. It also has what follows planned for rows that are found by key and by row
    /// number: plans are kept, and one that was made for an empty table must be right for a large one.
    /// </summary>
    private NpgsqlBatchCommand May(IReadOnlyList<VectorPut> puts, IReadOnlyList<PartitionRecipe> expected)
    {
        var fence = database.Fence?.Question();
        var may = new NpgsqlBatchCommand($"""
            SELECT set_config('{MayWrite}', (NOT EXISTS (
                SELECT FROM unnest(@kinds, @models, @dates, @origins, @dimensions) AS w (kind, model_id, as_of_date, origin, dimension)
                LEFT JOIN grid_partitions p ON p.kind = w.kind AND p.model_id = w.model_id AND p.as_of_date = w.as_of_date
                WHERE p.kind IS NULL OR (p.known_at IS NOT NULL AND (coalesce(p.origin, w.origin) <> w.origin OR p.dimension <> w.dimension)))
            AND NOT EXISTS (
                SELECT FROM unnest(@other_kinds, @other_models, @other_dates, @other_origins) AS w (kind, model_id, as_of_date, origin)
                LEFT JOIN grid_partitions p ON p.kind = w.kind AND p.model_id = w.model_id AND p.as_of_date = w.as_of_date AND p.known_at IS NOT NULL
                WHERE (p.kind IS NULL) <> (w.origin IS NULL) OR coalesce(p.origin, '') <> coalesce(w.origin, ''))
            {(fence is null ? "" : $"AND ({fence.CommandText})")})::text, true),
                set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
                set_config('jit', 'off', true)
            """);
        Add("kinds", NpgsqlDbType.Text, puts.Select(put => PartitionReader.KindName(put.Key)));
        Add("models", NpgsqlDbType.Text, puts.Select(put => put.Key.ModelId));
        Add("dates", NpgsqlDbType.Date, puts.Select(put => put.Key.AsOf));
        Add("origins", NpgsqlDbType.Text, puts.Select(put => put.Origin));
        Add("dimensions", NpgsqlDbType.Integer, puts.Select(put => put.Rows.Dimension));
        Add("other_kinds", NpgsqlDbType.Text, expected.Select(other => PartitionReader.KindName(other.Key)));
        Add("other_models", NpgsqlDbType.Text, expected.Select(other => other.Key.ModelId));
        Add("other_dates", NpgsqlDbType.Date, expected.Select(other => other.Key.AsOf));
        Add("other_origins", NpgsqlDbType.Text, expected.Select(other => other.Origin));
        foreach (var parameter in fence?.Parameters.ToArray() ?? [])
            may.Parameters.Add(((NpgsqlParameter)parameter).Clone());
        return may;

        void Add<T>(string name, NpgsqlDbType type, IEnumerable<T> values) =>
            may.Parameters.AddWithValue(name, NpgsqlDbType.Array | type, values.ToArray());
    }

    private NpgsqlBatchCommand Write(VectorPut put)
    {
        var write = new NpgsqlBatchCommand(Statement(VectorTable.Of(put.Key.Kind)));
        PartitionReader.AddKey(write.Parameters, put.Key);
        write.Parameters.AddWithValue("spec", NpgsqlDbType.Text, scope.Spec(put.Key, put.Origin));
        write.Parameters.AddWithValue("origin", NpgsqlDbType.Text, put.Origin);
        write.Parameters.AddWithValue("dimension", NpgsqlDbType.Integer, put.Rows.Dimension);
        write.Parameters.AddWithValue("clock", NpgsqlDbType.TimestampTz, database.Clock is { } clock ? clock.GetUtcNow() : DBNull.Value);
        AddRows(write.Parameters, put.Rows);
        return write;
    }

    /// <summary>All parts see the rows as they were before the statement, so what becomes history is what is replaced.</summary>
    private static string Statement(VectorTable table)
    {
        string[] replaced = [.. table.Replaced, "vector", "vector_ref", "known_at", "vector_crc32c"];
        return $"""
            WITH p AS MATERIALIZED (
                SELECT *, greatest(coalesce(@clock, clock_timestamp()), known_at + interval '1 microsecond') AS now
                FROM grid_partitions WHERE kind = @kind AND model_id = @model AND as_of_date = @as_of AND current_setting('{MayWrite}') = 'true'),
            n AS MATERIALIZED (
                SELECT p.kind, p.model_id, p.as_of_date, p.scope, p.now, n.*
                FROM p CROSS JOIN unnest(@ids, @instruments, @regions, @sources, @vectors, @checksums)
                    WITH ORDINALITY AS n (entity_id, instrument_id, region, source, vector, vector_crc32c, position)),
            changed AS MATERIALIZED (
                SELECT n.*, t.* FROM n LEFT JOIN LATERAL (
                    SELECT t.ctid AS row_id, {table.Header.InstrumentId} AS old_instrument_id, {table.Header.Region} AS old_region,
                        {table.Header.Source} AS old_source, t.vector AS old_vector, t.vector_crc32c AS old_vector_crc32c,
                        {VectorTable.KnownAt} AS old_known_at, {table.Differs} AS differs
                    FROM {table.Name} t WHERE {table.OfPendingRow} OFFSET 0) t ON true
                WHERE t.row_id IS NULL OR t.differs),
            superseded AS (
                INSERT INTO grid_superseded_vectors
                    (kind, model_id, as_of_date, scope, entity_id, instrument_id, region, source, origin, vector, vector_crc32c, known_at, superseded_at)
                SELECT p.kind, p.model_id, p.as_of_date, p.scope, n.entity_id, n.old_instrument_id, n.old_region, n.old_source, p.origin,
                    n.old_vector, n.old_vector_crc32c, n.old_known_at, p.now
                FROM p CROSS JOIN changed n
                WHERE n.row_id IS NOT NULL),
            updated AS (
                UPDATE {table.Name} t
                SET {table.Updated}, vector = n.vector, vector_ref = NULL, known_at = n.now, vector_crc32c = n.vector_crc32c
                FROM p CROSS JOIN changed n
                WHERE t.ctid = n.row_id),
            inserted AS (
                INSERT INTO {table.Name} ({table.Key.Columns}, vector, vector_ref, created_at, known_at, vector_crc32c)
                SELECT {table.Key.Values}, n.vector, NULL, p.now, p.now, n.vector_crc32c
                FROM p CROSS JOIN changed n
                WHERE n.row_id IS NULL
                ORDER BY n.entity_id
                ON CONFLICT ({table.ConflictKey}) DO UPDATE SET {string.Join(", ", replaced.Select(column => $"{column} = EXCLUDED.{column}"))}),
            {(table.HasChangeLog ? ChangeLog : "")}
            dated AS (
                UPDATE grid_partitions g SET origin = @origin, dimension = @dimension, first_known_at = coalesce(g.first_known_at, p.now), known_at = p.now
                FROM p
                WHERE g.kind = p.kind AND g.model_id = p.model_id AND g.as_of_date = p.as_of_date AND EXISTS (SELECT FROM changed))
            SELECT position FROM changed
            """;
    }

    private const string ChangeLog = """
        logged AS (
            INSERT INTO grid_joint_changes (model_id, as_of_date, known_from, known_at, entity_ids)
            SELECT p.model_id, p.as_of_date, p.known_at, p.now, array_agg(n.entity_id)
            FROM p CROSS JOIN changed n
            WHERE p.known_at IS NOT NULL
            GROUP BY p.model_id, p.as_of_date, p.known_at, p.now),
        """;

    private static void AddRows(NpgsqlParameterCollection parameters, VectorBatch rows)
    {
        byte[][] vectors = [.. Enumerable.Range(0, rows.Count).Select(row => Bytes(rows.Row(row).Span))];
        Add("ids", header => header.EntityId);
        Add("instruments", header => header.InstrumentId);
        Add("regions", header => header.Region);
        Add("sources", header => header.Source);
        parameters.AddWithValue("vectors", NpgsqlDbType.Array | NpgsqlDbType.Bytea, vectors);
        parameters.AddWithValue("checksums", NpgsqlDbType.Array | NpgsqlDbType.Bigint, vectors.Select(bytes => (long)Crc32C.Of(bytes)).ToArray());

        void Add(string name, Func<RowHeader, string> value) =>
            parameters.AddWithValue(name, NpgsqlDbType.Array | NpgsqlDbType.Text, rows.Headers.Select(value).ToArray());
    }

    private static byte[] Bytes(ReadOnlySpan<float> vector)
    {
        byte[] bytes = new byte[vector.Length * sizeof(float)];
        VectorCodec.Write(vector, bytes);
        return bytes;
    }
}
