using System.Collections.Concurrent;
using Npgsql;
using NpgsqlTypes;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Prices;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Postgres.Connections;
using Prometheus.Grid.Tables;

namespace Prometheus.Grid.Storage.Postgres.Inputs;

/// <summary>The user's tables in the database; each read of many entities is one query.</summary>
internal sealed class PostgresInputs(Database database) : IGridInputs
{
    private const int FewestInstrumentsASession = 128;
    private static readonly int s_sessions = Math.Min(Environment.ProcessorCount, 4);
    private readonly ConcurrentDictionary<(string Column, string Place), bool> _quotedNumbers = new();
    private readonly ConcurrentDictionary<DateOnly, bool> _profileDates = new(), _positionDates = new();
    private readonly Lock _lock = new();
    private AdjustedCloses? _adjusted;

    /// <inheritdoc/>
    public async Task<Universe> ReadUniverseAsync(CancellationToken cancellationToken) => new(
        await QueryAsync(
            "cannot read markets",
            "SELECT market_id, name, region, timezone FROM markets",
            row => new Market(Text(row, 0), Text(row, 1), Text(row, 2), Text(row, 3)),
            cancellationToken),
        await QueryAsync(
            "cannot read issuers",
            "SELECT issuer_id, issuer_type, name, country, sector, industry FROM issuers",
            row => new Issuer(Text(row, 0), Text(row, 1), Text(row, 2), Text(row, 3), Text(row, 4), Text(row, 5)),
            cancellationToken),
        await QueryAsync(
            "cannot read instruments",
            "SELECT instrument_id, issuer_id, market_id, asset_class, symbol, exchange, currency, status FROM instruments",
            row => new Instrument(Text(row, 0), Text(row, 1), Text(row, 2), Text(row, 3), Text(row, 4), Text(row, 5), Text(row, 6), Text(row, 7)),
            cancellationToken));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<DateOnly>> DatesAsync(InputTable table, DateRange range, CancellationToken cancellationToken)
    {
        (string name, string column) = Dated(table);
        return await QueryAsync(
            $"cannot read the dates of {name}",
            $"SELECT DISTINCT {column} FROM {name} WHERE {column} BETWEEN @from AND @to ORDER BY 1",
            row => row.GetFieldValue<DateOnly>(0),
            cancellationToken,
            ("from", NpgsqlDbType.Date, range.Start),
            ("to", NpgsqlDbType.Date, range.End));
    }

