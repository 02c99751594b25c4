using Npgsql;
using NpgsqlTypes;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Storage.Postgres.Vectors;

/// <summary>Drops history and leftovers. What is dropped is noted at its partition, so that a question about it is refused, not answered wrongly.</summary>
internal static class HistoryVacuum
{
    // Counted before the rows go; the note is the latest moment at which a dropped row was still in an answer.
    private const string Drop = """
        WITH dropped AS (
            DELETE FROM grid_superseded_vectors WHERE superseded_at < @older_than
            RETURNING kind, model_id, as_of_date, superseded_at, coalesce(octet_length(vector), 0) AS bytes
        ), noted AS (
            UPDATE grid_partitions p SET history_since = greatest(p.history_since, d.superseded_at)
            FROM (SELECT kind, model_id, as_of_date, max(superseded_at) AS superseded_at FROM dropped GROUP BY 1, 2, 3) d
            WHERE p.kind = d.kind AND p.model_id = d.model_id AND p.as_of_date = d.as_of_date
        )
        SELECT count(*)::integer, coalesce(sum(bytes), 0)::bigint FROM dropped
        """;

    // The sum stays what it was, so no version of an input changes.
    private const string AddUpChanges = """
        WITH noted AS (DELETE FROM grid_input_changes RETURNING table_name, changes)
        INSERT INTO grid_input_changes (table_name, changes) SELECT table_name, sum(changes) FROM noted GROUP BY table_name
        """;

    // Who holds rows from before this reads them all again.
    private const string DropLog = "DELETE FROM grid_joint_changes WHERE known_at < @older_than";

    /// <summary>Drops what was superseded before <paramref name="olderThan"/>, and jobs on which nobody works.</summary>
    public static async Task<VacuumOutcome> RunAsync(NpgsqlConnection connection, DateTimeOffset olderThan, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        VacuumOutcome outcome;
        await using (var drop = new NpgsqlCommand(Drop, connection) { CommandTimeout = 0 })
        {
            drop.Parameters.AddWithValue("older_than", NpgsqlDbType.TimestampTz, olderThan.ToUniversalTime());
            await using var reader = await drop.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            outcome = new VacuumOutcome(reader.GetInt32(0), reader.GetInt64(1));
        }
        await JobTable.ExecuteAsync(connection, AddUpChanges, _ => { }, cancellationToken);
        await JobTable.ExecuteAsync(
            connection,
            DropLog,
            command => command.Parameters.AddWithValue("older_than", NpgsqlDbType.TimestampTz, olderThan.ToUniversalTime()),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await JobTable.DropDeadAsync(connection, "true", _ => { }, cancellationToken);
        return outcome;
    }
}
