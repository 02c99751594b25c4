using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Prices;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.Evaluation;

/// <summary>
/// Daily log returns of instruments of several markets over the same days. On a day on which its market is closed the price of an instrument stands still:
/// its return is 0, and that of the next day begins at its last close.
/// </summary>
/// <param name="inputs">The user's tables.</param>
internal sealed class MarketReturns(IGridInputs inputs)
{
    /// <summary>A market trades on a day on which one of so many of its instruments has a price; fewer are strays.</summary>
    private const int FewestTraders = 4;

    /// <summary>Before the first day, for markets that were closed on it. No market pauses longer.</summary>
    private const int DaysBefore = 14;

    /// <summary>The returns of instruments; NaN from where one has no price on a day on which its market trades.</summary>
    /// <param name="instruments">Which.</param>
    /// <param name="calendar">Days as <see cref="DateOnly.DayNumber"/>, ascending, at least two; a return ends on each but the first.</param>
    /// <param name="cancellationToken">Ends the read early.</param>
    public async Task<double[][]> OfInstrumentsAsync(IReadOnlyList<Instrument> instruments, int[] calendar, CancellationToken cancellationToken)
    {
        var range = new DateRange(DateOnly.FromDayNumber(calendar[0] - DaysBefore), DateOnly.FromDayNumber(calendar[^1]));
        var prices = await inputs.PricesAsync([.. instruments.Select(instrument => instrument.InstrumentId)], range, cancellationToken);
        var tradingDays = instruments.Zip(prices).GroupBy(pair => pair.First.MarketId, pair => pair.Second, StringComparer.Ordinal)
            .ToDictionary(market => market.Key, TradingDays, StringComparer.Ordinal);
        return [.. instruments.Zip(prices, (instrument, series) => Returns(series, tradingDays[instrument.MarketId], calendar))];
    }

    private static HashSet<int> TradingDays(IEnumerable<PriceSeries> market)
    {
        var traders = new Dictionary<int, int>();
        int count = 0;
        foreach (var series in market.Where(series => series.Count > 0))
        {
            count++;
            foreach (int day in series.Days.Span)
                traders[day] = traders.GetValueOrDefault(day) + 1;
        }
        return [.. traders.Where(day => FewestTraders * day.Value >= count).Select(day => day.Key)];
    }

    private static double[] Returns(PriceSeries series, HashSet<int> tradingDays, int[] calendar)
    {
        var days = series.Days.Span;
        var closes = series.ReturnCloses;
        int begin = calendar[0];
        while (begin > calendar[0] - DaysBefore && !tradingDays.Contains(begin))
            begin--;
        double[] returns = new double[calendar.Length - 1];
        double last = CloseOn(begin, days, closes);
        for (int t = 1; t < calendar.Length; t++)
        {
            if (!tradingDays.Contains(calendar[t]))
                continue;
            double close = CloseOn(calendar[t], days, closes);
            returns[t - 1] = Math.Log(close / last);
            last = close;
        }
        return returns;
    }

    private static double CloseOn(int day, ReadOnlySpan<int> days, ReadOnlySpan<double> closes)
    {
        int row = days.BinarySearch(day);
        return row < 0 ? double.NaN : closes[row];
    }
}
