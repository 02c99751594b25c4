using System.Runtime.CompilerServices;
using Npgsql;
using NpgsqlTypes;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Postgres.Connections;

namespace Prometheus.Grid.Storage.Postgres.Vectors;

/// <summary>Vectors in the seed's tables; docs/postgres.md describes them and what the grid keeps beside them.</summary>
internal sealed class PostgresVectorStore(Database database, ModelCatalog catalog) : IVectorStore, IBucketStore
{
    private readonly PartitionScope _scope = new(catalog);
    private readonly BucketReader _buckets = new(database, new PartitionScope(catalog));

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
    public Task<VectorPartition?> ReadBucketAsync(PartitionKey key, int bucket, int count, IRowSink sink, CancellationToken cancellationToken) =>
        _buckets.ReadAsync(key, bucket, count, sink, cancellationToken);

    /// <inheritdoc/>
    public Task<VectorChanges?> ReadChangedAsync(PartitionKey key, EntityBuckets buckets, string since, CancellationToken cancellationToken) =>
        Reader.ReadChangedAsync(key, buckets, since, cancellationToken);

    /// <inheritdoc/>
    public Task<string> HistoryAsync(CancellationToken cancellationToken) => DatabaseHistory.ReadAsync(database, cancellationToken);

    /// <inheritdoc/>
    public async Task<string?> VersionAsync(PartitionKey key, CancellationToken cancellationToken) =>
        (await HeadersAsync([key], cancellationToken))[0]?.Version;

    /// <inheritdoc/>
    public Task<IReadOnlyList<VectorPartition?>> HeadersAsync(IReadOnlyList<PartitionKey> keys, CancellationToken cancellationToken) =>
        Reader.HeadersAsync(keys, cancellationToken);

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
                await using var reader = await command.ExecuteReaderAsync(token);
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
        return await PostgresPartitionWriter.BeginAsync(database, Publisher, key, dimension, origin, fingerprint, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<WriteOutcome> PutAsync(PartitionKey key, VectorBatch rows, string origin, CancellationToken cancellationToken) =>
        (await PutTogetherAsync([new VectorPut(key, rows, origin)], cancellationToken))[0];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<WriteOutcome>> PutTogetherAsync(IReadOnlyList<VectorPut> puts, CancellationToken cancellationToken) =>
        (await PutTogetherAsync(puts, [], PublishAsync, cancellationToken))!;

    /// <inheritdoc/>
    public Task<IReadOnlyList<WriteOutcome>?> TryPutTogetherAsync(
        IReadOnlyList<VectorPut> puts, IReadOnlyList<PartitionRecipe> expected, CancellationToken cancellationToken) =>
        PutTogetherAsync(puts, expected, (_, _, _) => Task.FromResult<IReadOnlyDictionary<PartitionKey, IReadOnlySet<string>>?>(null), cancellationToken);

    /// <summary>Puts, and takes another way where partitions are not of these recipes.</summary>
    private async Task<IReadOnlyList<WriteOutcome>?> PutTogetherAsync(
        IReadOnlyList<VectorPut> puts,
        IReadOnlyList<PartitionRecipe> expected,
        Func<NpgsqlConnection, IReadOnlyList<VectorPut>, CancellationToken, Task<IReadOnlyDictionary<PartitionKey, IReadOnlySet<string>>?>> putOtherRecipe,
        CancellationToken cancellationToken)
    {
        // In one order for all writers, so that none waits for another that waits for it.
        VectorPut[] merged =
        [
            .. puts.GroupBy(put => put.Key).Select(Merge)
                .OrderBy(put => put.Key.Kind).ThenBy(put => put.Key.ModelId, StringComparer.Ordinal).ThenBy(put => put.Key.AsOf),
        ];
        foreach (var put in merged)
        {
            _scope.Of(put.Key);
            PendingRows.Check(put.Rows, put.Rows.Dimension);
        }
        int attempts = 0;
        IReadOnlyDictionary<PartitionKey, IReadOnlySet<string>>? changed = await database.RunAsync(
            $"cannot write {string.Join(" and ", merged.Select(put => put.Key))}",
            async (connection, token) =>
            {
                attempts++;
                var changed = await Direct.TryPutAsync(connection, merged, expected, token) ?? await putOtherRecipe(connection, merged, token);
                // A commit whose answer was lost leaves the rows unchanged for the next attempt. They count as written: a caller who
                // is told of a change in vain does some work in vain, one who is not told of a change misses it.
                return attempts > 1 && changed is not null ? merged.ToDictionary(put => put.Key, AllOf) : changed;
            },
            cancellationToken);
        return changed is null ? null : [.. puts.Select(Outcome)];

        WriteOutcome Outcome(VectorPut put)
        {
            int written = put.Rows.Headers.Count(header => changed[put.Key].Contains(header.EntityId));
            return new WriteOutcome(written, put.Rows.Count - written);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoreFinding> VerifyAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var key in await ListAsync(null, null, cancellationToken))
        {
            yield return await database.RunAsync(
                $"cannot verify {key}", (connection, token) => PartitionCheck.RunAsync(connection, key, token), cancellationToken);
        }
    }

    /// <inheritdoc/>
    public Task<VacuumOutcome> VacuumAsync(DateTimeOffset olderThan, CancellationToken cancellationToken) => database.RunAsync(
        "cannot vacuum", (connection, token) => HistoryVacuum.RunAsync(connection, olderThan, token), cancellationToken);

    private static VectorPut Merge(IGrouping<PartitionKey, VectorPut> puts)
    {
        VectorPut[] all = [.. puts];
        if (all.Any(put => put.Origin != all[0].Origin))
            throw new ArgumentException($"puts of several recipes into {puts.Key}", nameof(puts));
        return all is [var only] ? only : all[0] with { Rows = VectorBatch.Merge([.. all.Select(put => put.Rows)]) };
    }

    /// <summary>The way through the staging table, for a change of recipe, which all rows of a partition take part in: a transaction each.</summary>
    private async Task<IReadOnlyDictionary<PartitionKey, IReadOnlySet<string>>?> PublishAsync(
        NpgsqlConnection connection, IReadOnlyList<VectorPut> puts, CancellationToken cancellationToken)
    {
        var changed = new Dictionary<PartitionKey, IReadOnlySet<string>>();
        foreach (var put in puts)
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            int jobId = await JobTable.CreateAsync(connection, put.Key, cancellationToken);
            await PendingRows.CopyAsync(connection, jobId, put.Rows, cancellationToken);
            var outcome = await Publisher.PublishAsync(connection, put.Key, jobId, put.Rows.Dimension, put.Origin, cancellationToken);
            await JobTable.ExecuteAsync(connection, "DELETE FROM grid_jobs WHERE job_id = @job", JobTable.Job(jobId), cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            changed[put.Key] = outcome.Written > 0 ? AllOf(put) : new HashSet<string>();
        }
        return changed;
    }

    private static IReadOnlySet<string> AllOf(VectorPut put) => put.Rows.Headers.Select(header => header.EntityId).ToHashSet(StringComparer.Ordinal);
}
