using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Prometheus.Grid.Core.Storage;

/// <summary>Some of the buckets into which a hash of their ids divides all entities, so that several holders can share a partition.</summary>
/// <param name="Of">How many buckets there are, 1 to 1,024.</param>
/// <param name="Numbers">Which of them, each from 0 to <paramref name="Of"/> − 1.</param>
public sealed record EntityBuckets(int Of, IReadOnlyList<int> Numbers)
{
    /// <summary>Every entity.</summary>
    public static EntityBuckets All { get; } = new(1, [0]);

    /// <summary>True when no entity is left out.</summary>
    public bool AreAll => Numbers.Count == Of;

    /// <summary>
    /// The bucket of an entity: the first 16 bits of SHA-256 over its id in UTF-8, scaled to the number of buckets. A database computes the same
    /// without an extension, so it can hand out a bucket; and it is the same in every process and version, unlike
    /// <see cref="string.GetHashCode()"/>. 16 bits divide evenly to within two in a hundred at 1,024 buckets.
    /// </summary>
    public static int BucketOf(string entityId, int of)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(entityId), hash);
        return (BinaryPrimitives.ReadUInt16BigEndian(hash) * of) >> 16;
    }

    /// <summary>True when an entity is in one of the buckets.</summary>
    public bool Hold(string entityId) => AreAll || Numbers.Contains(BucketOf(entityId, Of));

    /// <summary>The rows of the entities that are in the buckets.</summary>
    public VectorBatch Select(VectorBatch rows)
    {
        if (AreAll)
            return rows;
        return Rows(rows, [.. Enumerable.Range(0, rows.Count).Where(row => Hold(rows.Headers[row].EntityId))]);
    }

    /// <summary>The rows of some holders, each of which has buckets of its own; every id is hashed once.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="of">How many buckets there are.</param>
    /// <param name="holders">The buckets of each holder.</param>
    /// <returns>For each holder what <see cref="Select"/> gives.</returns>
    public static IReadOnlyList<VectorBatch> Divide(VectorBatch rows, int of, IReadOnlyList<IReadOnlyList<int>> holders)
    {
        var ofBucket = new List<int>[of];
        for (int row = 0; row < rows.Count; row++)
            (ofBucket[BucketOf(rows.Headers[row].EntityId, of)] ??= []).Add(row);
        return [.. holders.Select(buckets => Rows(rows, [.. buckets.SelectMany(bucket => ofBucket[bucket] ?? []).Order()]))];
    }

    private static VectorBatch Rows(VectorBatch rows, int[] numbers)
    {
        float[] values = new float[numbers.Length * rows.Dimension];
        for (int i = 0; i < numbers.Length; i++)
            rows.Row(numbers[i]).CopyTo(values.AsMemory(i * rows.Dimension));
        return new VectorBatch([.. numbers.Select(row => rows.Headers[row])], values, rows.Dimension);
    }
}