    /// <inheritdoc/>
    public async Task<DateOnly?> LatestAsync(InputTable table, string ownerId, DateRange range, CancellationToken cancellationToken)
    {
        (string name, string column) = Dated(table);
        string owner = table switch
        {
            InputTable.Profiles => "issuer_id",
            InputTable.RiskReports or InputTable.Positions => "portfolio_id",
            _ => throw new ArgumentOutOfRangeException(nameof(table), table, "no table of issuers or portfolios"),
        };
        var dates = await QueryAsync(
            $"cannot read the dates of {name}",
            $"SELECT {column} FROM {name} WHERE {owner} = @owner AND {column} BETWEEN @from AND @to ORDER BY {column} DESC LIMIT 1",
            row => row.GetFieldValue<DateOnly>(0),
            cancellationToken,
            ("owner", NpgsqlDbType.Text, ownerId),
            ("from", NpgsqlDbType.Date, range.Start),
            ("to", NpgsqlDbType.Date, range.End));
        return dates is [var latest] ? latest : null;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<PriceSeries>> PricesAsync(
        IReadOnlyList<string> instrumentIds, PriceWindow window, CancellationToken cancellationToken)
    {
        // A session of the server works on one core, and finding rows is most of the work.
        int sessions = Math.Clamp(instrumentIds.Count / FewestInstrumentsASession, 1, s_sessions);
        string[][] parts = [.. instrumentIds.Chunk(Math.Max(1, (instrumentIds.Count + sessions - 1) / sessions))];
        var series = await Task.WhenAll(parts.Select(ids => database.RunAsync(
            "cannot read prices_daily", (connection, token) => PriceQuery.RunAsync(connection, ids, window, token), cancellationToken)));
        IReadOnlyList<PriceSeries> all = series is [var one] ? one : [.. series.SelectMany(part => part)];
        lock (_lock)
        {
            _adjusted ??= new AdjustedCloses();
            foreach (var prices in all)
                _adjusted.Add(prices.InstrumentId, prices.Days.Span, prices.AdjustedClose.Span);
        }
        return all;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> ProfileIssuersAsync(DateOnly asOf, CancellationToken cancellationToken)
    {
        _profileDates.TryAdd(asOf, true);
        return Ordinal(await QueryAsync(
            "cannot read profiles", "SELECT issuer_id FROM profiles WHERE as_of_date = @as_of", row => row.GetString(0), cancellationToken,
            ("as_of", NpgsqlDbType.Date, asOf)));
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<IssuerProfile>> ProfilesAsync(
        DateOnly asOf, IReadOnlyCollection<string> issuerIds, CancellationToken cancellationToken)
    {
        var profiles = await QueryAsync(
            "cannot read profiles",
            "SELECT issuer_id, structured::text FROM profiles WHERE as_of_date = @as_of AND issuer_id = ANY (@ids)",
            row => JsonColumns.Profile($"profiles.structured of {row.GetString(0)} on {DateRange.Text(asOf)}", Text(row, 1), row.GetString(0), asOf),
            cancellationToken,
            ("as_of", NpgsqlDbType.Date, asOf),
            ("ids", NpgsqlDbType.Array | NpgsqlDbType.Text, Array(issuerIds)));
        profiles.Sort((a, b) => string.CompareOrdinal(a.IssuerId, b.IssuerId));
        return profiles;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> RiskReportPortfoliosAsync(DateOnly asOf, CancellationToken cancellationToken) => Ordinal(await QueryAsync(
        "cannot read portfolio_risk_reports", "SELECT DISTINCT portfolio_id FROM portfolio_risk_reports WHERE as_of_date = @as_of", row => row.GetString(0),
        cancellationToken, ("as_of", NpgsqlDbType.Date, asOf)));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<RiskReport>> RiskReportsAsync(
        DateOnly asOf, IReadOnlyCollection<string> portfolioIds, CancellationToken cancellationToken)
    {
        var reports = await QueryAsync(
            "cannot read portfolio_risk_reports",
            // Nothing keeps the table from holding two reports of a date; the seed reads the later one.
            """
            SELECT DISTINCT ON (portfolio_id) portfolio_id, risk_metrics::text, exposures_by_sector::text, exposures_by_factor::text
            FROM portfolio_risk_reports WHERE as_of_date = @as_of AND portfolio_id = ANY (@ids) ORDER BY portfolio_id, report_id DESC
            """,
            row =>
            {
                string place = $"of {row.GetString(0)} on {DateRange.Text(asOf)}";
                return new RiskReport(
                    row.GetString(0),
                    asOf,
                    Numbers("risk_metrics", place, Text(row, 1)),
                    Numbers("exposures_by_sector", place, Text(row, 2)),
                    Numbers("exposures_by_factor", place, Text(row, 3)));
            },
            cancellationToken,
            ("as_of", NpgsqlDbType.Date, asOf),
            ("ids", NpgsqlDbType.Array | NpgsqlDbType.Text, Array(portfolioIds)));
        reports.Sort((a, b) => string.CompareOrdinal(a.PortfolioId, b.PortfolioId));
        return reports;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<InputNote>> NotesAsync(CancellationToken cancellationToken)
    {
        var all = new TableNotes(BadRowPolicy.Refuse, "portfolio_risk_reports");
        foreach ((string column, string place) in _quotedNumbers.Keys.Order())
            all.Note($"numbers in quotes left out of {column}", place);
        var ofPrices = new TableNotes(BadRowPolicy.Refuse, "prices_daily");
        bool arePricesRead;
        lock (_lock)
        {
            arePricesRead = _adjusted is not null;
            _adjusted?.Say(ofPrices);
        }
        DateOnly[] profiles = [.. _profileDates.Keys], positions = [.. _positionDates.Keys];
        if (!arePricesRead && profiles.Length + positions.Length == 0)
            return all.Notes;
        var universe = await ReadUniverseAsync(cancellationToken);
        var nobody = new RowsOfNobody(database, universe);
        InputNote?[] unknown =
        [
            arePricesRead ? await nobody.OfPricesAsync(cancellationToken) : null,
            profiles.Length > 0 ? await nobody.OfProfilesAsync(profiles, cancellationToken) : null,
            positions.Length > 0 ? await nobody.OfPositionsAsync(positions, cancellationToken) : null,
        ];
        return [.. all.Notes, .. ofPrices.Notes, .. unknown.OfType<InputNote>(), .. UnknownOwners.Notes(universe)];
    }

    // Reports are read more than once in a backfill, and a number in quotes counts once.
    private IReadOnlyDictionary<string, double> Numbers(string column, string place, string json) =>
        JsonColumns.Numbers($"portfolio_risk_reports.{column} {place}", json, key => _quotedNumbers.TryAdd((column, $"{key} {place}"), true));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Position>> PositionsAsync(
        DateOnly asOf, IReadOnlyCollection<string>? portfolioIds, CancellationToken cancellationToken)
    {
        _positionDates.TryAdd(asOf, true);
        var positions = await QueryAsync(
            "cannot read portfolio_positions",
            "SELECT portfolio_id, instrument_id, weight FROM portfolio_positions WHERE as_of_date = @as_of AND (@ids IS NULL OR portfolio_id = ANY (@ids))",
            row => double.IsFinite(row.GetDouble(2)) ? new Position(row.GetString(0), asOf, row.GetString(1), row.GetDouble(2)) : throw new BadInputException(
                $"portfolio_positions.weight of {row.GetString(1)} in {row.GetString(0)} on {DateRange.Text(asOf)}", row.GetDouble(2), "a finite number"),
            cancellationToken,
            ("as_of", NpgsqlDbType.Date, asOf),
            ("ids", NpgsqlDbType.Array | NpgsqlDbType.Text, portfolioIds is null ? null : Array(portfolioIds)));
        positions.Sort((a, b) => string.CompareOrdinal(a.PortfolioId, b.PortfolioId) is not 0 and var order
            ? order
            : string.CompareOrdinal(a.InstrumentId, b.InstrumentId));
        return positions;
    }

    /// <summary>
    /// Triggers note every transaction that changes an input table, so the sum of notes changes with the rows, at once and for whoever
    /// writes them; reading it costs one row a change since the last vacuum. Statistics of the server would be cheaper still, but lag by
    /// seconds and are lost in a crash. A table whose trigger is missing or disabled gets a new token at every call: nothing is resumed
    /// from inputs that cannot be watched.
    /// </summary>
    public async Task<string> VersionAsync(InputTable table, CancellationToken cancellationToken)
    {
        (string name, _) = Dated(table);
        var tokens = await QueryAsync(
            $"cannot read the version of {name}",
            """
            SELECT format('%s-%s', t.oid, (SELECT coalesce(sum(changes), 0) FROM grid_input_changes WHERE table_name = @table))
            FROM pg_class t JOIN pg_trigger g ON g.tgrelid = t.oid
            WHERE t.oid = @table::regclass AND g.tgname = 'grid_note_change' AND g.tgenabled IN ('O', 'A')
            """,
            row => row.GetString(0),
            cancellationToken,
            ("table", NpgsqlDbType.Text, name));
        return tokens.Count == 1 ? tokens[0] : Guid.NewGuid().ToString();
    }

    private static (string Name, string DateColumn) Dated(InputTable table) => table switch
    {
        InputTable.Prices => ("prices_daily", "trade_date"),
        InputTable.Profiles => ("profiles", "as_of_date"),
        InputTable.RiskReports => ("portfolio_risk_reports", "as_of_date"),
        InputTable.Positions => ("portfolio_positions", "as_of_date"),
        _ => throw new ArgumentOutOfRangeException(nameof(table), table, "no such table"),
    };

    private Task<List<T>> QueryAsync<T>(
        string doing, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken,
        params (string Name, NpgsqlDbType Type, object? Value)[] parameters) => database.RunAsync(
            doing,
            async (connection, token) =>
            {
                await using var command = new NpgsqlCommand(sql, connection);
                foreach ((string name, var type, object? value) in parameters)
                    command.Parameters.AddWithValue(name, type, value ?? DBNull.Value);
                var rows = new List<T>();
                await using var reader = await command.ExecuteReaderAsync(token);
                while (await reader.ReadAsync(token))
                    rows.Add(read(reader));
                return rows;
            },
            cancellationToken);

    private static string[] Array(IReadOnlyCollection<string> ids) => ids as string[] ?? [.. ids];

    private static List<string> Ordinal(List<string> ids)
    {
        ids.Sort(StringComparer.Ordinal);
        return ids;
    }

    private static string Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? "" : row.GetString(column);
}
