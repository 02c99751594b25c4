namespace Prometheus.Grid.Core.Prices;

/// <summary>Which days of a price history to read: those in a range, and of these the last so many.</summary>
/// <param name="Days">The range.</param>
/// <param name="MostDays">
/// At least 1. An encoder that looks at its last window only says so here, because a range that holds the window for certain holds twice as
/// many days as it usually takes, and a database would send them all.
/// </param>
public readonly record struct PriceWindow(DateRange Days, int MostDays = int.MaxValue)
{
    /// <summary>A range stands for all of its days.</summary>
    public static implicit operator PriceWindow(DateRange days) => new(days);
}
