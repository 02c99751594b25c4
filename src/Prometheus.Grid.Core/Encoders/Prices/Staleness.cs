using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Prices;

namespace Prometheus.Grid.Core.Encoders.Prices;

/// <summary>
/// How old the last trade of an instrument may be: one that has not traded for longer was not listed on the date, whatever its status says
/// today, and has no vector.
/// </summary>
/// <param name="asOf">The date of the vectors.</param>
/// <param name="mostDays">Calendar days.</param>
internal sealed class Staleness(DateOnly asOf, int mostDays)
{
    /// <summary>What <see cref="SkipReason.Code"/> says.</summary>
    public const string Code = "no recent trade";

    /// <summary>
    /// The manifest's <c>most_stale_days</c>. By default 31: no series of 609,435 real rows pauses for more than 5 calendar days, holidays
    /// included, so a month passes over what has ended and keeps what is suspended for weeks.
    /// </summary>
    /// <exception cref="BadInputException">The parameter is no positive whole number.</exception>
    public static Staleness Of(EncoderContext context) => new(context.AsOf, context.Model.Int32Parameter("most_stale_days", 31));

    /// <summary>Why an instrument has no vector, or null when it traded lately.</summary>
    public SkipReason? Check(PriceSeries series) =>
        series.LastTraded is { } last && asOf.DayNumber - last.DayNumber > mostDays
            ? new SkipReason(Code, $"last trade {DateRange.Text(last)}; the model allows {mostDays} days")
            : null;
}
