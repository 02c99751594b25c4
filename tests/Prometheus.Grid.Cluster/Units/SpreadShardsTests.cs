using System.Net;
using Prometheus.Grid.Grains;
using Prometheus.Grid.Grains.Placement;

namespace Prometheus.Grid.Cluster.Units;

public sealed class SpreadShardsTests
{
    [Theory]
    [InlineData(1, new[] { 16 })]
    [InlineData(3, new[] { 5, 5, 6 })]
    [InlineData(5, new[] { 3, 3, 3, 3, 4 })]
    public void Silos_differ_by_one_shard_at_most(int silos, int[] expected)
    {
        int[] shards = [.. Homes(silos).GroupBy(home => home).Select(home => home.Count()).Order()];
        Assert.Equal(expected, shards);
    }

    [Fact]
    public void The_order_in_which_silos_are_listed_does_not_matter()
    {
        SiloAddress[] silos = [.. Enumerable.Range(1, 4).Select(Silo)];
        var shard = new ShardKey("joint", 7, 16);
        Assert.Equal(SpreadShards.HomeOf(shard, silos), SpreadShards.HomeOf(shard, silos.Reverse()));
    }

    private static IEnumerable<SiloAddress> Homes(int silos) =>
        Enumerable.Range(0, 16).Select(bucket => SpreadShards.HomeOf(new ShardKey("joint", bucket, 16), Enumerable.Range(1, silos).Select(Silo)));

    private static SiloAddress Silo(int number) => SiloAddress.New(IPAddress.Loopback, 11110 + number, number);
}
