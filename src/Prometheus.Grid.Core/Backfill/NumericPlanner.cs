using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Encoders.Prices;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Prices;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.Backfill;

/// <summary>Numeric vectors of instruments from their prices.</summary>
internal sealed class NumericPlanner(NumericBackfill request, BackfillContext context) : IBackfillPlanner
{
    private const int MostWindowDays = 10_000;

    public Task<IReadOnlyList<DateOnly>> DatesAsync(CancellationToken cancellationToken) =>
        context.DatesAsync(request.Dates, InputTable.Prices, cancellationToken);

    public async Task<BackfillPlan> PlanAsync(DateOnly asOf, CancellationToken cancellationToken)
    {
        if (request.WindowDays is < 1 or > MostWindowDays)
            throw new BadInputException(nameof(request.WindowDays), request.WindowDays, $"a whole number from 1 to {MostWindowDays}");
        if (request.Offset < 0)
            throw new BadInputException(nameof(request.Offset), request.Offset, "a whole number of 0 or more");

        var model = context.Catalog.Model(request.ModelId, BranchKind.Numeric, EntityKind.Instrument);
        var encoder = await context.Encoders.PriceAsync(context.For(model, asOf, request.WindowDays), cancellationToken);
        var universe = await context.Inputs.ReadUniverseAsync(cancellationToken);
        var (selected, passedOver) = Select(universe, encoder.IsListedByPrices);
        string[] ids = [.. selected.Take(request.Limit ?? int.MaxValue).Order(StringComparer.Ordinal)];
        PriceWindow window = new(new DateRange(asOf.AddDays(-Math.Min(encoder.LookbackCalendarDays, asOf.DayNumber)), asOf), encoder.MostDays);

        return new BackfillPlan(
            new PartitionKey(BranchKind.Numeric, model.ModelId, asOf),
            encoder.Dimension,
            $"window_days={request.WindowDays ?? model.Int32Parameter("window_days")}",
            await context.Inputs.VersionAsync(InputTable.Prices, cancellationToken),
            ids,
            selected.Count - ids.Length,
            !encoder.IsFitted,
            async (chunk, token) =>
            {
                var prices = await context.Inputs.PricesAsync(chunk, window, token);
                var encoded = ChunkEncoding.Each(
                    chunk, encoder.Dimension, context.Workers, i => new RowHeader(chunk[i]), (i, vector) => encoder.Encode(prices[i], vector), token);
                // That an instrument which is not active did not trade on the date is what its status says.
                return encoded with { Skipped = [.. encoded.Skipped.Where(skip => universe.Instrument(skip.EntityId) is not { Status: not "ACTIVE" } || !IsOver(skip.Reason))] };
            })
        {
            PassedOver = passedOver,
        };

        static bool IsOver(SkipReason reason) => reason.Code == Staleness.Code || reason.Detail.StartsWith("0 ", StringComparison.Ordinal);
    }

    /// <summary>
    /// Named instruments first, in their order; then the equities asked for, ordinally, after the offset; and beside them the instruments
    /// that the model is not for.
    /// </summary>
    private (List<string> Selected, List<SkippedEntity> PassedOver) Select(Universe universe, bool listedByPrices)
    {
        var known = universe.Instruments.Select(i => i.InstrumentId).ToHashSet(StringComparer.Ordinal);
        foreach (string id in request.InstrumentIds)
        {
            if (!known.Contains(id))
                throw new NotFoundException("instrument", id, "it is not in the instruments table");
        }
        if (request.MarketId is { } marketId && !universe.Markets.ContainsKey(marketId))
            throw new NotFoundException("market", marketId, $"known are {string.Join(", ", universe.Markets.Keys.Order(StringComparer.Ordinal))}");

        bool wantsMarket = request.MarketId is not null || request.InstrumentIds.Count == 0;
        Instrument[] ofMarket = [.. universe.Instruments.Where(i => wantsMarket && (request.MarketId is null || i.MarketId == request.MarketId))];
        bool IsEncoded(Instrument i) => listedByPrices ? i.WasListedEquity : i.IsActiveEquity;
        var chosen = request.InstrumentIds.Concat(ofMarket.Where(IsEncoded).Select(i => i.InstrumentId).Skip(request.Offset)).Distinct(StringComparer.Ordinal).ToList();
        var passedOver = ofMarket.Where(i => !IsEncoded(i) && !request.InstrumentIds.Contains(i.InstrumentId)).Select(i => new SkippedEntity(
            i.InstrumentId, new SkipReason("not an active equity (asset_class EQUITY and status ACTIVE)", $"asset_class {i.AssetClass}, status {i.Status}")));
        return (chosen, [.. passedOver]);
    }
}
