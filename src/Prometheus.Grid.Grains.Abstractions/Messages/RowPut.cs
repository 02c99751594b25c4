using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Grains.Messages;

/// <summary>A <see cref="VectorPut"/> of one row on its way to the writer of its date.</summary>
[GenerateSerializer, Immutable, Alias("grid.row-put")]
public sealed record RowPut
{
    /// <summary>Model and date.</summary>
    [Id(0)] public required PartitionKey Key { get; init; }

    /// <summary>The recipe of the row.</summary>
    [Id(1)] public required string Origin { get; init; }

    /// <summary>Whose row it is.</summary>
    [Id(2)] public required string EntityId { get; init; }

    /// <summary>The representative instrument, or empty.</summary>
    [Id(3)] public required string InstrumentId { get; init; }

    /// <summary>The issuer's region, or empty.</summary>
    [Id(4)] public required string Region { get; init; }

    /// <summary>What the vector was made from.</summary>
    [Id(5)] public required string Source { get; init; }

    /// <summary>The vector.</summary>
    [Id(6)] public required VectorBytes Vector { get; init; }

    /// <summary>The message for a put.</summary>
    /// <param name="put">Of exactly one row.</param>
    public static RowPut Of(VectorPut put)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(put.Rows.Count, 1);
        var header = put.Rows.Headers[0];
        return new RowPut
        {
            Key = put.Key,
            Origin = put.Origin,
            EntityId = header.EntityId,
            InstrumentId = header.InstrumentId,
            Region = header.Region,
            Source = header.Source,
            Vector = new VectorBytes(put.Rows.Values),
        };
    }

    /// <summary>The put of a message.</summary>
    public VectorPut ToPut()
    {
        var values = Vector.Values;
        return new VectorPut(Key, new VectorBatch([new RowHeader(EntityId, InstrumentId, Region, Source)], values, values.Length), Origin);
    }
}
