using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Postgres.Connections;

namespace Prometheus.Grid.Storage.Postgres.Vectors;

/// <summary>Reads partitions, now or as they were known. Each read is one statement and so one snapshot of the database.</summary>
internal sealed class PartitionReader(Database database, PartitionScope scope)
{
    private const string Partition = "p.origin, p.dimension, p.known_at, p.history_since";
    private const string OfKey = "p.kind = @kind AND p.model_id = @model AND p.as_of_date = @as_of AND p.known_at IS NOT NULL";

    /// <summary>See <see cref="IVectorStore.ReadAsync"/>.</summary>
    public Task<VectorPartition?> ReadAsync(
        PartitionKey key, IReadOnlyCollection<string>? entityIds, DateTimeOffset? asKnown, CancellationToken cancellationToken) =>
        database.RunAsync(
            $"cannot read {key}",
            async (connection, token) =>
            {
                var table = VectorTable.Of(key.Kind);
                await using var command = new NpgsqlCommand(asKnown is null ? Now(table, entityIds) : Then(table, entityIds), connection);
                AddKey(command, key);
                if (entityIds is not null)
                    command.Parameters.AddWithValue("ids", NpgsqlDbType.Array | NpgsqlDbType.Text, entityIds.Distinct(StringComparer.Ordinal).ToArray());
                if (asKnown is { } time)
                    command.Parameters.AddWithValue("known", NpgsqlDbType.TimestampTz, time.ToUniversalTime());
                return await ReadAsync(key, command, asKnown, token);
            },
            cancellationToken);

    /// <summary>See <see cref="IVectorStore.ReadChangesAsync"/>. No row of a partition is ever taken away, so the rows that are newer are all that changed.</summary>
    public Task<VectorChanges?> ReadChangesAsync(PartitionKey key, EntityBuckets buckets, string? since, CancellationToken cancellationToken) =>
        database.RunAsync(
            $"cannot read {key}",
            async (connection, token) =>
            {
                var table = VectorTable.Of(key.Kind);
                string ofBuckets = buckets.AreAll ? "" : $"AND grid_bucket({table.EntityId}, @of) = ANY (@buckets)";
                // Only joint vectors have an index by time. The inner query is fenced off, and bounded above, so that the planner takes that index: where it
                // had no statistics of the date it read all rows of the partition for one, 300 ms of 100,000 rows.
                if (key.Kind != BranchKind.Joint)
                    since = null;
                string rows = since is null ? table.Name : $"(SELECT * FROM {table.Name} t WHERE {VectorTable.KnownAt} > @since AND {VectorTable.KnownAt} < 'infinity' OFFSET 0)";
                await using var command = new NpgsqlCommand(
                    Rows(table, $"LEFT JOIN {rows} t ON {table.OfPartition} AND t.vector IS NOT NULL {ofBuckets}"), connection);
                AddKey(command, key);
                if (!buckets.AreAll)
                {
                    command.Parameters.AddWithValue("of", NpgsqlDbType.Integer, buckets.Of);
                    command.Parameters.AddWithValue("buckets", NpgsqlDbType.Array | NpgsqlDbType.Integer, buckets.Numbers.ToArray());
                }
                if (since is not null)
                    command.Parameters.AddWithValue("since", NpgsqlDbType.TimestampTz, TimeOf(since));
                return await ReadAsync(key, command, null, token) is { } partition ? new VectorChanges(partition, AreAll: since is null) : null;
            },
            cancellationToken);

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
    private static string Version(DateTimeOffset knownAt) => FormattableString.Invariant($"{knownAt.UtcTicks / TimeSpan.TicksPerMicrosecond}");

    private static DateTime TimeOf(string version) =>
        new(long.Parse(version, CultureInfo.InvariantCulture) * TimeSpan.TicksPerMicrosecond, DateTimeKind.Utc);

    private static string Now(VectorTable table, IReadOnlyCollection<string>? entityIds) => entityIds switch
    {
        { Count: 0 } => $"SELECT {Partition}, NULL::text FROM grid_partitions p WHERE {OfKey}",
        null => Rows(table, $"LEFT JOIN {table.Name} t ON {table.OfPartition} AND t.vector IS NOT NULL"),
        _ => Rows(table, $"""
            LEFT JOIN LATERAL (
                SELECT t.* FROM (SELECT p.scope, p.model_id, p.as_of_date, id AS entity_id FROM unnest(@ids) id OFFSET 0) n
                JOIN {table.Name} t ON {table.OfPendingRow}
            ) t ON t.vector IS NOT NULL
            """),
    };

