using Prometheus.Grid.Core;

namespace Prometheus.Grid.Storage.Folder.Inputs;

/// <summary>Rows of a table by date and, within a date, in ordinal order of their owner.</summary>
internal sealed class DatedTable<T>
{
    private readonly SortedDictionary<DateOnly, List<T>> _byDate = [];
    private readonly Func<T, string> _owner;

    private DatedTable(Func<T, string> owner) => _owner = owner;

    /// <summary>The dates that have rows, ascending.</summary>
    public IEnumerable<DateOnly> Dates => _byDate.Keys;

    /// <summary>The rows of a date.</summary>
    public IReadOnlyList<T> On(DateOnly date) => _byDate.TryGetValue(date, out List<T>? rows) ? rows : [];

    /// <summary>The rows of a date that belong to <paramref name="owners"/>.</summary>
    public IReadOnlyList<T> On(DateOnly date, IReadOnlyCollection<string> owners)
    {
        var wanted = new HashSet<string>(owners, StringComparer.Ordinal);
        return [.. On(date).Where(row => wanted.Contains(_owner(row)))];
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
        CsvTable table, Func<CsvTable, T> parse, Func<T, DateOnly> date, Func<T, string> owner, Comparison<T> order, string keyColumns,
        CancellationToken cancellationToken)
    {
        var result = new DatedTable<T>(owner);
        var keys = new Dictionary<DateOnly, SortedSet<T>>();
        var comparer = Comparer<T>.Create(order);
        while (table.Read(cancellationToken))
        {
            T row = parse(table);
            if (!keys.TryGetValue(date(row), out SortedSet<T>? day))
                keys[date(row)] = day = new SortedSet<T>(comparer);
            if (!day.Add(row))
                throw table.Bad(keyColumns, $"{owner(row)}, {DateRange.Text(date(row))}", "a key that no row before has");
        }
        foreach ((DateOnly day, SortedSet<T> rows) in keys)
            result._byDate[day] = [.. rows];
        return result;
    }
}
