using System.Data;
using Npgsql;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Postgres.Connections;

namespace Prometheus.Grid.Storage.Postgres.Vectors;

/// <summary>
/// Writes one partition. Chunks are copied into the staging table, each with its watermark in one transaction; completing publishes them
/// all at once. After a lost connection every step can be taken again: a chunk's key and the job's state say what was committed.
/// </summary>
internal sealed class PostgresPartitionWriter : IPartitionWriter
{
    private readonly Database _database;
    private readonly PartitionPublisher _publisher;
    private readonly PartitionKey _key;
    private readonly int _dimension;
    private readonly string _origin;
    private readonly int _jobId;
    private NpgsqlConnection? _connection;
    private int _nextChunk;
    private string? _lastEntityId;
    private bool _isComplete;

    private PostgresPartitionWriter(
        Database database, PartitionPublisher publisher, PartitionKey key, int dimension, string origin, NpgsqlConnection connection, int jobId, int chunks)
    {
        _database = database;
        _publisher = publisher;
        _key = key;
        _dimension = dimension;
        _origin = origin;
        _connection = connection;
        _jobId = jobId;
        CommittedChunks = _nextChunk = chunks;
    }

    /// <inheritdoc/>
    public int CommittedChunks { get; }

    /// <summary>Begins or takes up work on a partition.</summary>
    public static Task<PostgresPartitionWriter> BeginAsync(
        Database database, PartitionPublisher publisher, PartitionKey key, int dimension, string origin, string fingerprint, CancellationToken cancellationToken) =>
        database.RunAsync(
            $"cannot begin to write {key}",
            async token =>
            {
                var connection = await database.ConnectAsync(token);
                try
                {
                    (int jobId, int chunks) = await JobTable.JoinAsync(connection, key, fingerprint, token);
                    return new PostgresPartitionWriter(database, publisher, key, dimension, origin, connection, jobId, chunks);
                }
                catch
                {
                    await connection.DisposeAsync();
                    throw;
                }
            },
            cancellationToken);

    /// <inheritdoc/>
    public async Task CommitAsync(VectorBatch rows, IReadOnlyList<SkippedEntity> skipped, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isComplete, this);
        PendingRows.Check(rows, _dimension);
        if (rows.Count > 0 && string.CompareOrdinal(_lastEntityId, rows.Headers[0].EntityId) >= 0)
            throw new ArgumentException($"'{rows.Headers[0].EntityId}' does not follow '{_lastEntityId}' of the chunk before", nameof(rows));
        await RunAsync(
            async (connection, token) =>
            {
                try
                {
                    await using var transaction = await connection.BeginTransactionAsync(token);
                    await JobTable.NoteChunkAsync(connection, _jobId, _nextChunk, skipped, token);
                    await PendingRows.CopyAsync(connection, _jobId, rows, token);
                    await transaction.CommitAsync(token);
                }
                catch (PostgresException error) when (error is { SqlState: PostgresErrorCodes.UniqueViolation, TableName: "grid_job_chunks" })
                {
                    // Committed before: by us, when the answer was lost, or by another writer of the same work.
                }
                return true;
            },
            cancellationToken);
        _nextChunk++;
        _lastEntityId = rows.Count > 0 ? rows.Headers[^1].EntityId : _lastEntityId;
    }

    /// <inheritdoc/>
    public async Task<(WriteOutcome Outcome, IReadOnlyList<SkippedEntity> Skipped)> CompleteAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isComplete, this);
        (WriteOutcome Outcome, IReadOnlyList<SkippedEntity> Skipped) result = await RunAsync(
            async (connection, token) =>
            {
                await using var transaction = await connection.BeginTransactionAsync(token);
                (bool isComplete, var outcome) = await JobTable.LockAsync(connection, _jobId, token) ?? throw Dropped();
                var skipped = await JobTable.SkippedAsync(connection, _jobId, token);
                if (!isComplete)
                {
                    outcome = await _publisher.PublishAsync(connection, _key, _jobId, _dimension, _origin, token);
                    await JobTable.CompleteAsync(connection, _jobId, outcome, token);
                }
                await transaction.CommitAsync(token);
                return (outcome, skipped);
            },
            cancellationToken);
        _isComplete = true;
        return result;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_connection is not { } connection)
            return;
        _connection = null;
        await using (connection)
        {
            try
            {
                // A connection goes back to the pool with its session alive; what the session holds must be given back by name.
                await JobTable.LetGoAsync(connection, _jobId, CancellationToken.None);
                if (_isComplete || _nextChunk == 0)
                    await JobTable.DropDeadAsync(connection, "job_id = @job", JobTable.Job(_jobId), CancellationToken.None);
            }
            catch (NpgsqlException)
            {
                // The server is away, and the lock with it; the next writer or a vacuum drops the job.
            }
        }
    }

    private Task<T> RunAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken) => _database.RunAsync(
        $"cannot write {_key}",
        async token =>
        {
            try
            {
                _connection ??= await ReconnectAsync(token);
                return await work(_connection, token);
            }
            catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.ForeignKeyViolation)
            {
                throw Dropped();
            }
            catch when (_connection is { State: not ConnectionState.Open } lost)
            {
                _connection = null;
                await lost.DisposeAsync();
                throw;
            }
        },
        cancellationToken);

    private async Task<NpgsqlConnection> ReconnectAsync(CancellationToken cancellationToken)
    {
        var connection = await _database.ConnectAsync(cancellationToken);
        try
        {
            // A server with synchronous_commit = off may have forgotten chunks that it acknowledged; to go on would leave a gap.
            int? chunks = await JobTable.TryTakeAsync(connection, _jobId, cancellationToken);
            return chunks >= _nextChunk ? connection : throw Dropped();
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    // Only while the connection is lost can others take the job for dead.
    private GridFaultException Dropped() => new(
        $"cannot write {_key}: while the connection to Postgres {_database.Name} was lost, unfinished work was dropped (by another backfill of the date, or by a server that forgets acknowledged commits); run it again",
        canRetry: true);
}
