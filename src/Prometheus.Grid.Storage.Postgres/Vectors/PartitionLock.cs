using Npgsql;
using NpgsqlTypes;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Postgres.Connections;

namespace Prometheus.Grid.Storage.Postgres.Vectors;

/// <summary>
/// The lock at which writers of a partition queue, held to the end of their transaction, and what it found there.
/// </summary>
/// <param name="Origin">The recipe of the rows; null where the seed did not record it.</param>
/// <param name="Dimension">Length of the vectors.</param>
/// <param name="HasRows">False when this is the first write.</param>
/// <param name="Now">The time of this write: later than any before it.</param>
internal sealed record PartitionLock(string? Origin, int Dimension, bool HasRows, DateTime Now)
{
    private const string Lock = """
        SELECT origin, dimension, known_at IS NOT NULL, greatest(coalesce(@clock, clock_timestamp()), known_at + interval '1 microsecond')
        FROM grid_partitions WHERE kind = @kind AND model_id = @model AND as_of_date = @as_of FOR UPDATE
        """;

    private const string Enter = """
        INSERT INTO grid_partitions (kind, model_id, as_of_date, scope, origin, dimension)
        VALUES (@kind, @model, @as_of, @scope, @origin, @dimension) ON CONFLICT DO NOTHING
        """;

    /// <summary>Takes the lock, and enters the partition if it is new. The fence is asked in the same trip, behind the lock.</summary>
    /// <param name="connection">A connection within a transaction, or about to begin one.</param>
    /// <param name="database">Clock and fence.</param>
    /// <param name="key">The partition.</param>
    /// <param name="scope">Of its rows, where it is new; as are <paramref name="dimension"/> and <paramref name="origin"/>.</param>
    /// <param name="dimension">Length of the vectors.</param>
    /// <param name="origin">Their recipe.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="begins">Begins the transaction in the same trip.</param>
    /// <exception cref="GridFaultException">The fence refuses.</exception>
    public static async Task<PartitionLock> TakeAsync(
        NpgsqlConnection connection, Database database, PartitionKey key, string scope, int dimension, string origin, CancellationToken cancellationToken, bool begins = false)
    {
        if (await TryTakeAsync(connection, database, key, begins, cancellationToken) is { } known)
            return known;
        await using var enter = new NpgsqlCommand(Enter, connection);
        PartitionReader.AddKey(enter, key);
        enter.Parameters.AddWithValue("scope", NpgsqlDbType.Text, scope);
        enter.Parameters.AddWithValue("origin", NpgsqlDbType.Text, origin);
        enter.Parameters.AddWithValue("dimension", NpgsqlDbType.Integer, dimension);
        await enter.ExecuteNonQueryAsync(cancellationToken);
        return (await TryTakeAsync(connection, database, key, begins: false, cancellationToken))!;
    }

    private static async Task<PartitionLock?> TryTakeAsync(
        NpgsqlConnection connection, Database database, PartitionKey key, bool begins, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        if (begins)
            batch.BatchCommands.Add(new NpgsqlBatchCommand("BEGIN"));
        var take = new NpgsqlBatchCommand(Lock);
        PartitionReader.AddKey(take.Parameters, key);
        take.Parameters.AddWithValue("clock", NpgsqlDbType.TimestampTz, database.Clock is { } clock ? clock.GetUtcNow() : DBNull.Value);
        batch.BatchCommands.Add(take);
        if (database.Fence?.Question() is { } question)
            batch.BatchCommands.Add(question);
        await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync(cancellationToken);
        PartitionLock? taken = await reader.ReadAsync(cancellationToken)
            ? new PartitionLock(reader.IsDBNull(0) ? null : reader.GetString(0), reader.GetInt32(1), reader.GetBoolean(2), reader.GetDateTime(3))
            : null;
        if (await reader.NextResultAsync(cancellationToken) && await reader.ReadAsync(cancellationToken) && !reader.GetBoolean(0))
            throw database.Fence!.Refusal();
        return taken;
    }
}
