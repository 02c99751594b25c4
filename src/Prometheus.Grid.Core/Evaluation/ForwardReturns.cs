using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Prices;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.Evaluation;

/// <summary>
/// What happened after a date: daily log returns of adjusted closes over the next trading days of the prices table. The only place in the
/// product that looks past an as-of date, and nothing that it reads reaches a vector.
/// </summary>
/// <param name="inputs">The user's tables.</param>
internal sealed class ForwardReturns(IGridInputs inputs)
{
    /// <summary>A quarter of a year.</summary>
    public const int HorizonDays = 63;

    // A quarter has about 92 calendar days; a half-year holds 63 trading days under any holidays.
    private const int CalendarReserveDays = 190;

    /// <summary>The last trading day up to the date and the <see cref="HorizonDays"/> after it.</summary>
    /// <exception cref="BadInputException">Prices do not reach far enough.</exception>
    public async Task<int[]> CalendarAsync(DateOnly asOf, CancellationToken cancellationToken)
    {
        var before = await inputs.DatesAsync(InputTable.Prices, new DateRange(asOf.AddDays(-CalendarReserveDays), asOf), cancellationToken);
        var after = await inputs.DatesAsync(
            InputTable.Prices, new DateRange(asOf.AddDays(1), asOf.AddDays(CalendarReserveDays)), cancellationToken);
        if (before.Count == 0 || after.Count < HorizonDays)
        {
            throw new BadInputException(
                nameof(EvaluationFigure.AsOf), DateRange.Text(asOf), $"a date with prices on {HorizonDays} trading days after it, which neighbours are judged by; there are {after.Count}");
        }
        return [before[^1].DayNumber, .. after.Take(HorizonDays).Select(date => date.DayNumber)];
    }

    /// <summary>The returns of instruments, NaN on days without two consecutive prices.</summary>
    /// <param name="instrumentIds">Which instruments.</param>
    /// <param name="calendar">The days of <see cref="CalendarAsync"/>.</param>
    /// <param name="cancellationToken">Ends the read early.</param>
    public async Task<double[][]> OfInstrumentsAsync(IReadOnlyList<string> instrumentIds, int[] calendar, CancellationToken cancellationToken)
    {
        var range = new DateRange(DateOnly.FromDayNumber(calendar[0]), DateOnly.FromDayNumber(calendar[^1]));
        var prices = await inputs.PricesAsync(instrumentIds, range, cancellationToken);
        return [.. prices.Select(series => Returns(series, calendar))];
    }

    /// <summary>The returns of portfolios whose positions of the date are held still; a holding without a return earns 0 that day.</summary>
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
        var closes = series.AdjustedClose.Span;
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
