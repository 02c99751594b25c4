using Prometheus.Grid.Core;

namespace Prometheus.Grid.Storage.Folder.Inputs;

/// <summary>Rows of a table by date and, within a date, in ordinal order of their owner.</summary>
internal sealed class DatedTable<T>
{
    private readonly SortedDictionary<DateOnly, List<T>> _byDate = [];
    private readonly Func<T, string> _owner;

    // Made for the first who asks: backfills go by date alone.
    private readonly Lazy<Dictionary<string, List<DateOnly>>> _datesOf;

    private DatedTable(Func<T, string> owner)
    {
        _owner = owner;
        _datesOf = new Lazy<Dictionary<string, List<DateOnly>>>(DatesOf);
    }

    /// <summary>The dates that have rows, ascending.</summary>
    public IEnumerable<DateOnly> Dates => _byDate.Keys;

    /// <summary>The rows of a date.</summary>
    public IReadOnlyList<T> On(DateOnly date) => _byDate.TryGetValue(date, out var rows) ? rows : [];

    /// <summary>The rows of a date that belong to <paramref name="owners"/>.</summary>
    public IReadOnlyList<T> On(DateOnly date, IReadOnlyCollection<string> owners)
    {
        var wanted = new HashSet<string>(owners, StringComparer.Ordinal);
        return [.. On(date).Where(row => wanted.Contains(_owner(row)))];
    }

    /// <summary>The last date of <paramref name="range"/> on which <paramref name="owner"/> has rows; null where there is none.</summary>
    public DateOnly? Latest(string owner, DateRange range)
    {
        int at = _datesOf.Value.TryGetValue(owner, out var dates) ? dates.FindLastIndex(range.Contains) : -1;
        return at < 0 ? null : dates![at];
    }

    /// <summary>Reads a table; each key comes once.</summary>
    /// <param name="table">The table behind its header.</param>
    /// <param name="parse">Makes an entry of a row.</param>
    /// <param name="date">Its date.</param>
    /// <param name="owner">Whose it is.</param>
    /// <param name="order">Orders the entries of a date; entries that compare equal are duplicates.</param>
    /// <param name="keyColumns">The columns of the key, for the error.</param>
    /// <param name="cancellationToken">Ends the read early.</param>
    public static DatedTable<T> Read(
        TableReader table, Func<TableReader, T> parse, Func<T, DateOnly> date, Func<T, string> owner, Comparison<T> order, string keyColumns,
        CancellationToken cancellationToken)
    {
        var byDate = new Dictionary<DateOnly, List<Entry>>();
        foreach ((var row, long line) in table.Rows(parse, cancellationToken))
        {
            var entry = new Entry(row, line);
            if (!byDate.TryGetValue(date(entry.Row), out var day))
                byDate[date(entry.Row)] = day = [];
            day.Add(entry);
        }
        var result = new DatedTable<T>(owner);
        foreach ((var day, var entries) in byDate)
        {
            entries.Sort((a, b) => order(a.Row, b.Row) is not 0 and var byKey ? byKey : a.Line.CompareTo(b.Line));
            var rows = new List<T>(entries.Count);
            foreach (var entry in entries)
            {
                if (rows.Count > 0 && order(rows[^1], entry.Row) == 0)
                    table.Refuse(entry.Line, keyColumns, $"{owner(entry.Row)}, {DateRange.Text(day)}", "a key that no row before has");
                else
                    rows.Add(entry.Row);
            }
            result._byDate[day] = rows;
        }
        return result;
    }

    private Dictionary<string, List<DateOnly>> DatesOf()
    {
        var datesOf = new Dictionary<string, List<DateOnly>>(StringComparer.Ordinal);
        foreach (var (date, rows) in _byDate)
        {
            foreach (var row in rows)
            {
                if (!datesOf.TryGetValue(_owner(row), out var dates))
                    datesOf[_owner(row)] = dates = [];
                if (dates.Count == 0 || dates[^1] != date)
                    dates.Add(date);
            }
        }
        return datesOf;
    }

    private sealed record Entry(T Row, long Line);
}
