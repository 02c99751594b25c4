using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Postgres.Schema;

namespace Prometheus.Grid.Storage.Postgres.Vectors;

/// <summary>
/// Backfills under way. A writer holds its job's advisory lock, shared, for as long as it lives; the server lets go of it when the process
/// or the link dies. So whoever gets the lock alone knows that nobody works on the job any more. Writers of the same work share a job:
/// whichever commits a chunk first has committed it for both.
/// </summary>
internal static class JobTable
{
    private const string OfKey = "kind = @kind AND model_id = @model AND as_of_date = @as_of";

    /// <summary>Finds or creates the job of a fingerprint and takes its lock for the session of <paramref name="connection"/>.</summary>
    /// <returns>The job and how many of its chunks are committed.</returns>
    public static async Task<(int JobId, int Chunks)> JoinAsync(
        NpgsqlConnection connection, PartitionKey key, string fingerprint, CancellationToken cancellationToken)
    {
        await DropDeadAsync(connection, $"{OfKey} AND (fingerprint <> @fingerprint OR completed_at IS NOT NULL)", Parameters, cancellationToken);
        while (true)
        {
            await ExecuteAsync(
                connection,
                """
                INSERT INTO grid_jobs (kind, model_id, as_of_date, fingerprint) VALUES (@kind, @model, @as_of, @fingerprint)
                ON CONFLICT (kind, model_id, as_of_date, fingerprint) WHERE completed_at IS NULL DO NOTHING
                """,
                Parameters,
                cancellationToken);
            int? jobId = (int?)await ScalarAsync(
                connection, $"SELECT job_id FROM grid_jobs WHERE {OfKey} AND fingerprint = @fingerprint AND completed_at IS NULL", Parameters, cancellationToken);
            // Between these statements another writer may have completed the job, or somebody dropped it for dead.
            if (jobId is { } id && await TryTakeAsync(connection, id, cancellationToken) is { } chunks)
                return (id, chunks);
        }

        void Parameters(NpgsqlCommand command)
        {
            PartitionReader.AddKey(command, key);
            command.Parameters.AddWithValue("fingerprint", NpgsqlDbType.Text, fingerprint);
        }
    }

    /// <summary>Takes the lock of a job; null when the job is gone, else how many of its chunks are committed.</summary>
    public static async Task<int?> TryTakeAsync(NpgsqlConnection connection, int jobId, CancellationToken cancellationToken)
    {
        await ExecuteAsync(connection, $"SELECT pg_advisory_lock_shared({SchemaMigrator.LockClass}, @job)", Job(jobId), cancellationToken);
        object? chunks = await ScalarAsync(
            connection,
            "SELECT (SELECT count(*)::integer FROM grid_job_chunks c WHERE c.job_id = j.job_id) FROM grid_jobs j WHERE j.job_id = @job",
            Job(jobId),
            cancellationToken);
        if (chunks is int count)
            return count;
        await LetGoAsync(connection, jobId, cancellationToken);
        return null;
    }

    /// <summary>Gives the lock of a job back.</summary>
    public static Task LetGoAsync(NpgsqlConnection connection, int jobId, CancellationToken cancellationToken) =>
        ExecuteAsync(connection, $"SELECT pg_advisory_unlock_shared({SchemaMigrator.LockClass}, @job)", Job(jobId), cancellationToken);

    /// <summary>Creates a job that lives and dies in the transaction under way.</summary>
    public static async Task<int> CreateAsync(NpgsqlConnection connection, PartitionKey key, CancellationToken cancellationToken) =>
        (int)(await ScalarAsync(
            connection,
            "INSERT INTO grid_jobs (kind, model_id, as_of_date, fingerprint, completed_at) VALUES (@kind, @model, @as_of, '', now()) RETURNING job_id",
            command => PartitionReader.AddKey(command, key),
            cancellationToken))!;

