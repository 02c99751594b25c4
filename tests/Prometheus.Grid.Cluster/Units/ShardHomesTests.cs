using System.Net;
using Prometheus.Grid.Grains.Placement;

namespace Prometheus.Grid.Cluster.Units;

public sealed class ShardHomesTests
{
    [Theory]
    [InlineData(1, new[] { 16 })]
    [InlineData(3, new[] { 5, 5, 6 })]
    [InlineData(5, new[] { 3, 3, 3, 3, 4 })]
    [InlineData(20, new[] { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 })]
    public void Silos_differ_by_one_shard_at_most(int silos, int[] expected)
    {
        int[] shards = [.. ShardHomes.Assign(16, Silos(silos)).GroupBy(home => home).Select(home => home.Count()).Order()];
        Assert.Equal(expected, shards);
    }

    [Fact]
    public void The_order_in_which_silos_are_listed_does_not_matter() =>
        Assert.Equal(ShardHomes.Assign(16, Silos(4)), ShardHomes.Assign(16, Silos(4).Reverse()));

    [Theory]
    [InlineData(16)]
    [InlineData(256)]
    public void A_silo_that_joins_moves_little_beyond_its_own_share(int shards)
    {
        for (int silos = 2; silos <= 8; silos++)
        {
            SiloAddress[] before = ShardHomes.Assign(shards, Silos(silos)), after = ShardHomes.Assign(shards, Silos(silos + 1));
            int moved = Enumerable.Range(0, shards).Count(bucket => !before[bucket].Equals(after[bucket]));
            // Counting round would move (silos) of (silos + 1) shards.
            Assert.InRange(moved, shards / (silos + 1), 2.0 * shards / (silos + 1) + 2);
        }
    }

    private static IEnumerable<SiloAddress> Silos(int count) => Enumerable.Range(1, count).Select(number => SiloAddress.New(IPAddress.Loopback, 11110 + number, number));
}
