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

    /// <summary>True when rows of this recipe cannot stand beside those that are there.</summary>
    public bool IsOfAnotherRecipe(int dimension, string origin) => HasRows && ((Origin ?? origin) != origin || Dimension != dimension);

    /// <summary>Takes the lock of a partition within a transaction, and enters the partition if it is new. The fence is asked behind the lock.</summary>
    /// <exception cref="GridFaultException">The fence refuses.</exception>
    public static async Task<PartitionLock> TakeAsync(
        NpgsqlConnection connection, Database database, PartitionScope scope, VectorPut put, CancellationToken cancellationToken) =>
        (await TakeAsync(connection, database, scope, [put], begins: false, cancellationToken))[0];

    /// <summary>Begins a transaction and takes the locks of some partitions, in one trip where all of them exist.</summary>
    /// <param name="connection">A connection without a transaction.</param>
    /// <param name="database">Clock and fence.</param>
    /// <param name="scope">What new partitions are entered with, beside the recipe of their rows.</param>
    /// <param name="puts">The partitions, in the one order of all writers.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="GridFaultException">The fence refuses.</exception>
    public static Task<IReadOnlyList<PartitionLock>> BeginAsync(
        NpgsqlConnection connection, Database database, PartitionScope scope, IReadOnlyList<VectorPut> puts, CancellationToken cancellationToken) =>
        TakeAsync(connection, database, scope, puts, begins: true, cancellationToken);

    private static async Task<IReadOnlyList<PartitionLock>> TakeAsync(
        NpgsqlConnection connection, Database database, PartitionScope scope, IReadOnlyList<VectorPut> puts, bool begins, CancellationToken cancellationToken)
    {
        var locks = await TryTakeAsync(connection, database, [.. puts.Select(put => put.Key)], begins, cancellationToken);
        for (int i = 0; i < locks.Length; i++)
        {
            if (locks[i] is not null)
                continue;
            var put = puts[i];
            await using var enter = new NpgsqlCommand(Enter, connection);
            PartitionReader.AddKey(enter, put.Key);
            enter.Parameters.AddWithValue("scope", NpgsqlDbType.Text, scope.Of(put.Key));
            enter.Parameters.AddWithValue("origin", NpgsqlDbType.Text, put.Origin);
            enter.Parameters.AddWithValue("dimension", NpgsqlDbType.Integer, put.Rows.Dimension);
            await enter.ExecuteNonQueryAsync(cancellationToken);
            locks[i] = (await TryTakeAsync(connection, database, [put.Key], begins: false, cancellationToken))[0];
        }
        return locks!;
    }

    /// <summary>The statements that take the locks of partitions and ask the fence behind them, to be read by <see cref="ReadAsync"/>.</summary>
    /// <param name="database">Clock and fence.</param>
    /// <param name="keys">The partitions, in the one order of all writers.</param>
    /// <param name="begins">Whether they begin a transaction.</param>
    public static IEnumerable<NpgsqlBatchCommand> Take(Database database, IReadOnlyList<PartitionKey> keys, bool begins)
    {
        if (begins)
            yield return new NpgsqlBatchCommand("BEGIN");
        foreach (var key in keys)
        {
            var take = new NpgsqlBatchCommand(Lock);
            PartitionReader.AddKey(take.Parameters, key);
            take.Parameters.AddWithValue("clock", NpgsqlDbType.TimestampTz, database.Clock is { } clock ? clock.GetUtcNow() : DBNull.Value);
            yield return take;
        }
        if (database.Fence?.Question() is { } question)
            yield return question;
    }

    /// <summary>Reads the answers to <see cref="Take"/>, up to the one behind them.</summary>
    /// <returns>The locks; null for a partition that does not exist.</returns>
    /// <exception cref="GridFaultException">The fence refuses.</exception>
    public static async Task<PartitionLock?[]> ReadAsync(NpgsqlDataReader reader, Database database, int partitions, CancellationToken cancellationToken)
    {
        var locks = new PartitionLock?[partitions];
        for (int i = 0; i < locks.Length; i++)
        {
            if (await reader.ReadAsync(cancellationToken))
                locks[i] = new PartitionLock(reader.IsDBNull(0) ? null : reader.GetString(0), reader.GetInt32(1), reader.GetBoolean(2), reader.GetDateTime(3));
            await reader.NextResultAsync(cancellationToken);
        }
        if (database.Fence?.Question() is not null)
        {
            if (await reader.ReadAsync(cancellationToken) && !reader.GetBoolean(0))
                throw database.Fence.Refusal();
            await reader.NextResultAsync(cancellationToken);
        }
        return locks;
    }

    private static async Task<PartitionLock?[]> TryTakeAsync(
        NpgsqlConnection connection, Database database, IReadOnlyList<PartitionKey> keys, bool begins, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var command in Take(database, keys, begins))
            batch.BatchCommands.Add(command);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return await ReadAsync(reader, database, keys.Count, cancellationToken);
    }
}
