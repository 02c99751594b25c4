namespace Prometheus.Grid.Storage.Postgres.Vectors;

/// <summary>
/// The statements that publish pending rows. <c>n</c> is a pending row, <c>p</c> the partition, <c>t</c> a row of its table; parameters are those of
/// the key, @job, @origin, @dimension, @spec and @now.
/// </summary>
internal static class PublishSql
{
    private const string FromPending = "FROM grid_partitions p JOIN grid_pending_vectors n ON n.job_id = @job";
    private const string OfPartition = "p.kind = @kind AND p.model_id = @model AND p.as_of_date = @as_of";

    /// <summary>How many rows are pending.</summary>
    public const string Pending = "SELECT count(*) FROM grid_pending_vectors WHERE job_id = @job";

    /// <summary>Forgets the pending rows.</summary>
    public const string DropPending = "DELETE FROM grid_pending_vectors WHERE job_id = @job";

    /// <summary>Notes recipe and time of the rows.</summary>
    public const string NoteState = """
        UPDATE grid_partitions SET origin = @origin, dimension = @dimension, first_known_at = coalesce(first_known_at, @now), known_at = @now
        WHERE kind = @kind AND model_id = @model AND as_of_date = @as_of
        """;

    /// <summary>How many pending rows say what is stored already.</summary>
    public static string Unchanged(VectorTable table) => $"""
        SELECT count(*) {FromPending} JOIN {table.Name} t ON {table.OfPartition} AND {table.OfPendingEntity}
        WHERE {OfPartition} AND NOT {table.Differs}
        """;

    /// <summary>How many stored rows no pending one replaces.</summary>
    public static string Remaining(VectorTable table) => $"""
        SELECT count(*) FROM grid_partitions p JOIN {table.Name} t ON {table.OfPartition}
        WHERE {OfPartition} AND NOT EXISTS (SELECT FROM grid_pending_vectors n WHERE n.job_id = @job AND {table.OfPendingEntity})
        """;

    /// <summary>Notes whose rows are about to change, in a partition that has rows and a table that has a log of changes.</summary>
    public static string Log(VectorTable table, string replaces) => $"""
        INSERT INTO grid_joint_changes (model_id, as_of_date, known_from, known_at, entity_ids)
        SELECT p.model_id, p.as_of_date, p.known_at, @now, array_agg(n.entity_id)
        {FromPending} LEFT JOIN {table.Name} t ON {table.OfPartition} AND {table.OfPendingEntity}
        WHERE {OfPartition} AND (t.model_id IS NULL OR {replaces})
        GROUP BY p.model_id, p.as_of_date, p.known_at
        """;

    /// <summary>Makes the rows that pending ones replace history.</summary>
    public static string Supersede(VectorTable table, string replaces) => $"""
        INSERT INTO grid_superseded_vectors
            (kind, model_id, as_of_date, scope, entity_id, instrument_id, region, source, origin, vector, vector_crc32c, known_at, superseded_at)
        SELECT p.kind, p.model_id, p.as_of_date, p.scope, n.entity_id, {table.Header.InstrumentId}, {table.Header.Region}, {table.Header.Source}, p.origin,
            t.vector, t.vector_crc32c, {VectorTable.KnownAt}, @now
        {FromPending} JOIN {table.Name} t ON {table.OfPartition} AND {table.OfPendingEntity}
        WHERE {OfPartition} AND {replaces}
        """;

    /// <summary>The upsert. A partition that has rows is joined first, so that exactly the rows which became history are replaced.</summary>
    public static string Upsert(VectorTable table, bool hasRows, string replaces)
    {
        string[] replaced = [.. table.Replaced, "vector", "vector_ref", "known_at", "vector_crc32c"];
        string replacing = string.Join(", ", replaced.Select(column => $"{column} = EXCLUDED.{column}"));
        string stored = hasRows ? $"LEFT JOIN {table.Name} t ON {table.OfPartition} AND {table.OfPendingEntity}" : "";
        // In key order, so that programs which write the tables beside the grid meet its row locks in one order.
        return $"""
            INSERT INTO {table.Name} ({table.Key.Columns}, vector, vector_ref, created_at, known_at, vector_crc32c)
            SELECT {table.Key.Values}, n.vector, NULL, @now, @now, n.vector_crc32c
            {FromPending} {stored}
            WHERE {OfPartition} {(hasRows ? $"AND (t.model_id IS NULL OR {replaces})" : "")}
            ORDER BY n.entity_id
            ON CONFLICT ({table.ConflictKey}) DO UPDATE SET {replacing}
            """;
    }
}
