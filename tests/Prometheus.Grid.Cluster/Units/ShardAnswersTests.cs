using Prometheus.Grid.Grains.Messages;
using Prometheus.Grid.Grains.Search;

namespace Prometheus.Grid.Cluster.Units;

public sealed class ShardAnswersTests
{
    [Fact]
    public void Why_a_shard_is_missing_is_not_lost_on_the_way()
    {
        ShardAnswer[] parts = [new([], 3, []), new([], 0, [4], "joint-profile-core-v1/4/16: the disk is full"), new([], 2, [])];
        var whole = ShardAnswers.Merge(parts, topK: 5);
        Assert.Equal((5L, "joint-profile-core-v1/4/16: the disk is full"), (whole.Candidates, whole.Reason));
        Assert.Equal([4], whole.Missing);
    }
}
