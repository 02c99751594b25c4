using System.Diagnostics;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Prices;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Core.Telemetry;

namespace Prometheus.Grid.Grains.Storage;

/// <summary>Keeps the reference tables for a while; everything else is read as asked.</summary>
internal sealed class CachedInputs(IGridInputs inputs, TimeSpan age) : IGridInputs
{
    private readonly Batcher<bool, bool, Universe> _reads = new("read universe", async (_, calls) =>
    {
        var universe = await inputs.ReadUniverseAsync(CancellationToken.None);
        return [.. calls.Select(_ => universe)];
    });
    private volatile Reading? _latest;

    public bool HoldsPrices => inputs.HoldsPrices;

    public async Task<Universe> ReadUniverseAsync(CancellationToken cancellationToken)
    {
        var latest = _latest;
        bool isFresh = latest is not null && Stopwatch.GetElapsedTime(latest.At) < age;
        GridMetrics.Looked("universe", isFresh);
        if (isFresh)
            return latest!.Universe;
        long now = Stopwatch.GetTimestamp();
        var universe = await _reads.RunAsync(true, true, cancellationToken);
        _latest = new Reading(universe, now);
        return universe;
    }

    public Task<IReadOnlyList<DateOnly>> DatesAsync(InputTable table, DateRange range, CancellationToken cancellationToken) =>
        inputs.DatesAsync(table, range, cancellationToken);

    public Task<DateOnly?> LatestAsync(InputTable table, string ownerId, DateRange range, CancellationToken cancellationToken) =>
        inputs.LatestAsync(table, ownerId, range, cancellationToken);

    public Task<IReadOnlyList<PriceSeries>> PricesAsync(IReadOnlyList<string> instrumentIds, PriceWindow window, CancellationToken cancellationToken) =>
        inputs.PricesAsync(instrumentIds, window, cancellationToken);

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

    private sealed record Reading(Universe Universe, long At);
}
