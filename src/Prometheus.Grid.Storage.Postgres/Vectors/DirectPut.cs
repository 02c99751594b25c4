using Npgsql;
using NpgsqlTypes;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Postgres.Connections;

namespace Prometheus.Grid.Storage.Postgres.Vectors;

/// <summary>
/// Writes a few rows in two trips to the server: one begins, locks and asks the fence; the other makes history of what it replaces, writes and
/// commits. The way through the staging table takes twelve, most of them under the lock at which the other writers of the partition wait.
/// </summary>
internal sealed class DirectPut(Database database, PartitionScope scope)
{
    /// <summary>Puts rows into partitions, in the order of their locks, where each is new or holds rows of this recipe.</summary>
    /// <returns>
    /// The entities whose rows are new or changed, by partition; null for another recipe, of which <see cref="PartitionPublisher"/> knows what is allowed.
    /// </returns>
    public async Task<IReadOnlyDictionary<PartitionKey, IReadOnlySet<string>>?> TryPutAsync(
        NpgsqlConnection connection, IReadOnlyList<VectorPut> puts, CancellationToken cancellationToken)
    {
        // Made before the locks are taken: others wait for them meanwhile.
        NpgsqlBatchCommand[] writes = [.. puts.Select(Write)];
        // No transaction object, whose begin and end would be trips of their own. A connection that is closed within a transaction rolls it back.
        var locks = await PartitionLock.BeginAsync(connection, database, scope, puts, cancellationToken);
        if (puts.Zip(locks).Any(pair => pair.Second.IsOfAnotherRecipe(pair.First.Rows.Dimension, pair.First.Origin)))
        {
            await using var rollback = new NpgsqlCommand("ROLLBACK", connection);
            await rollback.ExecuteNonQueryAsync(cancellationToken);
            return null;
        }
        await using var batch = new NpgsqlBatch(connection);
        foreach ((var write, var before) in writes.Zip(locks))
        {
            write.Parameters.AddWithValue("now", NpgsqlDbType.TimestampTz, before.Now);
            batch.BatchCommands.Add(write);
        }
        batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        var changed = new Dictionary<PartitionKey, IReadOnlySet<string>>();
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        foreach (var put in puts)
        {
            var entities = new HashSet<string>(StringComparer.Ordinal);
            while (await reader.ReadAsync(cancellationToken))
                entities.Add(reader.GetString(0));
            changed.Add(put.Key, entities);
            // The answer to the commit comes behind the rows of the last.
            await reader.NextResultAsync(cancellationToken);
        }
        return changed;
    }

    private NpgsqlBatchCommand Write(VectorPut put)
    {
        var write = new NpgsqlBatchCommand(Statement(VectorTable.Of(put.Key.Kind)));
        PartitionReader.AddKey(write.Parameters, put.Key);
        write.Parameters.AddWithValue("spec", NpgsqlDbType.Text, scope.Spec(put.Key, put.Origin));
        write.Parameters.AddWithValue("origin", NpgsqlDbType.Text, put.Origin);
        write.Parameters.AddWithValue("dimension", NpgsqlDbType.Integer, put.Rows.Dimension);
        AddRows(write.Parameters, put.Rows);
        return write;
    }

    /// <summary>All parts see the rows as they were before the statement, so what becomes history is what the upsert replaces.</summary>
    private static string Statement(VectorTable table)
    {
        string[] replaced = [.. table.Replaced, "vector", "vector_ref", "known_at", "vector_crc32c"];
        return $"""
            WITH p AS MATERIALIZED (SELECT * FROM grid_partitions WHERE kind = @kind AND model_id = @model AND as_of_date = @as_of),
            n AS MATERIALIZED (
                SELECT * FROM p CROSS JOIN unnest(@ids, @instruments, @regions, @sources, @vectors, @checksums)
                    AS n (entity_id, instrument_id, region, source, vector, vector_crc32c)),
            changed AS MATERIALIZED (
                SELECT n.*, t.model_id IS NOT NULL AS was_there, {table.Header.InstrumentId} AS old_instrument_id, {table.Header.Region} AS old_region,
                    {table.Header.Source} AS old_source, t.vector AS old_vector, t.vector_crc32c AS old_vector_crc32c, {VectorTable.KnownAt} AS old_known_at
                FROM n LEFT JOIN {table.Name} t ON {table.OfPendingRow}
                WHERE t.model_id IS NULL OR {table.Differs}),
            superseded AS (
                INSERT INTO grid_superseded_vectors
                    (kind, model_id, as_of_date, scope, entity_id, instrument_id, region, source, origin, vector, vector_crc32c, known_at, superseded_at)
                SELECT p.kind, p.model_id, p.as_of_date, p.scope, n.entity_id, n.old_instrument_id, n.old_region, n.old_source, p.origin,
                    n.old_vector, n.old_vector_crc32c, n.old_known_at, @now
                FROM p CROSS JOIN changed n
                WHERE n.was_there),
            written AS (
                INSERT INTO {table.Name} ({table.Key.Columns}, vector, vector_ref, created_at, known_at, vector_crc32c)
                SELECT {table.Key.Values}, n.vector, NULL, @now, @now, n.vector_crc32c
                FROM p CROSS JOIN changed n
                ORDER BY n.entity_id
                ON CONFLICT ({table.ConflictKey}) DO UPDATE SET {string.Join(", ", replaced.Select(column => $"{column} = EXCLUDED.{column}"))}),
            dated AS (
                UPDATE grid_partitions SET origin = @origin, dimension = @dimension, first_known_at = coalesce(first_known_at, @now), known_at = @now
                WHERE kind = @kind AND model_id = @model AND as_of_date = @as_of AND EXISTS (SELECT FROM changed))
            SELECT entity_id FROM changed
            """;
    }

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
