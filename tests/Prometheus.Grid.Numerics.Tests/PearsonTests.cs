namespace Prometheus.Grid.Numerics.Tests;

public sealed class PearsonTests
{
    [Theory]
    [InlineData(new double[] { 1, 2, 3, 4 }, new double[] { 2, 4, 6, 8 }, 1.0)]
    [InlineData(new double[] { 1, 2, 3, 4 }, new double[] { 4, 3, 2, 1 }, -1.0)]
    // By hand: Σdxdy = 4, Σdx² = 5, Σdy² = 5.
    [InlineData(new double[] { 1, 2, 3, 4 }, new double[] { 1, 3, 2, 4 }, 0.8)]
    [InlineData(new double[] { 1, 2, 3 }, new double[] { 5, 5, 5 }, null)]
    [InlineData(new double[] { 1, 2, 3 }, new double[] { 5, double.NaN, 6 }, null)]
    [InlineData(new double[0], new double[0], null)]
    public void A_correlation_is_that_of_the_textbook(double[] x, double[] y, double? expected)
    {
        double? found = Pearson.Correlation(x, y);
        Assert.Equal(expected is null, found is null);
        if (expected is { } value)
            Assert.Equal(value, found!.Value, 1e-12);
    }
}
