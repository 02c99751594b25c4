using Prometheus.Grid.Core.Entities;

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
        HashSet<string> wanted = owners as HashSet<string> is { } set && set.Comparer == StringComparer.Ordinal ? set : new(owners, StringComparer.Ordinal);
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
                throw table.Bad(keyColumns, $"{owner(row)}, {Core.DateRange.Text(date(row))}", "a key that no row before has");
        }
        foreach ((DateOnly day, SortedSet<T> rows) in keys)
            result._byDate[day] = [.. rows];
        return result;
    }
}

/// <summary>Reads profiles, risk reports and positions.</summary>
internal static class DatedTables
{
    private static readonly string[] s_texts = ["business_description", "risk_summary", "recent_events_summary"];

    /// <summary>Reads profiles, from a <c>structured</c> JSON column or from three text columns.</summary>
    public static DatedTable<IssuerProfile> Profiles(InputFile file, CancellationToken cancellationToken)
    {
        using var table = new CsvTable(file, "issuer_id", "as_of_date");
        bool isStructured = table.Has("structured");
        if (!isStructured && s_texts.FirstOrDefault(column => !table.Has(column)) is { } missing)
            throw table.Bad("header", $"no {missing}", $"a column structured, or the columns {string.Join(", ", s_texts)}");
        return DatedTable<IssuerProfile>.Read(
            table,
            row =>
            {
                (string issuer, DateOnly asOf) = (row.Key("issuer_id"), row.Date("as_of_date"));
                return isStructured
                    ? JsonColumns.Profile(row.Place("structured"), row.Text("structured"), issuer, asOf)
                    : new IssuerProfile(issuer, asOf, row.Text(s_texts[0]), row.Text(s_texts[1]), row.Text(s_texts[2]));
            },
            profile => profile.AsOf,
            profile => profile.IssuerId,
            (a, b) => string.CompareOrdinal(a.IssuerId, b.IssuerId),
            "issuer_id, as_of_date",
            cancellationToken);
    }

    /// <summary>Reads risk reports.</summary>
    public static DatedTable<RiskReport> RiskReports(InputFile file, CancellationToken cancellationToken)
    {
        using var table = new CsvTable(file, "portfolio_id", "as_of_date", "risk_metrics", "exposures_by_sector", "exposures_by_factor");
        return DatedTable<RiskReport>.Read(
            table,
            row => new RiskReport(
                row.Key("portfolio_id"), row.Date("as_of_date"), Numbers(row, "risk_metrics"), Numbers(row, "exposures_by_sector"),
                Numbers(row, "exposures_by_factor")),
            report => report.AsOf,
            report => report.PortfolioId,
            (a, b) => string.CompareOrdinal(a.PortfolioId, b.PortfolioId),
            "portfolio_id, as_of_date",
            cancellationToken);
    }

    /// <summary>Reads positions.</summary>
    public static DatedTable<Position> Positions(InputFile file, CancellationToken cancellationToken)
    {
        using var table = new CsvTable(file, "portfolio_id", "as_of_date", "instrument_id", "weight");
        return DatedTable<Position>.Read(
            table,
            row => new Position(row.Key("portfolio_id"), row.Date("as_of_date"), row.Key("instrument_id"), row.Number("weight")),
            position => position.AsOf,
            position => position.PortfolioId,
            (a, b) => string.CompareOrdinal(a.PortfolioId, b.PortfolioId) is not 0 and var order ? order : string.CompareOrdinal(a.InstrumentId, b.InstrumentId),
            "portfolio_id, as_of_date, instrument_id",
            cancellationToken);
    }

    private static IReadOnlyDictionary<string, double> Numbers(CsvTable row, string column) =>
        JsonColumns.Numbers(row.Place(column), row.Text(column));
}
