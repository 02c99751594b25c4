using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Http.Data;
using Prometheus.Grid.Http.Limits;
using Prometheus.Grid.Http.Messages;

namespace Prometheus.Grid.Http.Endpoints;

/// <summary>Portfolios and what the tables say of them.</summary>
internal static class PortfolioEndpoints
{
    public static void MapPortfolios(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/portfolios", ListAsync).Named("listPortfolios", "Portfolios with a risk report on a date, the latest unless said", "Portfolios").Costs(WorkKind.Lookup);
        v1.MapGet("/portfolios/{portfolio_id}/holdings", HoldingsAsync)
            .Named("getHoldings", "What a portfolio holds: its latest positions on a date", "Portfolios").Costs(WorkKind.Lookup);
        v1.MapGet("/portfolios/{portfolio_id}/risk-report", RiskReportAsync)
            .Named("getRiskReport", "The latest risk report of a portfolio on a date", "Portfolios").Costs(WorkKind.Lookup);
    }

    private static async Task<PortfoliosPage> ListAsync(
        string? as_of, string? query, string? limit, string? cursor, IGridInputs inputs, GridHttpOptions options, CancellationToken cancellationToken)
    {
        int most = Parameters.Limit(limit, options.MaxPage);
        string after = Cursor.Parse(cursor)?.Id ?? "";
        var dates = await inputs.DatesAsync(InputTable.RiskReports, UpTo(as_of), cancellationToken);
        if (dates.Count == 0)
            return new PortfoliosPage([], null);
        var ids = (await inputs.RiskReportPortfoliosAsync(dates[^1], cancellationToken))
            .Where(id => string.CompareOrdinal(id, after) > 0 && (query is null || id.Contains(query, StringComparison.OrdinalIgnoreCase)))
            .Take(most + 1).ToList();
        return new PortfoliosPage(
            [.. ids.Take(most).Select(id => new PortfolioMessage(id, dates[^1]))], ids.Count > most ? new Cursor(null, ids[most - 1]).ToString() : null);
    }

    private static async Task<HoldingsMessage> HoldingsAsync(
        HttpContext context, string portfolio_id, string? as_of, IGridInputs inputs, CancellationToken cancellationToken)
    {
        string id = Parameters.Id(context, nameof(portfolio_id));
        if (await inputs.LatestAsync(InputTable.Positions, id, UpTo(as_of), cancellationToken) is not { } date)
            throw new NotFoundException("positions of portfolio", id);
        var positions = await inputs.PositionsAsync(date, [id], cancellationToken);
        var universe = await inputs.ReadUniverseAsync(cancellationToken);
        return new HoldingsMessage(id, date, [.. positions.Select(position =>
        {
            string issuerId = universe.Instrument(position.InstrumentId)?.IssuerId ?? "";
            var issuer = universe.Issuers.GetValueOrDefault(issuerId);
            return new HoldingMessage(position.InstrumentId, issuerId, issuer?.Name ?? "", issuer?.Sector ?? "", position.Weight);
        })]);
    }

    private static async Task<RiskReportMessage> RiskReportAsync(
        HttpContext context, string portfolio_id, string? as_of, IGridInputs inputs, CancellationToken cancellationToken)
    {
        string id = Parameters.Id(context, nameof(portfolio_id));
        return await inputs.LatestAsync(InputTable.RiskReports, id, UpTo(as_of), cancellationToken) is { } date
            && await inputs.RiskReportsAsync(date, [id], cancellationToken) is [var report]
            ? new RiskReportMessage(id, report.AsOf, Finite(report.RiskMetrics), Finite(report.ExposuresBySector), Finite(report.ExposuresByFactor))
            : throw new NotFoundException("risk report of portfolio", id);
    }

    private static DateRange UpTo(string? asOf) => new(DateOnly.MinValue, Parameters.OptionalDay("as_of", asOf) ?? DateOnly.MaxValue);

    // JSON has no word for infinity.
    private static Dictionary<string, double> Finite(IReadOnlyDictionary<string, double> numbers) =>
        numbers.Where(pair => double.IsFinite(pair.Value)).ToDictionary(StringComparer.Ordinal);
}
