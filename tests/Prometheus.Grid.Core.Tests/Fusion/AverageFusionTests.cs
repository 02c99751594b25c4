using Prometheus.Grid.Core.Fusion;

namespace Prometheus.Grid.Core.Tests.Fusion;

public sealed class AverageFusionTests
{
    private static readonly BranchFusion s_fusion = BranchFusion.For(Catalogs.Shipped.Space("joint-profile-core-v1"));

    private static ReadOnlyMemory<float> Filled(float value) => Enumerable.Repeat(value, 384).ToArray();

    [Theory]
    [InlineData(true, true, 0.5f * ((4 + 8) / 2f) + 0.5f * 2)]
    [InlineData(true, false, 0.5f * 4 + 0.5f * 2)]
    [InlineData(false, true, 0.5f * 8 + 0.5f * 2)]
    public void Numeric_branches_that_exist_are_averaged_before_text_joins(bool profile, bool behaviour, float expected)
    {
        float[] joint = new float[384];
        Assert.Null(s_fusion.Fuse([profile ? Filled(4) : default, behaviour ? Filled(8) : default, Filled(2)], [], joint));
        Assert.All(joint, value => Assert.Equal(expected, value));
    }

    [Fact]
    public void Without_any_numeric_vector_there_is_no_joint() =>
        Assert.Equal("no numeric vector", s_fusion.Fuse([default, default, Filled(2)], [], new float[384])?.Code);

    [Fact]
    public void Without_text_there_is_no_joint() =>
        Assert.Equal("no text vector", s_fusion.Fuse([Filled(4), Filled(8), default], [], new float[384])?.Code);

    [Fact]
    public void Given_shares_make_a_weighted_sum()
    {
        float[] joint = new float[384];
        Assert.Null(s_fusion.Fuse([Filled(4), Filled(8), Filled(2)], [0.25, 0.25, 0.5], joint));
        Assert.All(joint, value => Assert.Equal(4f, value));
    }

    [Fact]
    public void Scales_rebuild_the_joint_vector_from_its_branches()
    {
        ReadOnlyMemory<float>[] branches = [Filled(4), default, Filled(2)];
        float[] joint = new float[384];
        Assert.Null(s_fusion.Fuse(branches, [], joint));
        double rebuilt = s_fusion.Scale(0, branches, []) * 4 + s_fusion.Scale(1, branches, []) * 8 + s_fusion.Scale(2, branches, []) * 2;
        Assert.Equal(joint[0], rebuilt);
    }
}
