using Prometheus.Grid.Core.Prices;

namespace Prometheus.Grid.Core.Encoders.Prices;

/// <summary>
/// <c>num-profile-core-v2</c>, who moves with whom: unit coordinates of the market-residual returns on their principal components, and
/// beside them the correlation with the market. The cosine of two instruments is high when their returns move together beyond the market
/// and when the market explains as much of the one as of the other.
/// </summary>
internal sealed class PeerEncoder(PeerOptions options, PeerModel? model, Staleness staleness) : IPriceEncoder
{
    /// <summary>Calendar days a trading day takes: 365.25 / 252 and a reserve for long halts of a venue.</summary>
    public const double CalendarDaysPerTradingDay = 1.5;

    private const int ReserveCalendarDays = 30;

    public int Dimension => options.Dimension;

    public bool IsFitted => true;

    public bool IsListedByPrices => true;

    public int LookbackCalendarDays => Lookback(options);

    /// <summary>Calendar days that hold the window.</summary>
    public static int Lookback(PeerOptions options) => (int)(CalendarDaysPerTradingDay * options.WindowDays) + ReserveCalendarDays;

    public SkipReason? Encode(PriceSeries input, Span<float> vector)
    {
        if (staleness.Check(input) is { } stale)
            return stale;
        if (model is null)
            return new SkipReason("too little history to fit", $"the universe has no {options.FewestDays} days of two instruments");
        var market = model.Market;
        double[] row = new double[2 * market.Length], scratch = new double[market.Length];
        int observed = ReturnRow.Read(input, market.Calendar, row);
        if (observed < options.FewestDays)
            return new SkipReason("insufficient price rows", $"{observed} days with a return of the {options.FewestDays} that peers need");
        market.Standardise(row, scratch);
        double correlation = market.RemoveMarket(row);
        market.Finish(row);
        model.Project(row, vector[..options.Components]);
        vector[options.Components] = (float)(options.MarketWeight * correlation);
        return null;
    }
}
