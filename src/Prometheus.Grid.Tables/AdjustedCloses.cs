using Prometheus.Grid.Core;

namespace Prometheus.Grid.Tables;

/// <summary>
/// Which adjusted closes prices_daily lacks, and what is done without them: an instrument that has none is taken at its closes, and a day
/// without one among adjusted ones is no price of that day. One thread at a time.
/// </summary>
internal sealed class AdjustedCloses
{
    /// <summary>What is said when nobody has one.</summary>
    public const string NoColumn = "no column adjusted_close: closes are taken as adjusted for splits and dividends";

    private readonly SortedSet<string> _without = new(StringComparer.Ordinal);
    private readonly SortedSet<(string Instrument, int Day)> _holes = [];
    private readonly HashSet<string> _adjusted = new(StringComparer.Ordinal);

    /// <summary>Takes the rows of an instrument.</summary>
    /// <param name="instrumentId">The instrument; a second time for other days of it.</param>
    /// <param name="days">Its days as <see cref="DateOnly.DayNumber"/>.</param>
    /// <param name="closes">Their adjusted closes, NaN where the table has none.</param>
    public void Add(string instrumentId, ReadOnlySpan<int> days, ReadOnlySpan<double> closes)
    {
        int holes = 0;
        foreach (double close in closes)
            holes += double.IsNaN(close) ? 1 : 0;
        if (holes == closes.Length)
        {
            if (holes > 0)
                _without.Add(instrumentId);
            return;
        }
        _adjusted.Add(instrumentId);
        for (int i = 0; holes > 0 && i < closes.Length; i++)
        {
            if (double.IsNaN(closes[i]))
                _holes.Add((instrumentId, days[i]));
        }
    }

    /// <summary>Says what was found; nothing when every row has one.</summary>
    public void Say(TableNotes notes)
    {
        if (_without.Count > 0 && _adjusted.Count == 0)
        {
            notes.Note("adjusted_close is empty in every row: closes are taken as adjusted for splits and dividends", "");
            return;
        }
        foreach (string instrumentId in _without.Except(_adjusted))
            notes.Note("instruments without any adjusted_close, whose closes are taken as adjusted", instrumentId);
        foreach ((string instrumentId, int day) in _holes)
            notes.Note("rows without an adjusted_close among adjusted ones, which are no price of that day", $"{instrumentId} on {DateRange.Text(DateOnly.FromDayNumber(day))}");
    }
}
