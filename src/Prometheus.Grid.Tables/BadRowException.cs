namespace Prometheus.Grid.Tables;

/// <summary>A row that is refused, by its line within its block; whoever knows file and first line makes the error of it.</summary>
/// <param name="line">Line ends before it in the block.</param>
/// <param name="column">The column, or <c>row</c>.</param>
/// <param name="value">What stands there.</param>
/// <param name="allowed">What would be accepted.</param>
/// <param name="hidesRows">True when nobody can tell where the next row begins, so that it cannot be passed over.</param>
internal sealed class BadRowException(int line, string column, string value, string allowed, bool hidesRows = false) : Exception
{
    public int Line { get; } = line;

    public string Column { get; } = column;

    public string Value { get; } = value;

    public string Allowed { get; } = allowed;

    public bool HidesRows { get; } = hidesRows;
}