    private static string Rows(VectorTable table, string rows) => $"""
            SELECT {Partition}, {table.EntityId}, {table.Header.InstrumentId}, {table.Header.Region}, {table.Header.Source},
                t.vector, t.vector_crc32c, {VectorTable.KnownAt}
            FROM grid_partitions p {rows} WHERE {OfKey}
            """;

    // A row version is in the answer when it was known and not yet superseded. Rows that were there before a change of recipe are all
    // superseded by it, so the rows of one moment share an origin.
    private static string Then(VectorTable table, IReadOnlyCollection<string>? entityIds) => $"""
        SELECT coalesce(r.origin, p.origin), coalesce(octet_length(r.vector) / 4, p.dimension), state.known_at, p.history_since,
            r.entity_id, r.instrument_id, r.region, r.source, r.vector, r.vector_crc32c, r.known_at
        FROM grid_partitions p
        CROSS JOIN LATERAL (
            SELECT max(known_at) AS known_at FROM (
                SELECT max({VectorTable.KnownAt}) AS known_at FROM {table.Name} t WHERE {table.OfPartition} AND {VectorTable.KnownAt} <= @known
                UNION ALL
                SELECT max(s.known_at) FROM grid_superseded_vectors s
                WHERE s.kind = p.kind AND s.model_id = p.model_id AND s.as_of_date = p.as_of_date AND s.scope = p.scope AND s.known_at <= @known
            ) both_tables
        ) state
        LEFT JOIN LATERAL (
            SELECT NULL::text AS origin, {table.EntityId} AS entity_id, {table.Header.InstrumentId} AS instrument_id, {table.Header.Region} AS region,
                {table.Header.Source} AS source, t.vector, t.vector_crc32c, {VectorTable.KnownAt} AS known_at
            FROM {table.Name} t WHERE {table.OfPartition} AND {VectorTable.KnownAt} <= @known {(entityIds is null ? "" : $"AND {table.OfWantedEntities}")}
            UNION ALL
            SELECT s.origin, s.entity_id, s.instrument_id, s.region, s.source, s.vector, s.vector_crc32c, s.known_at
            FROM grid_superseded_vectors s
            WHERE s.kind = p.kind AND s.model_id = p.model_id AND s.as_of_date = p.as_of_date AND s.scope = p.scope
                AND s.known_at <= @known AND s.superseded_at > @known {(entityIds is null ? "" : "AND s.entity_id = ANY (@ids)")}
        ) r ON r.vector IS NOT NULL
        WHERE {OfKey} AND @known >= p.first_known_at
        """;

    private async Task<VectorPartition?> ReadAsync(PartitionKey key, NpgsqlCommand command, DateTimeOffset? asKnown, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            return null;
        if (asKnown is { } time && !reader.IsDBNull(3) && Time(reader, 3) is var since && time < since)
            throw new NotFoundException("state of", $"{key} as known at {time:O}", $"it was vacuumed; states from {since:O} on are kept");
        string origin = reader.IsDBNull(0) ? scope.DefaultOrigin(key) : reader.GetString(0);
        int dimension = reader.GetInt32(1);
        var stateKnownAt = Time(reader, 2);
        DateTimeOffset? rowsKnownAt = null;
        var rows = new RowCollector(key, dimension);
        while (!reader.IsDBNull(4))
        {
            rows.Add(reader, 4);
            if (Time(reader, 10) is var knownAt && !(knownAt <= rowsKnownAt))
                rowsKnownAt = knownAt;
            if (!await reader.ReadAsync(cancellationToken))
                break;
        }
        return new VectorPartition(key, rows.ToBatch(), origin, rowsKnownAt ?? stateKnownAt, Version(stateKnownAt));
    }

    private static DateTimeOffset Time(NpgsqlDataReader reader, int column) => reader.GetFieldValue<DateTimeOffset>(column);
}
