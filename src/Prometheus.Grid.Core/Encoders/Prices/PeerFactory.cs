using Prometheus.Grid.Core.Prices;

namespace Prometheus.Grid.Core.Encoders.Prices;

/// <summary>
/// Makes <see cref="PeerEncoder"/> ready for a date: fits on the equities that traded up to it, turned to the axes of the newest fit before, and
/// keeps the fit. A later fit is never looked at, so nothing after the date can reach a vector; build history from its start.
/// </summary>
internal static class PeerFactory
{
    private const string ArtifactName = "components";

    public static async Task<IPriceEncoder> CreateAsync(EncoderContext context, int workers, CancellationToken cancellationToken)
    {
        var options = PeerOptions.Of(context.Model, context.WindowDays);
        int lookback = Math.Min(PeerEncoder.Lookback(options), context.AsOf.DayNumber);
        var universe = await context.Inputs.ReadUniverseAsync(cancellationToken);
        var staleness = Staleness.Of(context);
        string[] ids = [.. universe.Instruments.Where(i => i.WasListedEquity).Select(i => i.InstrumentId)];
        var all = await context.Inputs.PricesAsync(
            ids, new DateRange(context.AsOf.AddDays(-lookback), context.AsOf), cancellationToken);
        PriceSeries[] prices = [.. all.Where(series => staleness.Check(series) is null)];

        var earlier = await EarlierAsync(context, options, cancellationToken);
        var model = PeerFit.Fit(prices, context.AsOf, options, earlier, workers, cancellationToken);
        if (model is not null)
        {
            await context.Artifacts.WriteAsync(
                context.Model.ModelId, context.AsOf, Name(options), PeerArtifact.Write(model), cancellationToken);
        }
        return new PeerEncoder(options, model, staleness);
    }

    private static async Task<PeerModel?> EarlierAsync(EncoderContext context, PeerOptions options, CancellationToken cancellationToken)
    {
        string modelId = context.Model.ModelId;
        var dates = await context.Artifacts.DatesAsync(modelId, Name(options), cancellationToken);
        foreach (var date in dates.Where(date => date < context.AsOf).OrderDescending())
        {
            var content = await context.Artifacts.ReadAsync(modelId, date, Name(options), cancellationToken);
            if (content is { } bytes && PeerArtifact.Read(bytes.Span, options, $"{Name(options)} of {modelId} on {DateRange.Text(date)}") is { } earlier)
                return earlier;
        }
        return null;
    }

    private static string Name(PeerOptions options) => $"{ArtifactName}-{options.WindowDays}.fit";
}
