using Npgsql;

namespace Prometheus.Grid.Storage.Postgres.Schema;

/// <summary>Lists what a schema consists of, so that a migration can report what it really created.</summary>
internal static class SchemaObjects
{
    // Columns, indexes and triggers are listed for the tables of the seed only; those of the grid's own tables come with them.
    private const string Query = """
        WITH tables AS (
            SELECT oid, relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = ANY (current_schemas(false)::regnamespace[])
        )
        SELECT 'table ' || relname FROM tables
        UNION ALL
        SELECT format('column %s.%s', relname, attname) FROM pg_attribute JOIN tables ON attrelid = tables.oid
        WHERE attnum > 0 AND NOT attisdropped AND attname IN ('known_at', 'vector_crc32c', 'row_header') AND relname LIKE '%\_embeddings'
        UNION ALL
        SELECT format('index %s on %s', i.relname, tables.relname) FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN tables ON tables.oid = x.indrelid
        WHERE i.relname LIKE 'grid\_%' AND tables.relname NOT LIKE 'grid\_%'
        UNION ALL
        SELECT format('trigger %s on %s', tgname, relname) FROM pg_trigger JOIN tables ON tgrelid = tables.oid WHERE NOT tgisinternal
        UNION ALL
        SELECT 'function ' || proname FROM pg_proc WHERE proname LIKE 'grid\_%' AND pronamespace = ANY (current_schemas(false)::regnamespace[])
        """;

    /// <summary>Reads the names, for example <c>table markets</c>.</summary>
    public static async Task<HashSet<string>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        await using var command = new NpgsqlCommand(Query, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            names.Add(reader.GetString(0));
        return names;
    }
}
