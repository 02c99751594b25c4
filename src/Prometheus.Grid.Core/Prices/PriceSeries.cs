namespace Prometheus.Grid.Core.Prices;

/// <summary>
/// Daily prices of one instrument in ascending date order, as columns of equal length. The columns may be views of mapped files: they are
/// valid as long as the store that gave them.
/// </summary>
public sealed record PriceSeries
{
    /// <summary>The instrument.</summary>
    public required string InstrumentId { get; init; }

    /// <summary>Trading dates as <see cref="DateOnly.DayNumber"/>, strictly ascending.</summary>
    public required ReadOnlyMemory<int> Days { get; init; }

    /// <summary>Opening prices; NaN where the table has none.</summary>
    public required ReadOnlyMemory<double> Open { get; init; }

    /// <summary>Highest prices; NaN where the table has none.</summary>
    public required ReadOnlyMemory<double> High { get; init; }

    /// <summary>Lowest prices; NaN where the table has none.</summary>
    public required ReadOnlyMemory<double> Low { get; init; }

    /// <summary>Closing prices as traded, positive.</summary>
    public required ReadOnlyMemory<double> Close { get; init; }

    /// <summary>Closing prices adjusted for splits and dividends, positive; equal to <see cref="Close"/> where the table has none.</summary>
    public required ReadOnlyMemory<double> AdjustedClose { get; init; }

    /// <summary>Shares traded, zero or more.</summary>
    public required ReadOnlyMemory<double> Volume { get; init; }

    /// <summary>Number of days.</summary>
    public int Count => Days.Length;

    /// <summary>The days of <paramref name="range"/>, without copying.</summary>
    public PriceSeries Within(DateRange range)
    {
        int from = FirstAtOrAfter(range.Start.DayNumber);
        int to = FirstAtOrAfter(range.End.DayNumber + 1);
        return from == 0 && to == Count ? this : Slice(from, to - from);
    }

    /// <summary>The days of <paramref name="window"/>, without copying.</summary>
    public PriceSeries Within(PriceWindow window)
    {
        var inRange = Within(window.Days);
        return inRange.Count <= window.MostDays ? inRange : inRange.Slice(inRange.Count - window.MostDays, window.MostDays);
    }

    /// <summary>The <paramref name="count"/> days from <paramref name="start"/> on, without copying.</summary>
    public PriceSeries Slice(int start, int count) => this with
    {
        Days = Days.Slice(start, count),
        Open = Open.Slice(start, count),
        High = High.Slice(start, count),
        Low = Low.Slice(start, count),
        Close = Close.Slice(start, count),
        AdjustedClose = AdjustedClose.Slice(start, count),
        Volume = Volume.Slice(start, count),
    };

    private int FirstAtOrAfter(int day)
    {
        int index = Days.Span.BinarySearch(day);
        return index < 0 ? ~index : index;
    }
}
