using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Tables;

/// <summary>
/// What of a table is not used: counted by reason, the first ones named. A bad row refuses its table by default; where the user asks so, it is
/// passed over and noted here. One thread at a time.
/// </summary>
/// <param name="policy">What the user asked for.</param>
/// <param name="table">The table's name.</param>
internal sealed class TableNotes(BadRowPolicy policy, string table)
{
    /// <summary>How many of a kind are named; beyond that the count says enough.</summary>
    public const int MostNamed = 10;

    private readonly SortedDictionary<string, (int Count, List<string> Examples)> _byReason = new(StringComparer.Ordinal);
    private readonly HashSet<long> _lines = [];

    /// <summary>True when bad rows are passed over.</summary>
    public bool SkipsBadRows => policy == BadRowPolicy.Skip;

    /// <summary>What was noted, by reason.</summary>
    public IReadOnlyList<InputNote> Notes => _byReason.Count == 0 ? [] : [.. _byReason.Select(reason => new InputNote(table, reason.Key, reason.Value.Count, reason.Value.Examples))];

    /// <summary>Passes over a bad row, if that is asked for.</summary>
    /// <param name="line">Its line.</param>
    /// <param name="error">What is wrong with it.</param>
    /// <returns>False when it refuses the table.</returns>
    public bool Skips(long line, BadInputException error)
    {
        if (!SkipsBadRows)
            return false;
        // "path line 7, close" counts under "close"; the places are named one by one.
        string column = error.Field[(error.Field.IndexOf(", ", StringComparison.Ordinal) is var at and >= 0 ? at + 2 : 0)..];
        if (_lines.Add(line))
            Note($"bad rows passed over, {column} is not {error.Allowed}", error.Message);
        return true;
    }

    /// <summary>Passes over something bad of a table that is known by its name rather than by its line, if that is asked for.</summary>
    /// <param name="error">What is wrong with it.</param>
    /// <returns>False when it refuses the table.</returns>
    public bool Skips(BadInputException error)
    {
        if (SkipsBadRows)
            Note($"bad rows passed over, not {error.Allowed}", error.Message);
        return SkipsBadRows;
    }

    /// <summary>Counts something that is not used.</summary>
    public void Note(string what, string example)
    {
        if (!_byReason.TryGetValue(what, out var noted))
            noted = (0, []);
        if (noted.Examples.Count < MostNamed && example.Length > 0)
            noted.Examples.Add(example);
        _byReason[what] = (noted.Count + 1, noted.Examples);
    }
}
