using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Postgres.Connections;

namespace Prometheus.Grid.Storage.Postgres.Vectors;

/// <summary>Reads partitions, now or as they were known. Each read is one statement and so one snapshot of the database.</summary>
internal sealed class PartitionReader(Database database, PartitionScope scope)
{
    /// <summary>See <see cref="IVectorStore.ReadAsync"/>.</summary>
    public Task<VectorPartition?> ReadAsync(
        PartitionKey key, IReadOnlyCollection<string>? entityIds, DateTimeOffset? asKnown, CancellationToken cancellationToken) =>
        database.RunAsync(
            $"cannot read {key}",
            async (connection, token) =>
            {
                var table = VectorTable.Of(key.Kind);
                await using var command = new NpgsqlCommand(Statement(table, entityIds, asKnown), connection);
                AddKey(command, key);
                if (entityIds is not null)
                    command.Parameters.AddWithValue("ids", NpgsqlDbType.Array | NpgsqlDbType.Text, entityIds.Distinct(StringComparer.Ordinal).ToArray());
                if (asKnown is { } time)
                    command.Parameters.AddWithValue("known", NpgsqlDbType.TimestampTz, time.ToUniversalTime());
                return await ReadAsync(key, command, asKnown, token);
            },
            cancellationToken);

    /// <summary>See <see cref="IVectorStore.ReadChangesAsync"/>. No row of a partition is ever taken away, so the rows that changed are new or others.</summary>
    public Task<VectorChanges?> ReadChangesAsync(PartitionKey key, EntityBuckets buckets, string? since, CancellationToken cancellationToken) =>
        database.RunAsync(
            $"cannot read {key}",
            async (connection, token) =>
            {
                if (since is not null && await TryReadChangesAsync(connection, key, buckets, since, token) is { } changes)
                    return changes;
                await using var command = new NpgsqlCommand(ReadSql.OfBuckets(VectorTable.Of(key.Kind), buckets.AreAll), connection);
                AddKey(command, key);
                AddBuckets(command, buckets);
                return await ReadAsync(key, command, null, token) is { } partition ? new VectorChanges(partition, AreAll: true) : null;
            },
            cancellationToken);

    /// <summary>See <see cref="IBucketStore.ReadChangedAsync"/>.</summary>
    public Task<VectorChanges?> ReadChangedAsync(PartitionKey key, EntityBuckets buckets, string since, CancellationToken cancellationToken) =>
        database.RunAsync($"cannot read {key}", (connection, token) => TryReadChangesAsync(connection, key, buckets, since, token), cancellationToken);

    /// <summary>See <see cref="IVectorStore.HeadersAsync"/>.</summary>
    public Task<IReadOnlyList<VectorPartition?>> HeadersAsync(IReadOnlyList<PartitionKey> keys, CancellationToken cancellationToken) =>
        database.RunAsync<IReadOnlyList<VectorPartition?>>(
            "cannot read recipes and versions",
            async (connection, token) =>
            {
                await using var command = new NpgsqlCommand(
                    """
                    SELECT wanted.position, p.origin, p.dimension, p.known_at
                    FROM unnest(@kinds, @models, @dates) WITH ORDINALITY AS wanted (kind, model_id, as_of_date, position)
                    JOIN grid_partitions p ON p.kind = wanted.kind AND p.model_id = wanted.model_id AND p.as_of_date = wanted.as_of_date
                    WHERE p.known_at IS NOT NULL
                    """,
                    connection);
                command.Parameters.AddWithValue("kinds", NpgsqlDbType.Array | NpgsqlDbType.Text, keys.Select(KindName).ToArray());
                command.Parameters.AddWithValue("models", NpgsqlDbType.Array | NpgsqlDbType.Text, keys.Select(key => key.ModelId).ToArray());
                command.Parameters.AddWithValue("dates", NpgsqlDbType.Array | NpgsqlDbType.Date, keys.Select(key => key.AsOf).ToArray());
                var headers = new VectorPartition?[keys.Count];
                await using var reader = await command.ExecuteReaderAsync(token);
                while (await reader.ReadAsync(token))
                {
                    int i = (int)reader.GetInt64(0) - 1;
                    string origin = reader.IsDBNull(1) ? scope.DefaultOrigin(keys[i]) : reader.GetString(1);
                    headers[i] = new VectorPartition(keys[i], new VectorBatch([], default, reader.GetInt32(2)), origin, Time(reader, 3), Version(Time(reader, 3)));
                }
                return headers;
            },
            cancellationToken);

    /// <summary>Adds the parameters that name a partition.</summary>
    public static void AddKey(NpgsqlCommand command, PartitionKey key) => AddKey(command.Parameters, key);

