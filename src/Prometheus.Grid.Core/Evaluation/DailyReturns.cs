using Prometheus.Grid.Core.Prices;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.Evaluation;

/// <summary>Daily log returns of adjusted closes over days that the caller names.</summary>
/// <param name="inputs">The user's tables.</param>
public sealed class DailyReturns(IGridInputs inputs)
{
    /// <summary>The returns of instruments, NaN on days without two consecutive prices.</summary>
    /// <param name="instrumentIds">Which instruments.</param>
    /// <param name="calendar">Trading days as <see cref="DateOnly.DayNumber"/>, ascending, at least two; a return ends on each but the first.</param>
    /// <param name="cancellationToken">Ends the read early.</param>
    public async Task<double[][]> OfInstrumentsAsync(IReadOnlyList<string> instrumentIds, int[] calendar, CancellationToken cancellationToken)
    {
        var range = new DateRange(DateOnly.FromDayNumber(calendar[0]), DateOnly.FromDayNumber(calendar[^1]));
        var prices = await inputs.PricesAsync(instrumentIds, range, cancellationToken);
        return [.. prices.Select(series => Returns(series, calendar))];
    }

    /// <summary>The returns of portfolios whose positions of a date are held still; a holding without a return earns 0 that day.</summary>
    /// <param name="asOf">The date of the positions.</param>
    /// <param name="calendar">As in <see cref="OfInstrumentsAsync"/>.</param>
    /// <param name="cancellationToken">Ends the read early.</param>
    /// <returns>By portfolio; portfolios without positions are left out.</returns>
    public async Task<Dictionary<string, double[]>> OfPortfoliosAsync(DateOnly asOf, int[] calendar, CancellationToken cancellationToken)
    {
        var positions = await inputs.PositionsAsync(asOf, portfolioIds: null, cancellationToken);
        string[] ids = [.. positions.Select(position => position.InstrumentId).Distinct(StringComparer.Ordinal)];
        double[][] returns = await OfInstrumentsAsync(ids, calendar, cancellationToken);
        var places = ids.Index().ToDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);
        var earned = new Dictionary<string, double[]>(StringComparer.Ordinal);
        foreach (var position in positions)
        {
            if (!earned.TryGetValue(position.PortfolioId, out double[]? total))
                earned.Add(position.PortfolioId, total = new double[calendar.Length - 1]);
            double[] held = returns[places[position.InstrumentId]];
            for (int t = 0; t < total.Length; t++)
                total[t] += double.IsNaN(held[t]) ? 0 : position.Weight * (Math.Exp(held[t]) - 1);
        }
        foreach (double[] total in earned.Values)
        {
            for (int t = 0; t < total.Length; t++)
                total[t] = Math.Log(1 + total[t]);
        }
        return earned;
    }

    private static double[] Returns(PriceSeries series, int[] calendar)
    {
        var days = series.Days.Span;
        var closes = series.ReturnCloses;
        double[] returns = new double[calendar.Length - 1];
        double previous = double.NaN;
        for (int t = 0; t < calendar.Length; t++)
        {
            int row = days.BinarySearch(calendar[t]);
            double close = row < 0 ? double.NaN : closes[row];
            if (t > 0)
                returns[t - 1] = Math.Log(close / previous);
            previous = close;
        }
        return returns;
    }
}
