using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.Tests.Storage;

public sealed class EntityBucketsTests
{
    [Fact]
    public void Every_entity_is_in_exactly_one_bucket()
    {
        EntityBuckets[] each = [.. Enumerable.Range(0, 16).Select(bucket => new EntityBuckets(16, [bucket]))];
        for (int i = 0; i < 1_000; i++)
            Assert.Single(each, buckets => buckets.Hold($"ISS_{i:D5}"));
    }

    [Theory]
    [InlineData(16)]
    [InlineData(1_000)]
    public void Buckets_are_of_even_size(int of)
    {
        int[] sizes = new int[of];
        for (int i = 0; i < 1_000 * of; i++)
            sizes[EntityBuckets.BucketOf($"ISS_{i:D6}", of)]++;
        // 1,000 each on average; a fair hash has a deviation of 31, and six of them hold for a thousand buckets, each with up to 16 in 1,000 of unevenness.
        Assert.All(sizes, size => Assert.InRange(size, 790, 1_210));
    }

    [Fact]
    public void Rows_divided_among_holders_are_those_that_each_would_select()
    {
        VectorBatch rows = new([.. Enumerable.Range(0, 200).Select(i => new RowHeader($"PF_{i:D3}"))], Enumerable.Range(0, 400).Select(i => (float)i).ToArray(), 2);
        int[][] holders = [[3, 1], [2], [0, 1, 2, 3], []];
        var divided = EntityBuckets.Divide(rows, 4, holders);
        Assert.Equal(holders.Length, divided.Count);
        foreach ((int[] holder, var mine) in holders.Zip(divided))
        {
            var selected = new EntityBuckets(4, holder).Select(rows);
            Assert.Equal(selected.Headers, mine.Headers);
            Assert.Equal(selected.Values.ToArray(), mine.Values.ToArray());
        }
        Assert.Equal(0, divided[3].Count);
    }

    [Fact]
    public void A_bucket_of_a_partition_has_its_rows_in_their_order()
    {
        string[] ids = [.. Enumerable.Range(0, 50).Select(i => $"PF_{i:D2}")];
        var rows = new VectorBatch([.. ids.Select(id => new RowHeader(id))], Enumerable.Range(0, 100).Select(i => (float)i).ToArray(), 2);
        VectorBatch[] parts = [.. Enumerable.Range(0, 2).Select(half => new EntityBuckets(4, [half, half + 2]).Select(rows))];
        Assert.Equal(50, parts.Sum(part => part.Count));
        foreach (var part in parts)
        {
            for (int i = 0; i < part.Count; i++)
                Assert.Equal(rows.Row(rows.IndexOf(part.Headers[i].EntityId)).ToArray(), part.Row(i).ToArray());
        }
        Assert.Same(rows, EntityBuckets.All.Select(rows));
    }
}
