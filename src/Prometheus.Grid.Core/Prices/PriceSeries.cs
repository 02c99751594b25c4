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

    /// <summary>Closing prices adjusted for splits and dividends, positive; NaN where the table has none.</summary>
    public required ReadOnlyMemory<double> AdjustedClose { get; init; }

    /// <summary>Shares traded, zero or more.</summary>
    public required ReadOnlyMemory<double> Volume { get; init; }

    /// <summary>
    /// The closes that returns from day to day are made of: the adjusted ones, and where none of these days has one, the closes as traded. A
    /// single day without one among adjusted ones stays NaN, no price of that day: the close there would be a jump that never happened.
    /// </summary>
    public ReadOnlySpan<double> ReturnCloses
    {
        get
        {
            foreach (double close in AdjustedClose.Span)
            {
                if (!double.IsNaN(close))
                    return AdjustedClose.Span;
            }
            return Close.Span;
        }
    }

    /// <summary>The last day on which the instrument traded, or null when it never did; without volumes every day counts.</summary>
    public DateOnly? LastTraded
    {
        get
        {
            var volume = Volume.Span;
            int row = volume.LastIndexOfAnyExcept(0.0);
            return Count == 0 ? null : DateOnly.FromDayNumber(Days.Span[row < 0 ? Count - 1 : row]);
        }
    }

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
