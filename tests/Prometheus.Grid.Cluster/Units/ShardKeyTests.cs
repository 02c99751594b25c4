using Prometheus.Grid.Grains;

namespace Prometheus.Grid.Cluster.Units;

public sealed class ShardKeyTests
{
    [Theory]
    [InlineData("joint-profile-core-v1/3/16")]
    [InlineData("joint-portfolio-core-v1/0/1")]
    public void A_key_reads_what_it_wrote(string text) => Assert.Equal(text, ShardKey.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("joint/16/16")]
    [InlineData("joint/-1/16")]
    [InlineData("/0/16")]
    [InlineData("joint/0")]
    public void Anything_else_is_refused(string text) => Assert.Throws<FormatException>(() => ShardKey.Parse(text));

    [Fact]
    public void Every_entity_is_in_exactly_one_shard()
    {
        ShardKey[] shards = [.. Enumerable.Range(0, 16).Select(bucket => new ShardKey("joint", bucket, 16))];
        for (int i = 0; i < 1_000; i++)
            Assert.Single(shards, shard => shard.Holds($"ISS_{i:D5}"));
    }

    [Fact]
    public void Shards_are_of_even_size()
    {
        const int Entities = 16_000;
        int[] sizes = new int[16];
        for (int i = 0; i < Entities; i++)
            sizes[ShardKey.BucketOf($"ISS_{i:D6}", sizes.Length)]++;
        // 1,000 each on average; a fair hash has a deviation of 31, and five of them hold for all sixteen.
        Assert.All(sizes, size => Assert.InRange(size, 845, 1_155));
    }
}
