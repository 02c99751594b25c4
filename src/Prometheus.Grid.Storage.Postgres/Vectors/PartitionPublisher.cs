using Npgsql;
using NpgsqlTypes;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Postgres.Connections;

namespace Prometheus.Grid.Storage.Postgres.Vectors;

/// <summary>
/// Makes the pending rows of a job the rows of their partition, in one transaction: what they replace becomes history, one upsert writes
/// them, and the partition gets a later knowledge time. Writers of one partition queue at its row in grid_partitions, which they lock before
/// any other, so they can neither deadlock nor interleave.
/// </summary>
internal sealed class PartitionPublisher(PartitionScope scope, Database database)
{
    private const string OfKey = "kind = @kind AND model_id = @model AND as_of_date = @as_of";
    private const string FromPending = "FROM grid_partitions p JOIN grid_pending_vectors n ON n.job_id = @job";
    private const string OfPartition = "p.kind = @kind AND p.model_id = @model AND p.as_of_date = @as_of";

    /// <summary>Publishes within the open transaction of <paramref name="connection"/>; the pending rows are gone afterwards.</summary>
    /// <exception cref="BadInputException">Rows of another origin or dimension would remain beside the new ones.</exception>
    public async Task<WriteOutcome> PublishAsync(
        NpgsqlConnection connection, PartitionKey key, int jobId, int dimension, string origin, CancellationToken cancellationToken)
    {
        DateTime now = default;
        int pending = (int)await CountAsync("SELECT count(*) FROM grid_pending_vectors WHERE job_id = @job");
        if (pending == 0)
            return default;
        var before = await PartitionLock.TakeAsync(connection, database, scope, new VectorPut(key, new VectorBatch([], default, dimension), origin), cancellationToken);
        now = before.Now;
        // Where the seed wrote the rows nothing is known of their recipe, and the first write by the grid says what it is.
        bool isOtherRecipe = before.IsOfAnotherRecipe(dimension, origin);
        var table = VectorTable.Of(key.Kind);
        if (isOtherRecipe)
            await ThrowIfRowsRemainAsync(before.Origin ?? "", before.Dimension);

        int unchanged = before.HasRows
            ? (int)await CountAsync($"SELECT count(*) {FromPending} JOIN {table.Name} t ON {table.OfPartition} AND {table.OfPendingEntity} WHERE {OfPartition} AND NOT {table.Differs}")
            : 0;
        if (unchanged < pending || isOtherRecipe)
        {
            string replaces = isOtherRecipe ? "true" : table.Differs;
            if (before.HasRows)
                await ExecuteAsync(Supersede(table, replaces));
            await ExecuteAsync(Upsert(table, before.HasRows, replaces));
            await ExecuteAsync($"UPDATE grid_partitions SET origin = @origin, dimension = @dimension, first_known_at = coalesce(first_known_at, @now), known_at = @now WHERE {OfKey}");
        }
        await ExecuteAsync("DELETE FROM grid_pending_vectors WHERE job_id = @job");
        return new WriteOutcome(pending - unchanged, unchanged);

        async Task ThrowIfRowsRemainAsync(string oldOrigin, int oldDimension)
        {
            long remaining = await CountAsync($"""
                SELECT count(*) FROM grid_partitions p JOIN {table.Name} t ON {table.OfPartition}
                WHERE {OfPartition} AND NOT EXISTS (SELECT FROM grid_pending_vectors n WHERE n.job_id = @job AND {table.OfPendingEntity})
                """);
            if (remaining == 0)
                return;
            string remedy = $"for {remaining} other rows remain; write all rows of the date at once to change it";
            throw oldDimension != dimension
                ? new BadInputException($"dimension of {key}", dimension, $"{oldDimension}, {remedy}")
                : new BadInputException($"origin of {key}", origin, $"'{oldOrigin}', {remedy}");
        }

        async Task<long> CountAsync(string sql)
        {
            await using var command = Command(sql);
            return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        }

        async Task ExecuteAsync(string sql)
        {
            await using var command = Command(sql);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        NpgsqlCommand Command(string sql)
        {
            var command = new NpgsqlCommand(sql, connection);
            PartitionReader.AddKey(command, key);
            command.Parameters.AddWithValue("job", NpgsqlDbType.Integer, jobId);
            command.Parameters.AddWithValue("origin", NpgsqlDbType.Text, origin);
            command.Parameters.AddWithValue("dimension", NpgsqlDbType.Integer, dimension);
            command.Parameters.AddWithValue("spec", NpgsqlDbType.Text, scope.Spec(key, origin));
            command.Parameters.AddWithValue("now", NpgsqlDbType.TimestampTz, now);
            return command;
        }
    }

    private static string Supersede(VectorTable table, string replaces) => $"""
        INSERT INTO grid_superseded_vectors
            (kind, model_id, as_of_date, scope, entity_id, instrument_id, region, source, origin, vector, vector_crc32c, known_at, superseded_at)
        SELECT p.kind, p.model_id, p.as_of_date, p.scope, n.entity_id, {table.Header.InstrumentId}, {table.Header.Region}, {table.Header.Source}, p.origin,
            t.vector, t.vector_crc32c, {VectorTable.KnownAt}, @now
        {FromPending} JOIN {table.Name} t ON {table.OfPartition} AND {table.OfPendingEntity}
        WHERE {OfPartition} AND {replaces}
        """;

    /// <summary>The upsert. A partition that has rows is joined first, so that exactly the rows which became history are replaced.</summary>
    private static string Upsert(VectorTable table, bool hasRows, string replaces)
    {
        string[] replaced = [.. table.Replaced, "vector", "vector_ref", "known_at", "vector_crc32c"];
        string replacing = string.Join(", ", replaced.Select(column => $"{column} = EXCLUDED.{column}"));
        string stored = hasRows ? $"LEFT JOIN {table.Name} t ON {table.OfPartition} AND {table.OfPendingEntity}" : "";
        // In key order, so that programs which write the tables beside the grid meet its row locks in one order.
        return $"""
            INSERT INTO {table.Name} ({table.Key.Columns}, vector, vector_ref, created_at, known_at, vector_crc32c)
            SELECT {table.Key.Values}, n.vector, NULL, @now, @now, n.vector_crc32c
            {FromPending} {stored}
            WHERE {OfPartition} {(hasRows ? $"AND (t.model_id IS NULL OR {replaces})" : "")}
            ORDER BY n.entity_id
            ON CONFLICT ({table.ConflictKey}) DO UPDATE SET {replacing}
            """;
    }
}
