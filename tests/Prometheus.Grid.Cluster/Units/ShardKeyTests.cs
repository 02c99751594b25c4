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
}
