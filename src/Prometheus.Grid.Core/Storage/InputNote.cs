namespace Prometheus.Grid.Core.Storage;

/// <summary>What is done with a row that has a bad value.</summary>
public enum BadRowPolicy
{
    /// <summary>Its table is refused, and the row named.</summary>
    Refuse,

    /// <summary>It is passed over, counted by reason, and the first ones named.</summary>
    Skip,
}

/// <summary>Something in the user's tables that is not used, or used otherwise than it may be meant.</summary>
/// <param name="Table">The table, for example <c>prices_daily</c>.</param>
/// <param name="What">What and why, as one phrase to count by.</param>
/// <param name="Count">How often: rows, values or, for a missing column, 1.</param>
/// <param name="Examples">The first few, with their places or ids; may be empty.</param>
public sealed record InputNote(string Table, string What, int Count, IReadOnlyList<string> Examples);
