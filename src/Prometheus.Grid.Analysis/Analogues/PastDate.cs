namespace Prometheus.Grid.Analysis.Analogues;

/// <summary>A date whose horizon is over.</summary>
/// <param name="AsOf">The date of the states.</param>
/// <param name="Place">Place of its last trading day in the calendar.</param>
/// <param name="Horizon">That trading day and those of the horizon, as <see cref="DateOnly.DayNumber"/>.</param>
internal sealed record PastDate(DateOnly AsOf, int Place, int[] Horizon)
{
    /// <summary>The date, or null when fewer trading days than the horizon follow in the calendar, or none is before.</summary>
    /// <param name="asOf">The date.</param>
    /// <param name="trading">Trading days, ascending, none after the date of the question.</param>
    /// <param name="days">Length of the horizon.</param>
    public static PastDate? Of(DateOnly asOf, IReadOnlyList<DateOnly> trading, int days)
    {
        int place = -1;
        for (int low = 0, high = trading.Count - 1; low <= high;)
        {
            int middle = (low + high) >>> 1;
            if (trading[middle] <= asOf)
                (place, low) = (middle, middle + 1);
            else
                high = middle - 1;
        }
        return place < 0 || place + days >= trading.Count
            ? null
            : new PastDate(asOf, place, [.. Enumerable.Range(place, days + 1).Select(i => trading[i].DayNumber)]);
    }
}
