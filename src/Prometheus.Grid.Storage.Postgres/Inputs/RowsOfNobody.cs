using Npgsql;
using NpgsqlTypes;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Postgres.Connections;
using Prometheus.Grid.Tables;

namespace Prometheus.Grid.Storage.Postgres.Inputs;

/// <summary>Finds rows whose issuer or instrument no table has, through indexes alone: most databases have none.</summary>
internal sealed class RowsOfNobody(Database database, Universe universe)
{
    // A DISTINCT would read every row; this goes from id to id through the primary key.
    private const string PriceIds = """
        WITH RECURSIVE ids AS (
            (SELECT instrument_id FROM prices_daily ORDER BY instrument_id LIMIT 1)
            UNION ALL
            SELECT (SELECT p.instrument_id FROM prices_daily p WHERE p.instrument_id > ids.instrument_id ORDER BY p.instrument_id LIMIT 1)
            FROM ids WHERE ids.instrument_id IS NOT NULL
        )
        SELECT instrument_id, 0 FROM ids WHERE instrument_id IS NOT NULL
        """;

    private const string RowsOfIds = "SELECT instrument_id, count(*)::int FROM prices_daily WHERE instrument_id = ANY (@ids) GROUP BY 1";

    private readonly string[] _instruments = [.. universe.Instruments.Select(instrument => instrument.InstrumentId)];

    /// <summary>The note about prices; null when there are none.</summary>
    public async Task<InputNote?> OfPricesAsync(CancellationToken cancellationToken)
    {
        string[] unknown = [.. (await CountAsync("prices_daily", PriceIds, null, cancellationToken)).Select(row => row.Id).Except(_instruments, StringComparer.Ordinal)];
        if (unknown.Length == 0)
            return null;
        var rows = await CountAsync("prices_daily", RowsOfIds, ("ids", NpgsqlDbType.Array | NpgsqlDbType.Text, unknown), cancellationToken);
        return UnknownIds.Note("prices_daily", "instrument_id", rows, _instruments);
    }

    /// <summary>The note about profiles of these dates; null when there are none.</summary>
    public async Task<InputNote?> OfProfilesAsync(DateOnly[] dates, CancellationToken cancellationToken) =>
        UnknownIds.Note("profiles", "issuer_id", await OfDatesAsync("profiles", "issuer_id", dates, cancellationToken), [.. universe.Issuers.Keys]);

    /// <summary>The note about positions of these dates; null when there are none.</summary>
    public async Task<InputNote?> OfPositionsAsync(DateOnly[] dates, CancellationToken cancellationToken) =>
        UnknownIds.Note("portfolio_positions", "instrument_id", await OfDatesAsync("portfolio_positions", "instrument_id", dates, cancellationToken), _instruments);

    private Task<List<(string Id, int Rows)>> OfDatesAsync(string table, string column, DateOnly[] dates, CancellationToken cancellationToken) => CountAsync(
        table, $"SELECT {column}, count(*)::int FROM {table} WHERE as_of_date = ANY (@dates) GROUP BY 1", ("dates", NpgsqlDbType.Array | NpgsqlDbType.Date, dates), cancellationToken);

    private Task<List<(string Id, int Rows)>> CountAsync(
        string table, string sql, (string Name, NpgsqlDbType Type, object Value)? parameter, CancellationToken cancellationToken) => database.RunAsync(
            $"cannot read {table}",
            async (connection, token) =>
            {
                await using var command = new NpgsqlCommand(sql, connection);
                if (parameter is { } given)
                    command.Parameters.AddWithValue(given.Name, given.Type, given.Value);
                await using var reader = await command.ExecuteReaderAsync(token);
                var rows = new List<(string, int)>();
                while (await reader.ReadAsync(token))
                    rows.Add((reader.GetString(0), reader.GetInt32(1)));
                return rows;
            },
            cancellationToken);
}