    /// <inheritdoc cref="AddKey(NpgsqlCommand, PartitionKey)"/>
    public static void AddKey(NpgsqlParameterCollection parameters, PartitionKey key)
    {
        parameters.AddWithValue("kind", NpgsqlDbType.Text, KindName(key));
        parameters.AddWithValue("model", NpgsqlDbType.Text, key.ModelId);
        parameters.AddWithValue("as_of", NpgsqlDbType.Date, key.AsOf);
    }

    /// <summary>A kind as grid_partitions writes it.</summary>
    public static string KindName(PartitionKey key) => key.Kind.ToString().ToLowerInvariant();

    // Every write that changes a row gets a later time than all before it in its partition, so the time of the last one names a state.
    public static string Version(DateTimeOffset knownAt) => FormattableString.Invariant($"{knownAt.UtcTicks / TimeSpan.TicksPerMicrosecond}");

    private static DateTime TimeOf(string version) =>
        new(long.Parse(version, CultureInfo.InvariantCulture) * TimeSpan.TicksPerMicrosecond, DateTimeKind.Utc);

    private static string Statement(VectorTable table, IReadOnlyCollection<string>? entityIds, DateTimeOffset? asKnown) => (asKnown, entityIds) switch
    {
        (not null, _) => ReadSql.AsKnown(table, allEntities: entityIds is null),
        (null, null) => ReadSql.All(table),
        (null, { Count: 0 }) => ReadSql.Header,
        (null, _) => ReadSql.Wanted(table),
    };

    /// <summary>The rows that changed since a version; null when the log does not say, or the partition is not there.</summary>
    private async Task<VectorChanges?> TryReadChangesAsync(
        NpgsqlConnection connection, PartitionKey key, EntityBuckets buckets, string since, CancellationToken cancellationToken)
    {
        if (!VectorTable.Of(key.Kind).HasChangeLog)
            return null;
        await using var command = new NpgsqlCommand(ReadSql.Changes(VectorTable.Of(key.Kind), buckets.AreAll), connection);
        AddKey(command, key);
        AddBuckets(command, buckets);
        command.Parameters.AddWithValue("since", NpgsqlDbType.TimestampTz, TimeOf(since));
        return await ReadAsync(key, command, null, cancellationToken, ReadSql.IsCovered) is { } partition ? new VectorChanges(partition, AreAll: false) : null;
    }

    private static void AddBuckets(NpgsqlCommand command, EntityBuckets buckets)
    {
        if (buckets.AreAll)
            return;
        command.Parameters.AddWithValue("of", NpgsqlDbType.Integer, buckets.Of);
        command.Parameters.AddWithValue("buckets", NpgsqlDbType.Array | NpgsqlDbType.Integer, buckets.Numbers.ToArray());
    }

    /// <summary>Reads the answer to a statement of <see cref="ReadSql"/>; null when the partition was not there, or what a column must say is false.</summary>
    private async Task<VectorPartition?> ReadAsync(
        PartitionKey key, NpgsqlCommand command, DateTimeOffset? asKnown, CancellationToken cancellationToken, int? mustBeTrue = null)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken) || (mustBeTrue is { } column && !reader.GetBoolean(column)))
            return null;
        ThrowIfVacuumed(key, reader, asKnown);
        string origin = reader.IsDBNull(ReadSql.Origin) ? scope.DefaultOrigin(key) : reader.GetString(ReadSql.Origin);
        var stateKnownAt = Time(reader, ReadSql.StateKnownAt);
        var rows = new RowCollector(key, reader.GetInt32(ReadSql.Dimension));
        DateTimeOffset? newestRow = null;
        // A partition without rows, or none that were asked for, is one line without an entity.
        for (bool isRow = !reader.IsDBNull(ReadSql.Row); isRow; isRow = await reader.ReadAsync(cancellationToken))
        {
            rows.Add(reader, ReadSql.Row);
            var rowKnownAt = Time(reader, ReadSql.RowKnownAt);
            newestRow = newestRow > rowKnownAt ? newestRow : rowKnownAt;
        }
        return new VectorPartition(key, rows.ToBatch(), origin, newestRow ?? stateKnownAt, Version(stateKnownAt));
    }

    private static void ThrowIfVacuumed(PartitionKey key, NpgsqlDataReader reader, DateTimeOffset? asKnown)
    {
        if (asKnown is not { } time || reader.IsDBNull(ReadSql.HistorySince))
            return;
        var since = Time(reader, ReadSql.HistorySince);
        if (time < since)
            throw new NotFoundException("state of", $"{key} as known at {time:O}", $"it was vacuumed; states from {since:O} on are kept");
    }

    private static DateTimeOffset Time(NpgsqlDataReader reader, int column) => reader.GetFieldValue<DateTimeOffset>(column);
}
