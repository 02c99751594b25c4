using Npgsql;
using NpgsqlTypes;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Prices;

namespace Prometheus.Grid.Storage.Postgres.Inputs;

/// <summary>Reads the prices of many instruments in one query.</summary>
internal static class PriceQuery
{
    // One index range an instrument, in order, instead of a sort of everything that is found.
    private const string Query = """
        SELECT w.n::integer, p.trade_date, p.open::float8, p.high::float8, p.low::float8, p.close::float8, p.adjusted_close::float8, p.volume::float8
        FROM unnest(@ids) WITH ORDINALITY w (id, n)
        CROSS JOIN LATERAL (
            SELECT * FROM prices_daily d WHERE d.instrument_id = w.id AND d.trade_date BETWEEN @from AND @to ORDER BY d.trade_date
        ) p
        """;

    /// <summary>Reads them, in the order of <paramref name="instrumentIds"/>.</summary>
    /// <exception cref="BadInputException">A price cannot be; table, column, instrument, date and value are named.</exception>
    public static async Task<IReadOnlyList<PriceSeries>> RunAsync(
        NpgsqlConnection connection, IReadOnlyList<string> instrumentIds, DateRange range, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Query, connection);
        command.Parameters.AddWithValue("ids", NpgsqlDbType.Array | NpgsqlDbType.Text, instrumentIds.ToArray());
        command.Parameters.AddWithValue("from", NpgsqlDbType.Date, range.Start);
        command.Parameters.AddWithValue("to", NpgsqlDbType.Date, range.End);
        var columns = new PriceColumns();
        var ends = new int[instrumentIds.Count];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        int last = -1;
        while (await reader.ReadAsync(cancellationToken))
        {
            int instrument = reader.GetInt32(0) - 1;
            if (instrument < last)
                throw new GridFaultException("Postgres gave prices_daily in another order than asked");
            for (; last < instrument; last++)
            {
                if (last >= 0)
                    ends[last] = columns.Count;
            }
            columns.Add(reader, instrumentIds[instrument]);
        }
        for (int i = Math.Max(last, 0); i < ends.Length; i++)
            ends[i] = columns.Count;
        PriceSeries all = columns.ToSeries();
        var series = new PriceSeries[ends.Length];
        for (int i = 0; i < series.Length; i++)
        {
            int start = i == 0 ? 0 : ends[i - 1];
            series[i] = all.Slice(start, ends[i] - start) with { InstrumentId = instrumentIds[i] };
        }
        return series;
    }
}
