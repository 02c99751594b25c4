using Npgsql;
using NpgsqlTypes;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Postgres.Connections;
using Prometheus.Grid.Tables;

namespace Prometheus.Grid.Storage.Postgres.Inputs;

/// <summary>Finds price rows whose instrument no table has, in a few steps of the index: most tables have none.</summary>
internal static class PriceRowsOfNobody
{
    /// <summary>The table.</summary>
    public const string Table = "prices_daily";

    // A DISTINCT would read every row; this goes from id to id through the primary key.
    private const string UnknownIdsSql = """
        WITH RECURSIVE ids AS (
            (SELECT instrument_id FROM prices_daily ORDER BY instrument_id LIMIT 1)
            UNION ALL
            SELECT (SELECT p.instrument_id FROM prices_daily p WHERE p.instrument_id > ids.instrument_id ORDER BY p.instrument_id LIMIT 1)
            FROM ids WHERE ids.instrument_id IS NOT NULL
        )
        SELECT instrument_id FROM ids WHERE instrument_id IS NOT NULL AND NOT EXISTS (SELECT FROM instruments k WHERE k.instrument_id = ids.instrument_id)
        """;

    /// <summary>The note about them; null when there are none.</summary>
    public static Task<InputNote?> NoteAsync(Database database, CancellationToken cancellationToken) => database.RunAsync(
        $"cannot read {Table}",
        async (connection, token) =>
        {
            string[] unknown = [.. await ListAsync(connection, UnknownIdsSql, row => row.GetString(0), [], token)];
            if (unknown.Length == 0)
                return null;
            var rows = await ListAsync(
                connection, "SELECT instrument_id, count(*)::int FROM prices_daily WHERE instrument_id = ANY (@ids) GROUP BY 1", row => (row.GetString(0), row.GetInt32(1)), unknown, token);
            return UnknownIds.Note(Table, rows, await ListAsync(connection, "SELECT instrument_id FROM instruments", row => row.GetString(0), [], token));
        },
        cancellationToken);

    private static async Task<List<T>> ListAsync<T>(NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read, string[] ids, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue("ids", NpgsqlDbType.Array | NpgsqlDbType.Text, ids);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(read(reader));
        return rows;
    }
}
