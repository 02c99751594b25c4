using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.Backfill;

/// <summary>Numeric vectors of portfolios from their risk reports.</summary>
internal sealed class PortfolioPlanner(PortfolioBackfill request, BackfillContext context) : IBackfillPlanner
{
    public Task<IReadOnlyList<DateOnly>> DatesAsync(CancellationToken cancellationToken) =>
        context.DatesAsync(request.Dates, InputTable.RiskReports, cancellationToken);

    public async Task<BackfillPlan> PlanAsync(DateOnly asOf, CancellationToken cancellationToken)
    {
        var model = context.Catalog.Model(request.ModelId, BranchKind.Numeric, EntityKind.Portfolio);
        var encoder = await context.Encoders.RiskReportAsync(context.For(model, asOf), cancellationToken);
        var reported = await context.Inputs.RiskReportPortfoliosAsync(asOf, cancellationToken);
        if (reported.Count == 0)
            throw new NotFoundException("risk reports as of", DateRange.Text(asOf), await context.DatesHintAsync(InputTable.RiskReports, cancellationToken));
        var selected = reported;
        if (request.PortfolioIds.Count > 0)
        {
            selected = [.. request.PortfolioIds.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
            if (selected.Except(reported, StringComparer.Ordinal).FirstOrDefault() is { } missing)
                throw new NotFoundException("portfolio", missing, $"it has no risk report as of {DateRange.Text(asOf)}");
        }
        string[] ids = [.. selected.Take(request.Limit ?? int.MaxValue)];

        return new BackfillPlan(
            new PartitionKey(BranchKind.Numeric, model.ModelId, asOf),
            encoder.Dimension,
            "risk-report",
            $"{await context.Inputs.VersionAsync(InputTable.RiskReports, cancellationToken)};{encoder.Version}",
            ids,
            selected.Count - ids.Length,
            !encoder.IsFitted,
            async (chunk, token) =>
            {
                var reports = await context.Inputs.RiskReportsAsync(asOf, chunk, token);
                return ChunkEncoding.Each(
                    [.. reports.Select(report => report.PortfolioId)],
                    encoder.Dimension,
                    context.Workers,
                    i => new RowHeader(reports[i].PortfolioId),
                    (i, vector) => encoder.Encode(reports[i], vector),
                    token);
            });
    }
}
