using Prometheus.Grid.Core.Entities;

namespace Prometheus.Grid.Core.Encoders.RiskReports;

/// <summary>
/// Makes <see cref="ScaledRiskReportEncoder"/> ready for a date: the scaler of the newest date before, with the keys that the reports of
/// this date add. A date that adds keys keeps its scaler; a later one is never looked at.
/// </summary>
internal static class RiskScalerFactory
{
    private const string ArtifactName = "scaler.fit";

    public static async Task<IVectorEncoder<RiskReport>> CreateAsync(EncoderContext context, int dimension, CancellationToken cancellationToken)
    {
        var earlier = await EarlierAsync(context, cancellationToken);
        var portfolios = await context.Inputs.RiskReportPortfoliosAsync(context.AsOf, cancellationToken);
        var reports = await context.Inputs.RiskReportsAsync(context.AsOf, portfolios, cancellationToken);
        var scaler = earlier.Extended(reports, context.AsOf, dimension);
        if (scaler != earlier)
            await context.Artifacts.WriteAsync(context.Model.ModelId, context.AsOf, ArtifactName, scaler.ToBytes(), cancellationToken);
        return new ScaledRiskReportEncoder(scaler, dimension, context.Model.DoubleParameter("clip", 5));
    }

    private static async Task<RiskScaler> EarlierAsync(EncoderContext context, CancellationToken cancellationToken)
    {
        string modelId = context.Model.ModelId;
        var dates = await context.Artifacts.DatesAsync(modelId, ArtifactName, cancellationToken);
        foreach (var date in dates.Where(date => date < context.AsOf).OrderDescending())
        {
            if (await context.Artifacts.ReadAsync(modelId, date, ArtifactName, cancellationToken) is { } content)
                return RiskScaler.Read(content.Span, $"{ArtifactName} of {modelId} on {DateRange.Text(date)}");
        }
        return RiskScaler.Empty;
    }
}