    /// <summary>Notes a chunk and whom it passed over. Throws a unique violation when it is committed already.</summary>
    public static Task NoteChunkAsync(
        NpgsqlConnection connection, int jobId, int chunk, IReadOnlyList<SkippedEntity> skipped, CancellationToken cancellationToken)
    {
        string json = JsonSerializer.Serialize(skipped.Select(skip => new[] { skip.EntityId, skip.Reason.Code, skip.Reason.Detail }));
        return ExecuteAsync(
            connection,
            "INSERT INTO grid_job_chunks (job_id, chunk, skipped) VALUES (@job, @chunk, @skipped)",
            command =>
            {
                Job(jobId)(command);
                command.Parameters.AddWithValue("chunk", NpgsqlDbType.Integer, chunk);
                command.Parameters.AddWithValue("skipped", NpgsqlDbType.Jsonb, json);
            },
            cancellationToken);
    }

    /// <summary>Everyone whom the chunks of a job passed over, in the order of the chunks.</summary>
    public static async Task<IReadOnlyList<SkippedEntity>> SkippedAsync(NpgsqlConnection connection, int jobId, CancellationToken cancellationToken)
    {
        var skipped = new List<SkippedEntity>();
        await using var command = Command(connection, "SELECT skipped FROM grid_job_chunks WHERE job_id = @job ORDER BY chunk", Job(jobId));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            foreach (string[] skip in JsonSerializer.Deserialize<string[][]>(reader.GetString(0))!)
                skipped.Add(new SkippedEntity(skip[0], new SkipReason(skip[1], skip[2])));
        }
        return skipped;
    }

    /// <summary>Locks the row of a job; null when it is gone, and its outcome when another writer has completed it.</summary>
    public static async Task<(bool IsComplete, WriteOutcome Outcome)?> LockAsync(NpgsqlConnection connection, int jobId, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, "SELECT completed_at IS NOT NULL, written, unchanged FROM grid_jobs WHERE job_id = @job FOR UPDATE", Job(jobId));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            return null;
        return reader.GetBoolean(0) ? (true, new WriteOutcome(reader.GetInt32(1), reader.GetInt32(2))) : (false, default);
    }

    /// <summary>Marks a job as complete. It stays, so that a writer which did not hear of the commit can ask what came of it.</summary>
    public static Task CompleteAsync(NpgsqlConnection connection, int jobId, WriteOutcome outcome, CancellationToken cancellationToken) => ExecuteAsync(
        connection,
        "UPDATE grid_jobs SET completed_at = clock_timestamp(), written = @written, unchanged = @unchanged WHERE job_id = @job",
        command =>
        {
            Job(jobId)(command);
            command.Parameters.AddWithValue("written", NpgsqlDbType.Integer, outcome.Written);
            command.Parameters.AddWithValue("unchanged", NpgsqlDbType.Integer, outcome.Unchanged);
        },
        cancellationToken);

    /// <summary>Drops jobs that fulfil a condition and on which nobody works, with their pending rows.</summary>
    public static async Task<int> DropDeadAsync(
        NpgsqlConnection connection, string condition, Action<NpgsqlCommand> parameters, CancellationToken cancellationToken)
    {
        // A lost drop is found by the next one, so nobody waits for the disk. The inner query is fenced off: locks are tried on its rows only.
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = Command(
            connection,
            $"""
            SET LOCAL synchronous_commit = off;
            WITH candidates AS MATERIALIZED (SELECT job_id FROM grid_jobs WHERE {condition}),
            dead AS (DELETE FROM grid_jobs USING candidates c WHERE grid_jobs.job_id = c.job_id AND pg_try_advisory_xact_lock({SchemaMigrator.LockClass}, c.job_id) RETURNING c.job_id)
            DELETE FROM grid_pending_vectors USING dead WHERE grid_pending_vectors.job_id = dead.job_id
            """,
            parameters);
        int dropped = await command.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return dropped;
    }

    /// <summary>The parameter that names a job.</summary>
    public static Action<NpgsqlCommand> Job(int jobId) => command => command.Parameters.AddWithValue("job", NpgsqlDbType.Integer, jobId);

    /// <summary>Runs a statement in the transaction of the connection.</summary>
    public static async Task ExecuteAsync(NpgsqlConnection connection, string sql, Action<NpgsqlCommand> parameters, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, sql, parameters);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<object?> ScalarAsync(
        NpgsqlConnection connection, string sql, Action<NpgsqlCommand> parameters, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, sql, parameters);
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, Action<NpgsqlCommand> parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        parameters(command);
        return command;
    }
}
