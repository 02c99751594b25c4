using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.State;

namespace Prometheus.Grid.Core.Tests.State;

public sealed class HoldingsMeanTests
{
    private static readonly DateOnly s_day = new(2023, 11, 30);
    private readonly HoldingsMean _mean = new("PF_1", Catalogs.Shipped.Space("joint-profile-core-v1"), s_day);

    [Fact]
    public void Holdings_count_by_weight_and_shorts_point_away()
    {
        _mean.Add(Held("A.US", 0.6), Unit(0));
        _mean.Add(Held("B.US", -0.2), Unit(1));
        var profile = _mean.Mean();
        Assert.Equal([0.75f, -0.25f, 0f], profile.Vector.Span[..3].ToArray());
        Assert.Equal(1, profile.CoveredWeight);
        Assert.Empty(profile.Missing);
    }

    [Fact]
    public void Holdings_without_a_vector_are_named_and_lower_the_coverage()
    {
        _mean.Add(Held("Z.US", 0.25), default);
        _mean.Add(Held("A.US", 0.5), Unit(0));
        _mean.Add(Held("B.US", -0.25), default);
        var profile = _mean.Mean();
        Assert.Equal((0.5, 1f), (profile.CoveredWeight, profile.Vector.Span[0]));
        Assert.Equal(["B.US", "Z.US"], profile.Missing);
    }

    [Fact]
    public void No_holding_with_a_vector_is_an_error_that_names_the_portfolio()
    {
        _mean.Add(Held("A.US", 1), default);
        Assert.Contains("PF_1", Assert.Throws<NotFoundException>(_mean.Mean).Message, StringComparison.Ordinal);
    }

    private static Position Held(string instrumentId, double weight) => new("PF_1", s_day, instrumentId, weight);

    private static float[] Unit(int axis)
    {
        float[] vector = new float[384];
        vector[axis] = 1;
        return vector;
    }
}
