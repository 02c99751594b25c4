using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Prices;
using Prometheus.Grid.Storage.Postgres.Connections;

namespace Prometheus.Grid.Storage.Postgres.Inputs;

/// <summary>
/// Reads the prices of many instruments in one statement, as a binary COPY: for millions of narrow rows the driver's reader takes 2 µs a row,
/// more than the server needs to find and send it.
/// </summary>
internal static class PriceQuery
{
    // COPY takes no parameters. A setting of the session hands the ids over as a value, so that none of them is ever part of the statement.
    private const string Setting = "prometheus_grid.instrument_ids";
    private const string HandOver = $"SELECT set_config('{Setting}', @ids::text, false)";

    /// <summary>Reads them, in the order of <paramref name="instrumentIds"/>.</summary>
    /// <exception cref="Core.Errors.BadInputException">A price cannot be; table, column, instrument, date and value are named.</exception>
    public static async Task<PriceSeries[]> RunAsync(
        NpgsqlConnection connection, string[] instrumentIds, PriceWindow window, CancellationToken cancellationToken)
    {
        await using (var handOver = new NpgsqlCommand(HandOver, connection))
        {
            handOver.Parameters.AddWithValue("ids", NpgsqlDbType.Array | NpgsqlDbType.Text, instrumentIds);
            await handOver.ExecuteNonQueryAsync(cancellationToken);
        }
        int mostDays = Math.Min(window.MostDays, window.Days.End.DayNumber - window.Days.Start.DayNumber + 1);
        var columns = new PriceSeriesBuilder(instrumentIds, window.MostDays == int.MaxValue ? 0 : instrumentIds.Length * mostDays);
        await BinaryCopy.ReadAsync(connection, Statement(window), columns.Take, cancellationToken);
        return columns.ToSeries();
    }

    // One range of the index an instrument, read backwards from its last day, instead of a sort of everything that is found.
    private static string Statement(PriceWindow window) => $"""
        COPY (
            SELECT w.n::integer, p.trade_date, p.open::float8, p.high::float8, p.low::float8, p.close::float8, p.adjusted_close::float8, p.volume::float8
            FROM unnest(current_setting('{Setting}')::text[]) WITH ORDINALITY w (id, n)
            CROSS JOIN LATERAL (
                SELECT * FROM prices_daily d
                WHERE d.instrument_id = w.id AND d.trade_date BETWEEN '{DateRange.Text(window.Days.Start)}' AND '{DateRange.Text(window.Days.End)}'
                ORDER BY d.trade_date DESC LIMIT {(window.MostDays == int.MaxValue ? "ALL" : window.MostDays.ToString(CultureInfo.InvariantCulture))}
            ) p
        ) TO STDOUT (FORMAT binary)
        """;
}
