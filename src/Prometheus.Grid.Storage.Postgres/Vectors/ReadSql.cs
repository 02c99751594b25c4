namespace Prometheus.Grid.Storage.Postgres.Vectors;

/// <summary>
/// The statements that read a partition, each one snapshot of the database: a line a row, or one line with the state alone where there is none. In them
/// <c>p</c> is the partition, <c>t</c> a row of its table and <c>s</c> a superseded one; parameters are those of the key, @ids, @known, @since, @of and
/// @buckets.
/// </summary>
internal static class ReadSql
{
    /// <summary>Positions of the columns that all statements have in common: the state of the partition, then a row as <see cref="RowCollector"/> takes it.</summary>
    public const int Origin = 0, Dimension = 1, StateKnownAt = 2, HistorySince = 3, Row = 4, RowKnownAt = 10, IsCovered = 11;

    private const string State = "p.origin, p.dimension, p.known_at, p.history_since";
    private const string OfKey = "p.kind = @kind AND p.model_id = @model AND p.as_of_date = @as_of AND p.known_at IS NOT NULL";
    private const string SupersededOfPartition = "s.kind = p.kind AND s.model_id = p.model_id AND s.as_of_date = p.as_of_date AND s.scope = p.scope";

    /// <summary>The state, without rows.</summary>
    public const string Header = $"SELECT {State}, NULL::text FROM grid_partitions p WHERE {OfKey}";

    /// <summary>All rows.</summary>
    public static string All(VectorTable table) => Rows(table, $"LEFT JOIN {table.Name} t ON {table.OfPartition} AND t.vector IS NOT NULL");

    /// <summary>The rows of the entities in @ids.</summary>
    public static string Wanted(VectorTable table) => Rows(table, $"""
        LEFT JOIN LATERAL (
            SELECT t.* FROM (SELECT p.scope, p.model_id, p.as_of_date, id AS entity_id FROM unnest(@ids) id OFFSET 0) n
            JOIN {table.Name} t ON {table.OfPendingRow}
        ) t ON t.vector IS NOT NULL
        """);

    /// <summary>The rows of some buckets.</summary>
    /// <param name="table">Where the rows are.</param>
    /// <param name="allBuckets">Those of all buckets, instead of @buckets of @of.</param>
    public static string OfBuckets(VectorTable table, bool allBuckets) =>
        Rows(table, $"LEFT JOIN {table.Name} t ON {table.OfPartition} AND t.vector IS NOT NULL {(allBuckets ? "" : $"AND {InBuckets(table.EntityId)}")}");

    /// <summary>
    /// The rows of some buckets that changed since the version @since, of a table that has a log of changes. Behind the columns of all statements is one
    /// that says whether the log covers the time since: where it does not, the rows say nothing.
    /// </summary>
    /// <param name="table">Where the rows are.</param>
    /// <param name="allBuckets">Those of all buckets, instead of @buckets of @of.</param>
    public static string Changes(VectorTable table, bool allBuckets) => $"""
        WITH p AS MATERIALIZED (SELECT * FROM grid_partitions p WHERE {OfKey}),
        log AS MATERIALIZED (
            SELECT c.known_from, c.known_at, c.entity_ids, lag(c.known_at, 1, @since) OVER (ORDER BY c.known_at) AS before
            FROM grid_joint_changes c WHERE c.model_id = @model AND c.as_of_date = @as_of AND c.known_at > @since),
        n AS MATERIALIZED (
            SELECT DISTINCT p.scope, p.model_id, p.as_of_date, id AS entity_id
            FROM p CROSS JOIN log CROSS JOIN unnest(log.entity_ids) id {(allBuckets ? "" : $"WHERE {InBuckets("id")}")})
        {Columns(table, ", p.known_at = coalesce((SELECT max(known_at) FROM log), @since) AND (SELECT coalesce(bool_and(known_from = before), true) FROM log)")}
        FROM p LEFT JOIN LATERAL (SELECT t.* FROM n JOIN LATERAL (SELECT t.* FROM {table.Name} t WHERE {table.OfPendingRow} OFFSET 0) t ON true) t
        ON t.vector IS NOT NULL
        """;

    /// <summary>The rows as they were known at @known: those that were known by then and not yet superseded.</summary>
    /// <remarks>Rows that were there before a change of recipe are all superseded by it, so the rows of one moment share an origin.</remarks>
    /// <param name="table">Where the rows are.</param>
    /// <param name="allEntities">Those of all entities, instead of @ids.</param>
    public static string AsKnown(VectorTable table, bool allEntities) => $"""
        SELECT coalesce(r.origin, p.origin), coalesce(octet_length(r.vector) / 4, p.dimension), state.known_at, p.history_since,
            r.entity_id, r.instrument_id, r.region, r.source, r.vector, r.vector_crc32c, r.known_at
        FROM grid_partitions p
        CROSS JOIN LATERAL (
            SELECT max(known_at) AS known_at FROM ({LastWrites(table)}) both_tables
        ) state
        LEFT JOIN LATERAL (
            {LiveThen(table)} {(allEntities ? "" : $"AND {table.OfWantedEntities}")}
            UNION ALL
            {SupersededSince} {(allEntities ? "" : "AND s.entity_id = ANY (@ids)")}
        ) r ON r.vector IS NOT NULL
        WHERE {OfKey} AND @known >= p.first_known_at
        """;

    private static string LastWrites(VectorTable table) => $"""
        SELECT max({VectorTable.KnownAt}) AS known_at FROM {table.Name} t WHERE {table.OfPartition} AND {VectorTable.KnownAt} <= @known
        UNION ALL
        SELECT max(s.known_at) FROM grid_superseded_vectors s WHERE {SupersededOfPartition} AND s.known_at <= @known
        """;

    private static string LiveThen(VectorTable table) => $"""
        SELECT NULL::text AS origin, {table.EntityId} AS entity_id, {table.Header.InstrumentId} AS instrument_id, {table.Header.Region} AS region,
            {table.Header.Source} AS source, t.vector, t.vector_crc32c, {VectorTable.KnownAt} AS known_at
        FROM {table.Name} t WHERE {table.OfPartition} AND {VectorTable.KnownAt} <= @known
        """;

    private const string SupersededSince = $"""
        SELECT s.origin, s.entity_id, s.instrument_id, s.region, s.source, s.vector, s.vector_crc32c, s.known_at
        FROM grid_superseded_vectors s WHERE {SupersededOfPartition} AND s.known_at <= @known AND s.superseded_at > @known
        """;

    /// <summary>
    /// What grid_bucket says, spelled out: convert_to is not immutable, as the function is declared, so the planner does not put it in place of its call, and a call
    /// takes 48 microseconds a row in place of 7.
    /// </summary>
    private static string InBuckets(string entityId) =>
        $"(('x' || encode(substring(sha256(convert_to({entityId}, 'UTF8')) FOR 2), 'hex'))::bit(16)::integer * @of >> 16) = ANY (@buckets)";

    private static string Rows(VectorTable table, string rows) => $"{Columns(table)} FROM grid_partitions p {rows} WHERE {OfKey}";

    private static string Columns(VectorTable table, string more = "") => $"""
        SELECT {State}, {table.EntityId}, {table.Header.InstrumentId}, {table.Header.Region}, {table.Header.Source},
            t.vector, t.vector_crc32c, {VectorTable.KnownAt} {more}
        """;
}
