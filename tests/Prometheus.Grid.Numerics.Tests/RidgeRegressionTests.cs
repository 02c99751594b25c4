namespace Prometheus.Grid.Numerics.Tests;

public sealed class RidgeRegressionTests
{
    [Theory]
    [InlineData(60, 20, 1)]
    [InlineData(40, 50, 33)]
    [InlineData(25, 7, 70)]
    public void Weights_solve_the_normal_equations(int examples, int features, int targets)
    {
        const float lambda = 2;
        (var rows, float[] dense) = Random(examples, features);
        var random = new Random(targets);
        float[] y = [.. Enumerable.Range(0, examples * targets).Select(_ => (float)(random.NextDouble() - 0.5))];
        float[] weights = RidgeRegression.Solve(rows, y, targets, lambda, workers: 2, progress: null, TestContext.Current.CancellationToken);
        for (int t = 0; t < targets; t++)
        {
            // What is left of the gradient Aᵀ(Y − A W) − λ W is small beside what there was at W = 0.
            double left = 0, first = 0;
            double[] residuals = [.. Enumerable.Range(0, examples).Select(e =>
                y[(e * targets) + t] - Enumerable.Range(0, features).Sum(f => (double)dense[(e * features) + f] * weights[(f * targets) + t]))];
            for (int f = 0; f < features; f++)
            {
                double gradient = Enumerable.Range(0, examples).Sum(e => dense[(e * features) + f] * residuals[e]) - (lambda * weights[(f * targets) + t]);
                left += gradient * gradient;
                first += Math.Pow(Enumerable.Range(0, examples).Sum(e => (double)dense[(e * features) + f] * y[(e * targets) + t]), 2);
            }
            Assert.InRange(Math.Sqrt(left / first), 0, 1.1e-3);
        }
    }

    [Fact]
    public void A_block_is_multiplied_as_vectors_are()
    {
        (var rows, _) = Random(30, 20);
        var random = new Random(1);
        float[] x = [.. Enumerable.Range(0, 20 * SparseRows.BlockWidth).Select(_ => (float)(random.NextDouble() - 0.5))], y = new float[30 * SparseRows.BlockWidth];
        rows.MultiplyBlock(x, y, 3, TestContext.Current.CancellationToken);
        double[] expected = rows.Multiply(Array.ConvertAll(x, value => (double)value), SparseRows.BlockWidth, 1, TestContext.Current.CancellationToken);
        for (int i = 0; i < y.Length; i++)
            Assert.Equal(expected[i], y[i], 1e-5);
    }

    private static (SparseRows Rows, float[] Dense) Random(int examples, int features)
    {
        var random = new Random(examples);
        float[] dense = [.. Enumerable.Range(0, examples * features).Select(_ => random.Next(3) == 0 ? (float)random.NextDouble() : 0)];
        var rows = Enumerable.Range(0, examples).Select(e => Enumerable.Range(0, features)
            .Where(f => dense[(e * features) + f] != 0).Select(f => (f, dense[(e * features) + f])).ToArray());
        return (SparseRows.Of([.. rows], features), dense);
    }
}
