using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Prices;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Folder.Files;
using Prometheus.Grid.Storage.Folder.Prices;

namespace Prometheus.Grid.Storage.Folder.Inputs;

/// <summary>The user's tables as CSV files; read again whenever a file has changed.</summary>
internal sealed class FolderInputs(FolderLayout layout, BadRowPolicy badRows) : IGridInputs, IDisposable
{
    private readonly CachedTable<IReadOnlyList<Market>> _markets = new(layout.Root, "markets", badRows, ReferenceTables.Markets);
    private readonly CachedTable<IReadOnlyList<Issuer>> _issuers = new(layout.Root, "issuers", badRows, ReferenceTables.Issuers);
    private readonly CachedTable<IReadOnlyList<Instrument>> _instruments = new(layout.Root, "instruments", badRows, ReferenceTables.Instruments);
    private readonly CachedTable<DatedTable<IssuerProfile>> _profiles = new(layout.Root, "profiles", badRows, DatedTables.Profiles);
    private readonly CachedTable<DatedTable<RiskReport>> _reports = new(layout.Root, "portfolio_risk_reports", badRows, DatedTables.RiskReports);
    private readonly CachedTable<DatedTable<Position>> _positions = new(layout.Root, "portfolio_positions", badRows, DatedTables.Positions);
    private readonly PriceTable _prices = new(new InputFile(layout.Root, "prices_daily"), layout.Cache, badRows);

    /// <inheritdoc/>
    public async Task<Universe> ReadUniverseAsync(CancellationToken cancellationToken) => new(
        await _markets.GetAsync(cancellationToken), await _issuers.GetAsync(cancellationToken), await _instruments.GetAsync(cancellationToken));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<DateOnly>> DatesAsync(InputTable table, DateRange range, CancellationToken cancellationToken)
    {
        var dates = table switch
        {
            InputTable.Prices => (await _prices.GetAsync(cancellationToken)).Dates,
            InputTable.Profiles => (await _profiles.GetAsync(cancellationToken)).Dates,
            InputTable.RiskReports => (await _reports.GetAsync(cancellationToken)).Dates,
            InputTable.Positions => (await PositionsAsync(cancellationToken))?.Dates ?? [],
            _ => throw new ArgumentOutOfRangeException(nameof(table), table, "no such table"),
        };
        return [.. dates.Where(range.Contains)];
    }

    /// <inheritdoc/>
    public async Task<DateOnly?> LatestAsync(InputTable table, string ownerId, DateRange range, CancellationToken cancellationToken) => table switch
    {
        InputTable.Profiles => (await _profiles.GetAsync(cancellationToken)).Latest(ownerId, range),
        InputTable.RiskReports => (await _reports.GetAsync(cancellationToken)).Latest(ownerId, range),
        InputTable.Positions => (await PositionsAsync(cancellationToken))?.Latest(ownerId, range),
        _ => throw new ArgumentOutOfRangeException(nameof(table), table, "no table of issuers or portfolios"),
    };

    /// <inheritdoc/>
    public bool HoldsPrices => true;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<PriceSeries>> PricesAsync(
        IReadOnlyList<string> instrumentIds, PriceWindow window, CancellationToken cancellationToken)
    {
        var prices = await _prices.GetAsync(cancellationToken);
        return [.. instrumentIds.Select(id => prices.Series(id).Within(window))];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> ProfileIssuersAsync(DateOnly asOf, CancellationToken cancellationToken) =>
        [.. (await _profiles.GetAsync(cancellationToken)).On(asOf).Select(profile => profile.IssuerId)];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<IssuerProfile>> ProfilesAsync(
        DateOnly asOf, IReadOnlyCollection<string> issuerIds, CancellationToken cancellationToken) =>
        (await _profiles.GetAsync(cancellationToken)).On(asOf, issuerIds);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> RiskReportPortfoliosAsync(DateOnly asOf, CancellationToken cancellationToken) =>
        [.. (await _reports.GetAsync(cancellationToken)).On(asOf).Select(report => report.PortfolioId)];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<RiskReport>> RiskReportsAsync(
        DateOnly asOf, IReadOnlyCollection<string> portfolioIds, CancellationToken cancellationToken) =>
        (await _reports.GetAsync(cancellationToken)).On(asOf, portfolioIds);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Position>> PositionsAsync(
        DateOnly asOf, IReadOnlyCollection<string>? portfolioIds, CancellationToken cancellationToken)
    {
        if (await PositionsAsync(cancellationToken) is not { } positions)
            return [];
        return portfolioIds is null ? positions.On(asOf) : positions.On(asOf, portfolioIds);
    }

    /// <inheritdoc/>
    public async Task<string> VersionAsync(InputTable table, CancellationToken cancellationToken)
    {
        if (table == InputTable.Prices)
            return (await _prices.GetAsync(cancellationToken)).SourceHash;
        var file = table switch
        {
            InputTable.Profiles => _profiles.File,
            InputTable.RiskReports => _reports.File,
            InputTable.Positions => _positions.File,
            _ => throw new ArgumentOutOfRangeException(nameof(table), table, "no such table"),
        };
        return file.Stamp()?.ToString() ?? "absent";
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<InputNote>> NotesAsync(CancellationToken cancellationToken)
    {
        List<InputNote> notes = [.. _markets.Notes, .. _issuers.Notes, .. _instruments.Notes, .. _profiles.Notes, .. _reports.Notes, .. _positions.Notes];
        if (_prices.Current is null && _profiles.Current is null && _positions.Current is null)
            return notes;
        var universe = await ReadUniverseAsync(cancellationToken);
        string[] issuers = [.. universe.Issuers.Keys], instruments = [.. universe.Instruments.Select(instrument => instrument.InstrumentId)];
        InputNote?[] unknown =
        [
            _prices.Current is { } prices ? UnknownIds.Note("prices_daily", "instrument_id", prices.RowCounts, instruments) : null,
            _profiles.Current is { } profiles ? UnknownIds.Note("profiles", "issuer_id", Owners(profiles, profile => profile.IssuerId), issuers) : null,
            _positions.Current is { } positions ? UnknownIds.Note("portfolio_positions", "instrument_id", Owners(positions, position => position.InstrumentId), instruments) : null,
        ];
        return [.. notes, .. _prices.Current?.Notes ?? [], .. unknown.OfType<InputNote>(), .. UnknownOwners.Notes(universe)];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _prices.Dispose();
        _markets.Dispose();
        _issuers.Dispose();
        _instruments.Dispose();
        _profiles.Dispose();
        _reports.Dispose();
        _positions.Dispose();
    }

    private static IEnumerable<(string Id, int Rows)> Owners<T>(DatedTable<T> table, Func<T, string> id) =>
        table.Dates.SelectMany(date => table.On(date)).Select(row => (id(row), 1));

    // Positions are the one table that a folder may do without: only showing them needs it.
    private async Task<DatedTable<Position>?> PositionsAsync(CancellationToken cancellationToken) =>
        _positions.File.Exists ? await _positions.GetAsync(cancellationToken) : null;
}
