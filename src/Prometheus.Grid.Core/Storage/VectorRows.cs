using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Core.Storage;

/// <summary>Names the vectors of one model on one date.</summary>
/// <param name="Kind">Numeric, text or joint.</param>
/// <param name="ModelId">The model.</param>
/// <param name="AsOf">The date that the vectors describe.</param>
public readonly record struct PartitionKey(BranchKind Kind, string ModelId, DateOnly AsOf)
{
    /// <inheritdoc/>
    public override string ToString() => $"{ModelId} on {DateRange.Text(AsOf)}";
}

/// <summary>Says whose vector a row is and what it was made from.</summary>
/// <param name="EntityId">The instrument, issuer or portfolio.</param>
/// <param name="InstrumentId">For joint issuer rows: the representative instrument; else empty.</param>
/// <param name="Region">For joint issuer rows: the issuer's region; else empty.</param>
/// <param name="Source">What the vector was made from, for example <c>num+text</c>.</param>
public sealed record RowHeader(string EntityId, string InstrumentId = "", string Region = "", string Source = "");

/// <summary>Rows with their vectors, in ordinal order of entity ids without repeats.</summary>
public sealed class VectorBatch
{
    /// <summary>Wraps rows and their values.</summary>
    /// <param name="headers">n headers, strictly ascending by entity id.</param>
    /// <param name="values">n × <paramref name="dimension"/> values, row by row.</param>
    /// <param name="dimension">Length of a vector, at least 1.</param>
    /// <exception cref="ArgumentException">The lengths disagree, or the headers are out of order.</exception>
    public VectorBatch(IReadOnlyList<RowHeader> headers, ReadOnlyMemory<float> values, int dimension)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        if (values.Length != (long)headers.Count * dimension)
            throw new ArgumentException($"{headers.Count} rows of {dimension} need {(long)headers.Count * dimension} values, got {values.Length}", nameof(values));
        for (int i = 1; i < headers.Count; i++)
        {
            if (string.CompareOrdinal(headers[i - 1].EntityId, headers[i].EntityId) >= 0)
                throw new ArgumentException($"'{headers[i].EntityId}' follows '{headers[i - 1].EntityId}'; rows ascend by id without repeats", nameof(headers));
        }
        Headers = headers;
        Values = values;
        Dimension = dimension;
    }

    /// <summary>Whose rows these are.</summary>
    public IReadOnlyList<RowHeader> Headers { get; }

    /// <summary>All vectors, row by row.</summary>
    public ReadOnlyMemory<float> Values { get; }

    /// <summary>Length of a vector.</summary>
    public int Dimension { get; }

    /// <summary>Number of rows.</summary>
    public int Count => Headers.Count;

    /// <summary>The vector of row <paramref name="index"/>.</summary>
    public ReadOnlyMemory<float> Row(int index) => Values.Slice(index * Dimension, Dimension);

    /// <summary>The rows of several batches of one dimension, in which no entity occurs twice.</summary>
    /// <exception cref="ArgumentException">An entity occurs twice, or the dimensions differ.</exception>
    public static VectorBatch Merge(IReadOnlyList<VectorBatch> batches)
    {
        (RowHeader Header, ReadOnlyMemory<float> Row)[] rows =
        [
            .. batches.SelectMany(batch => batch.Headers.Select((header, row) => (header, batch.Row(row))))
                .OrderBy(row => row.header.EntityId, StringComparer.Ordinal),
        ];
        int dimension = batches[0].Dimension;
        float[] values = new float[rows.Length * dimension];
        for (int i = 0; i < rows.Length; i++)
        {
            if (rows[i].Row.Length != dimension)
                throw new ArgumentException($"rows of {dimension} and of {rows[i].Row.Length} values", nameof(batches));
            rows[i].Row.CopyTo(values.AsMemory(i * dimension));
        }
        return new VectorBatch([.. rows.Select(row => row.Header)], values, dimension);
    }

    /// <summary>The row of an entity, or -1.</summary>
    public int IndexOf(string entityId)
    {
        int low = 0, high = Headers.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            int order = string.CompareOrdinal(Headers[middle].EntityId, entityId);
            if (order == 0)
                return middle;
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }
        return -1;
    }
}

/// <summary>A consistent view of one partition as it stood at some time.</summary>
/// <param name="Key">Model and date.</param>
/// <param name="Rows">The rows.</param>
/// <param name="Origin">The recipe of the rows, for example <c>window_days=126</c> or the branch models of a joint; rows of different origin never share a partition.</param>
/// <param name="KnownAt">When the newest of these rows became known.</param>
/// <param name="Version">Changes whenever the rows do; equal versions of one key have equal rows.</param>
public sealed record VectorPartition(PartitionKey Key, VectorBatch Rows, string Origin, DateTimeOffset KnownAt, string Version);

/// <summary>Rows for a holder that keeps up with a partition.</summary>
/// <param name="Partition">The rows, and the version that the holder has with them.</param>
/// <param name="AreAll">
/// True when these are all rows of the buckets, and what the holder has beside them is gone; false when they are those that changed since the
/// version that it had.
/// </param>
public sealed record VectorChanges(VectorPartition Partition, bool AreAll);

/// <summary>Rows to be put into a partition.</summary>
/// <param name="Key">Model and date.</param>
/// <param name="Rows">The rows.</param>
/// <param name="Origin">The recipe of the rows (<see cref="VectorPartition.Origin"/>).</param>
public sealed record VectorPut(PartitionKey Key, VectorBatch Rows, string Origin);

/// <summary>What a partition holds.</summary>
/// <param name="Key">Model and date.</param>
/// <param name="Origin">The recipe of its rows (<see cref="VectorPartition.Origin"/>); null where the partition does not exist.</param>
public readonly record struct PartitionRecipe(PartitionKey Key, string? Origin);
