using Prometheus.Grid.Core.Prices;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.Backfill;

/// <summary>
/// Prices that the dates of a range share, so that a store which keeps none in this process is asked once a range instead of once a date. What
/// is kept is used only while the table has the version that it had before and after it was read: a correction is seen by the next read, as it is
/// without this. Safe for concurrent callers.
/// </summary>
internal sealed class RangePrices
{
    /// <summary>Rows kept at most: 256 MiB. What does not fit is read date by date.</summary>
    private const long MostRows = (256L << 20) / BytesPerRow;

    private const int BytesPerRow = sizeof(int) + (6 * sizeof(double));

    // Trading days of a calendar week, for a guess at the rows of a range.
    private const double TradingShare = 5 / 7.0;

    private readonly Lock _lock = new();
    private readonly List<Reading> _readings = [];

    /// <summary>Reads as <see cref="IGridInputs.PricesAsync"/> does, what later dates up to <paramref name="last"/> need included when it is not at hand.</summary>
    public async Task<IReadOnlyList<PriceSeries>> ReadAsync(
        IGridInputs inputs, IReadOnlyList<string> ids, PriceWindow window, DateOnly last, CancellationToken cancellationToken)
    {
        string version = await inputs.VersionAsync(InputTable.Prices, cancellationToken);
        if (Find(inputs, version, ids, window) is { } known)
            return known.Give(ids, window);
        if (!HasRoom(inputs, version, ids, window, last))
            return await inputs.PricesAsync(ids, window, cancellationToken);

        var first = await inputs.PricesAsync(ids, window, cancellationToken);
        IReadOnlyList<PriceSeries> later;
        try
        {
            // With the window, exactly the rows that the dates one by one would read: a bad row elsewhere stops nothing.
            later = await inputs.PricesAsync(ids, new DateRange(window.Days.End.AddDays(1), last), cancellationToken);
        }
        catch (Errors.BadInputException)
        {
            // The row is bad on a later date, which will say so; this one is whole without it.
            return first;
        }
        var reading = new Reading(inputs, version, window, last, ids, first, later);
        if (await inputs.VersionAsync(InputTable.Prices, cancellationToken) != version)
            return first;
        lock (_lock)
            _readings.Add(reading);
        return first;
    }

    /// <summary>A reading with the rows, which leaves when the last date of its range takes them.</summary>
    private Reading? Find(IGridInputs inputs, string version, IReadOnlyList<string> ids, PriceWindow window)
    {
        lock (_lock)
        {
            _readings.RemoveAll(reading => ReferenceEquals(reading.Inputs, inputs) && reading.Version != version);
            var found = _readings.Find(reading => ReferenceEquals(reading.Inputs, inputs) && reading.Covers(ids, window));
            if (found is not null && window.Days.End == found.Last)
                _readings.Remove(found);
            return found;
        }
    }

    private bool HasRoom(IGridInputs inputs, string version, IReadOnlyList<string> ids, PriceWindow window, DateOnly last)
    {
        if (last <= window.Days.End)
            return false;
        double days = Math.Min(window.MostDays, TradingShare * (window.Days.End.DayNumber - window.Days.Start.DayNumber + 1))
            + (TradingShare * (last.DayNumber - window.Days.End.DayNumber));
        double rows = days * ids.Count;
        if (rows > MostRows)
            return false;
        lock (_lock)
        {
            // Ranges that ended early leave theirs behind; those of the range under way are wanted again at its next date.
            if (_readings.Sum(reading => reading.Rows) + rows > MostRows)
                _readings.RemoveAll(reading => !ReferenceEquals(reading.Inputs, inputs) || reading.Version != version || reading.Last != last);
            return _readings.Sum(reading => reading.Rows) + rows <= MostRows;
        }
    }

    /// <summary>What was read at once: of each instrument the rows of the first date's window, and all behind it up to the last date.</summary>
    private sealed class Reading
    {
        private readonly PriceWindow _first;
        private readonly Dictionary<string, PriceSeries> _series;

        public Reading(
            IGridInputs inputs, string version, PriceWindow first, DateOnly last, IReadOnlyList<string> ids, IReadOnlyList<PriceSeries> before, IReadOnlyList<PriceSeries> after)
        {
            (Inputs, Version, _first, Last) = (inputs, version, first, last);
            _series = new Dictionary<string, PriceSeries>(ids.Count, StringComparer.Ordinal);
            for (int i = 0; i < ids.Count; i++)
                _series[ids[i]] = Joined(before[i], after[i]);
            Rows = _series.Values.Sum(series => (long)series.Count);
        }

        public IGridInputs Inputs { get; }

        public string Version { get; }

        public DateOnly Last { get; }

        public long Rows { get; }

        public bool Covers(IReadOnlyList<string> ids, PriceWindow window) =>
            window.Days.Start >= _first.Days.Start && window.Days.End >= _first.Days.End && window.Days.End <= Last
            && window.MostDays <= _first.MostDays && ids.All(_series.ContainsKey);

        public IReadOnlyList<PriceSeries> Give(IReadOnlyList<string> ids, PriceWindow window) => [.. ids.Select(id => _series[id].Within(window))];

        private static PriceSeries Joined(PriceSeries before, PriceSeries after) => after.Count == 0 ? before : before.Count == 0 ? after : new PriceSeries
        {
            InstrumentId = before.InstrumentId,
            Days = Joined(before.Days, after.Days),
            Open = Joined(before.Open, after.Open),
            High = Joined(before.High, after.High),
            Low = Joined(before.Low, after.Low),
            Close = Joined(before.Close, after.Close),
            AdjustedClose = Joined(before.AdjustedClose, after.AdjustedClose),
            Volume = Joined(before.Volume, after.Volume),
        };

        private static ReadOnlyMemory<T> Joined<T>(ReadOnlyMemory<T> before, ReadOnlyMemory<T> after)
        {
            var joined = new T[before.Length + after.Length];
            before.CopyTo(joined);
            after.CopyTo(joined.AsMemory(before.Length));
            return joined;
        }
    }
}
