using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Tables;

/// <summary>Rows whose id is in no reference table. Normal where a file covers more than the universe, so it is said and not refused.</summary>
internal static class UnknownIds
{
    /// <summary>The note about them; null when there are none.</summary>
    /// <param name="table">The table with the rows.</param>
    /// <param name="column">Its column of ids, for example <c>issuer_id</c>, whose reference table is <c>issuers</c>.</param>
    /// <param name="rows">Rows by id; an id may come more than once.</param>
    /// <param name="known">The ids of the reference table.</param>
    public static InputNote? Note(string table, string column, IEnumerable<(string Id, int Rows)> rows, IReadOnlyCollection<string> known)
    {
        var ids = known.ToHashSet(StringComparer.Ordinal);
        var unknown = rows.Where(row => !ids.Contains(row.Id)).GroupBy(row => row.Id, row => row.Rows, StringComparer.Ordinal)
            .Select(group => (Id: group.Key, Rows: group.Sum())).OrderBy(row => row.Id, StringComparer.Ordinal).ToList();
        if (unknown.Count == 0)
            return null;
        // The only misspellings told here are those that a machine makes: another case, blanks, other separators.
        var bySpelling = known.GroupBy(Spelling, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Order(StringComparer.Ordinal).First(), StringComparer.Ordinal);
        var examples = unknown
            .Select(row => (row.Id, Near: bySpelling.GetValueOrDefault(Spelling(row.Id))))
            .OrderBy(id => id.Near is null)
            .Take(TableNotes.MostNamed)
            .Select(id => id.Near is null ? id.Id : $"{id.Id} (did you mean {id.Near}?)");
        return new InputNote(table, $"rows of {(column[0] == 'i' ? "an" : "a")} {column} that {column[..^3]}s does not have", unknown.Sum(row => row.Rows), [.. examples]);
    }

    private static string Spelling(string id) => string.Concat(id.Where(char.IsLetterOrDigit)).ToUpperInvariant();
}
