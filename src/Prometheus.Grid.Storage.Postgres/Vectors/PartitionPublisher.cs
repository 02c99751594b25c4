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
    /// <summary>Publishes within the open transaction of <paramref name="connection"/>; the pending rows are gone afterwards.</summary>
    /// <exception cref="BadInputException">Rows of another origin or dimension would remain beside the new ones.</exception>
    public async Task<WriteOutcome> PublishAsync(
        NpgsqlConnection connection, PartitionKey key, int jobId, int dimension, string origin, CancellationToken cancellationToken)
    {
        var table = VectorTable.Of(key.Kind);
        var write = new PendingWrite(connection, jobId, new VectorPut(key, new VectorBatch([], default, dimension), origin), scope.Spec(key, origin));
        int pending = await write.CountAsync(PublishSql.Pending, cancellationToken);
        if (pending == 0)
            return default;

        var before = await PartitionLock.TakeAsync(connection, database, scope, write.Put, cancellationToken);
        write = write with { Now = before.Now };
        // Where the seed wrote the rows nothing is known of their recipe, and the first write by the grid says what it is.
        bool isOtherRecipe = before.IsOfAnotherRecipe(dimension, origin);
        if (isOtherRecipe)
            ThrowIfRowsRemain(write.Put, before, await write.CountAsync(PublishSql.Remaining(table), cancellationToken));

        int unchanged = before.HasRows ? await write.CountAsync(PublishSql.Unchanged(table), cancellationToken) : 0;
        if (unchanged < pending || isOtherRecipe)
            await ReplaceAsync(write, table, before.HasRows, isOtherRecipe ? "true" : table.Differs, cancellationToken);
        await write.ExecuteAsync(PublishSql.DropPending, cancellationToken);
        return new WriteOutcome(pending - unchanged, unchanged);
    }

    private static async Task ReplaceAsync(PendingWrite write, VectorTable table, bool hasRows, string replaces, CancellationToken cancellationToken)
    {
        if (hasRows && table.HasChangeLog)
            await write.ExecuteAsync(PublishSql.Log(table, replaces), cancellationToken);
        if (hasRows)
            await write.ExecuteAsync(PublishSql.Supersede(table, replaces), cancellationToken);
        await write.ExecuteAsync(PublishSql.Upsert(table, hasRows, replaces), cancellationToken);
        await write.ExecuteAsync(PublishSql.NoteState, cancellationToken);
    }

    private static void ThrowIfRowsRemain(VectorPut put, PartitionLock before, int remaining)
    {
        if (remaining == 0)
            return;
        string remedy = $"for {remaining} other rows remain; write all rows of the date at once to change it";
        throw before.Dimension != put.Rows.Dimension
            ? new BadInputException($"dimension of {put.Key}", put.Rows.Dimension, $"{before.Dimension}, {remedy}")
            : new BadInputException($"origin of {put.Key}", put.Origin, $"'{before.Origin}', {remedy}");
    }

    /// <summary>The pending rows of a job on their way into a partition; knows the parameters that the statements of <see cref="PublishSql"/> share.</summary>
    /// <param name="Connection">Has the transaction.</param>
    /// <param name="JobId">Whose pending rows.</param>
    /// <param name="Put">Partition and recipe; its rows are the pending ones.</param>
    /// <param name="Spec">The recipe as the seed's columns say it.</param>
    private sealed record PendingWrite(NpgsqlConnection Connection, int JobId, VectorPut Put, string Spec)
    {
        /// <summary>The time of the write; unknown until the partition is locked.</summary>
        public DateTime Now { get; init; }

        public async Task<int> CountAsync(string sql, CancellationToken cancellationToken)
        {
            await using var command = Command(sql);
            return (int)(long)(await command.ExecuteScalarAsync(cancellationToken))!;
        }

        public async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
        {
            await using var command = Command(sql);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        private NpgsqlCommand Command(string sql)
        {
            var command = new NpgsqlCommand(sql, Connection);
            PartitionReader.AddKey(command, Put.Key);
            command.Parameters.AddWithValue("job", NpgsqlDbType.Integer, JobId);
            command.Parameters.AddWithValue("origin", NpgsqlDbType.Text, Put.Origin);
            command.Parameters.AddWithValue("dimension", NpgsqlDbType.Integer, Put.Rows.Dimension);
            command.Parameters.AddWithValue("spec", NpgsqlDbType.Text, Spec);
            command.Parameters.AddWithValue("now", NpgsqlDbType.TimestampTz, Now);
            return command;
        }
    }
}
