using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Cli.Exchange;

/// <summary>A vector on its way out of a grid or into one, with all that a store keeps of it.</summary>
/// <param name="Origin">The recipe of its partition; kept so that an import and a later backfill agree on what the rows are.</param>
internal sealed record VectorRecord(DateOnly AsOf, RowHeader Header, string Origin, ReadOnlyMemory<float> Vector)
{
    /// <summary>The column of the date.</summary>
    public const string AsOfColumn = "as_of_date";

    /// <summary>The columns beside the vector; the entity comes first, so that the list reads as one of ids.</summary>
    public static readonly string[] Columns = ["entity_id", AsOfColumn, "instrument_id", "region", "source", "origin"];
}
