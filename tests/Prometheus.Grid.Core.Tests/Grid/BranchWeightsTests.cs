using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;

namespace Prometheus.Grid.Core.Tests.Grid;

public sealed class BranchWeightsTests
{
    [Fact]
    public void Shares_are_scaled_to_sum_to_one_in_the_order_of_the_space() =>
        Assert.Equal([0.2, 0.1, 0.7], BranchWeights.Parse("text=7, numeric=2,behaviour=1").For(Catalogs.Shipped.Space("joint-profile-core-v1")));

    [Fact]
    public void Branches_not_named_have_no_share() =>
        Assert.Equal([0, 0, 1], BranchWeights.Parse("text=0.4").For(Catalogs.Shipped.Space("joint-profile-core-v1")));

    [Theory]
    [InlineData("")]
    [InlineData("text")]
    [InlineData("text=")]
    [InlineData("=1")]
    [InlineData("text=NaN")]
    [InlineData("text=Infinity")]
    [InlineData("text=-1,numeric=2")]
    [InlineData("text=0")]
    [InlineData("text=1,text=2")]
    [InlineData("text=1e308,numeric=1e308")]
    public void Other_texts_are_refused(string text) =>
        Assert.Equal(nameof(SimilarityQuery.Weights), Assert.Throws<BadInputException>(() => BranchWeights.Parse(text)).Field);

    [Fact]
    public void A_branch_of_no_such_space_is_refused_and_its_branches_are_named() =>
        Assert.Contains(
            "behaviour",
            Assert.Throws<BadInputException>(() => BranchWeights.Parse("colour=1").For(Catalogs.Shipped.Space("joint-profile-core-v1"))).Message,
            StringComparison.Ordinal);
}
