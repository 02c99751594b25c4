namespace Prometheus.Grid.Storage.Postgres.Vectors;

/// <summary>
/// The statements that read a partition, each one snapshot of the database: a line a row, or one line with the state alone where there is none. In them
/// <c>p</c> is the partition, <c>t</c> a row of its table and <c>s</c> a superseded one; parameters are those of the key, @ids, @known, @since, @of and
/// @buckets.
/// </summary>
internal static class ReadSql
{
    /// <summary>Positions of the columns that all statements have in common: the state of the partition, then a row as <see cref="RowCollector"/> takes it.</summary>
    public const int Origin = 0, Dimension = 1, StateKnownAt = 2, HistorySince = 3, Row = 4, RowKnownAt = 10;

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

    /// <summary>The rows of some buckets that became known after some time.</summary>
    /// <param name="table">Where the rows are.</param>
    /// <param name="allBuckets">Those of all buckets, instead of @buckets of @of.</param>
    /// <param name="allTimes">Those of any time, instead of after @since; only tables with an index by time are to be asked for less.</param>
    public static string Changes(VectorTable table, bool allBuckets, bool allTimes)
    {
        // The inner query is fenced off, and bounded above, so that the planner takes the index by time: where it had no statistics of the date it read
        // all rows of the partition for one, 300 ms of 100,000 rows.
        string rows = allTimes
            ? table.Name
            : $"(SELECT * FROM {table.Name} t WHERE {VectorTable.KnownAt} > @since AND {VectorTable.KnownAt} < 'infinity' OFFSET 0)";
        string ofBuckets = allBuckets ? "" : $"AND grid_bucket({table.EntityId}, @of) = ANY (@buckets)";
        return Rows(table, $"LEFT JOIN {rows} t ON {table.OfPartition} AND t.vector IS NOT NULL {ofBuckets}");
    }

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

    private static string Rows(VectorTable table, string rows) => $"""
        SELECT {State}, {table.EntityId}, {table.Header.InstrumentId}, {table.Header.Region}, {table.Header.Source},
            t.vector, t.vector_crc32c, {VectorTable.KnownAt}
        FROM grid_partitions p {rows} WHERE {OfKey}
        """;
}
