using System.Runtime.CompilerServices;
using Npgsql;
using NpgsqlTypes;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Postgres.Connections;

namespace Prometheus.Grid.Storage.Postgres.Vectors;

/// <summary>Vectors in the seed's tables; docs/postgres.md describes them and what the grid keeps beside them.</summary>
internal sealed class PostgresVectorStore(Database database, ModelCatalog catalog) : IVectorStore
{
    private readonly PartitionScope _scope = new(catalog);

    private PartitionReader Reader => new(database, _scope);

    private DirectPut Direct => new(database, _scope);

    private PartitionPublisher Publisher => new(_scope, database);

    /// <inheritdoc/>
    public Task<VectorPartition?> ReadAsync(
        PartitionKey key, IReadOnlyCollection<string>? entityIds, DateTimeOffset? asKnown, CancellationToken cancellationToken) =>
        Reader.ReadAsync(key, entityIds, asKnown, cancellationToken);

    /// <inheritdoc/>
    public Task<VectorChanges?> ReadChangesAsync(PartitionKey key, EntityBuckets buckets, string? since, CancellationToken cancellationToken) =>
        Reader.ReadChangesAsync(key, buckets, since, cancellationToken);

    /// <inheritdoc/>
    public Task<string?> VersionAsync(PartitionKey key, CancellationToken cancellationToken) => Reader.VersionAsync(key, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string?>> VersionsAsync(IReadOnlyList<PartitionKey> keys, CancellationToken cancellationToken) =>
        Reader.VersionsAsync(keys, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PartitionKey>> ListAsync(BranchKind? kind, string? modelId, CancellationToken cancellationToken) =>
        database.RunAsync<IReadOnlyList<PartitionKey>>(
            "cannot list vectors",
            async (connection, token) =>
            {
                await using var command = new NpgsqlCommand(
                    """
                    SELECT kind, model_id, as_of_date FROM grid_partitions
                    WHERE known_at IS NOT NULL AND (@kind IS NULL OR kind = @kind) AND (@model IS NULL OR model_id = @model)
                    """,
                    connection);
                command.Parameters.AddWithValue("kind", NpgsqlDbType.Text, (object?)kind?.ToString().ToLowerInvariant() ?? DBNull.Value);
                command.Parameters.AddWithValue("model", NpgsqlDbType.Text, (object?)modelId ?? DBNull.Value);
                var keys = new List<PartitionKey>();
                await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(token);
                while (await reader.ReadAsync(token))
                    keys.Add(new PartitionKey(Enum.Parse<BranchKind>(reader.GetString(0), ignoreCase: true), reader.GetString(1), reader.GetFieldValue<DateOnly>(2)));
                return [.. keys.OrderBy(key => key.Kind).ThenBy(key => key.ModelId, StringComparer.Ordinal).ThenBy(key => key.AsOf)];
            },
            cancellationToken);

    /// <inheritdoc/>
    public async Task<IPartitionWriter> BeginAsync(
        PartitionKey key, int dimension, string origin, string fingerprint, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        _scope.Of(key);
        return await PartitionWriter.BeginAsync(database, Publisher, key, dimension, origin, fingerprint, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<WriteOutcome> PutAsync(PartitionKey key, VectorBatch rows, string origin, CancellationToken cancellationToken)
    {
        IReadOnlySet<string> changed = await WriteAsync(key, rows, origin, cancellationToken);
        return Outcome(rows, changed.Count);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<WriteOutcome>> PutTogetherAsync(
        PartitionKey key, IReadOnlyList<VectorBatch> puts, string origin, CancellationToken cancellationToken)
    {
        if (puts.Count == 1)
            return [await PutAsync(key, puts[0], origin, cancellationToken)];
        IReadOnlySet<string> changed = await WriteAsync(key, VectorBatch.Merge(puts), origin, cancellationToken);
        return [.. puts.Select(put => Outcome(put, put.Headers.Count(header => changed.Contains(header.EntityId))))];
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoreFinding> VerifyAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (PartitionKey key in await ListAsync(null, null, cancellationToken))
        {
            yield return await database.RunAsync(
                $"cannot verify {key}", (connection, token) => PartitionCheck.RunAsync(connection, key, token), cancellationToken);
        }
    }

    /// <inheritdoc/>
    public Task<VacuumOutcome> VacuumAsync(DateTimeOffset olderThan, CancellationToken cancellationToken) => database.RunAsync(
        "cannot vacuum", (connection, token) => HistoryVacuum.RunAsync(connection, olderThan, token), cancellationToken);

    /// <summary>Writes rows in one transaction.</summary>
    /// <returns>The entities whose rows are new or changed.</returns>
    private async Task<IReadOnlySet<string>> WriteAsync(PartitionKey key, VectorBatch rows, string origin, CancellationToken cancellationToken)
    {
        _scope.Of(key);
        PendingRows.Check(rows, rows.Dimension);
        int attempts = 0;
        return await database.RunAsync(
            $"cannot write {key}",
            async (connection, token) =>
            {
                attempts++;
                IReadOnlySet<string> changed = await Direct.TryPutAsync(connection, key, rows, origin, token)
                    ?? await PublishAsync(connection, key, rows, origin, token);
                // A commit whose answer was lost leaves the rows unchanged for the next attempt. They count as written: a caller who
                // is told of a change in vain does some work in vain, one who is not told of a change misses it.
                return attempts > 1 ? AllOf(rows) : changed;
            },
            cancellationToken);
    }

    /// <summary>The way through the staging table, for a change of recipe, which all rows take part in.</summary>
    private async Task<IReadOnlySet<string>> PublishAsync(
        NpgsqlConnection connection, PartitionKey key, VectorBatch rows, string origin, CancellationToken cancellationToken)
    {
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken);
        int jobId = await JobTable.CreateAsync(connection, key, cancellationToken);
        await PendingRows.CopyAsync(connection, jobId, rows, cancellationToken);
        WriteOutcome outcome = await Publisher.PublishAsync(connection, key, jobId, rows.Dimension, origin, cancellationToken);
        await JobTable.ExecuteAsync(connection, "DELETE FROM grid_jobs WHERE job_id = @job", JobTable.Job(jobId), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return outcome.Written > 0 ? AllOf(rows) : new HashSet<string>();
    }

    private static WriteOutcome Outcome(VectorBatch rows, int changed) => new(changed, rows.Count - changed);

    private static HashSet<string> AllOf(VectorBatch rows) => [.. rows.Headers.Select(header => header.EntityId)];
}
