using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Storage.Postgres.Tests;

/// <summary>Partitions to write and read.</summary>
internal static class Samples
{
    public const int Dimension = 384;
    public static readonly DateOnly AsOf = new(2023, 11, 30);
    public static readonly PartitionKey Numeric = new(BranchKind.Numeric, "num-profile-core-v1", AsOf);
    public static readonly PartitionKey Text = new(BranchKind.Text, "text-hash-v1", AsOf);
    public static readonly PartitionKey Joint = new(BranchKind.Joint, "joint-profile-core-v1", AsOf);
    public static readonly PartitionKey JointPortfolio = new(BranchKind.Joint, "joint-portfolio-core-v1", AsOf);

    /// <summary>Rows for the entities from <paramref name="first"/> on, whose values depend on entity and <paramref name="seed"/> alone.</summary>
    public static VectorBatch Rows(PartitionKey key, int first, int count, int seed = 1, int dimension = Dimension)
    {
        RowHeader[] headers = [.. Enumerable.Range(first, count).Select(i => Header(key, $"E{i:D5}"))];
        float[] values = new float[count * dimension];
        for (int i = 0; i < count; i++)
        {
            var random = new Random(seed * 1_000_003 + first + i);
            foreach (ref float value in values.AsSpan(i * dimension, dimension))
                value = random.NextSingle() - 0.5f;
        }
        return new VectorBatch(headers, values, dimension);
    }

    /// <summary>The same numbers in another order of rows and with the same headers.</summary>
    public static void Same(VectorBatch expected, VectorBatch? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.Headers, actual.Headers);
        Assert.True(expected.Values.Span.SequenceEqual(actual.Values.Span), "the vectors differ");
    }

    private static RowHeader Header(PartitionKey key, string id) => key switch
    {
        { Kind: BranchKind.Text } => new RowHeader(id, Source: "PROFILE"),
        { Kind: BranchKind.Joint, ModelId: "joint-portfolio-core-v1" } => new RowHeader(id, Source: "num"),
        { Kind: BranchKind.Joint } => new RowHeader(id, $"{id}.US", "US", "num+text"),
        _ => new RowHeader(id),
    };
}
