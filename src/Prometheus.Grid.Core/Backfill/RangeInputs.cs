using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Prices;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.Backfill;

/// <summary>The inputs of a date in a range of dates: prices through <see cref="RangePrices"/>, everything else as asked.</summary>
/// <param name="inputs">The user's tables.</param>
/// <param name="prices">Keeps the prices of ranges.</param>
/// <param name="last">The last date of the range.</param>
internal sealed class RangeInputs(IGridInputs inputs, RangePrices prices, DateOnly last) : IGridInputs
{
    public Task<IReadOnlyList<PriceSeries>> PricesAsync(IReadOnlyList<string> instrumentIds, PriceWindow window, CancellationToken cancellationToken) =>
        prices.ReadAsync(inputs, instrumentIds, window, last, cancellationToken);

    public Task<Universe> ReadUniverseAsync(CancellationToken cancellationToken) => inputs.ReadUniverseAsync(cancellationToken);

    public Task<IReadOnlyList<DateOnly>> DatesAsync(InputTable table, DateRange range, CancellationToken cancellationToken) =>
        inputs.DatesAsync(table, range, cancellationToken);

    public Task<DateOnly?> LatestAsync(InputTable table, string ownerId, DateRange range, CancellationToken cancellationToken) =>
        inputs.LatestAsync(table, ownerId, range, cancellationToken);

    public Task<IReadOnlyList<string>> ProfileIssuersAsync(DateOnly asOf, CancellationToken cancellationToken) =>
        inputs.ProfileIssuersAsync(asOf, cancellationToken);

    public Task<IReadOnlyList<IssuerProfile>> ProfilesAsync(DateOnly asOf, IReadOnlyCollection<string> issuerIds, CancellationToken cancellationToken) =>
        inputs.ProfilesAsync(asOf, issuerIds, cancellationToken);

    public Task<IReadOnlyList<string>> RiskReportPortfoliosAsync(DateOnly asOf, CancellationToken cancellationToken) =>
        inputs.RiskReportPortfoliosAsync(asOf, cancellationToken);

    public Task<IReadOnlyList<RiskReport>> RiskReportsAsync(
        DateOnly asOf, IReadOnlyCollection<string> portfolioIds, CancellationToken cancellationToken) =>
        inputs.RiskReportsAsync(asOf, portfolioIds, cancellationToken);

    public Task<IReadOnlyList<Position>> PositionsAsync(
        DateOnly asOf, IReadOnlyCollection<string>? portfolioIds, CancellationToken cancellationToken) =>
        inputs.PositionsAsync(asOf, portfolioIds, cancellationToken);

    public Task<string> VersionAsync(InputTable table, CancellationToken cancellationToken) => inputs.VersionAsync(table, cancellationToken);

    public Task<IReadOnlyList<InputNote>> NotesAsync(CancellationToken cancellationToken) => inputs.NotesAsync(cancellationToken);
}
