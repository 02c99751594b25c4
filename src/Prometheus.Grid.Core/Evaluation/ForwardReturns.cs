using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.Evaluation;

/// <summary>
/// The trading days after a date, by which neighbours are judged. Nothing that is read past an as-of date reaches a vector.
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
}
