using FsCheck;
using FsCheck.Fluent;

namespace Prometheus.Grid.Graphs.Tests;

public sealed class PartitionComparisonTests
{
    private static readonly Arbitrary<(int[] X, int[] Y)> s_partitions =
        (from count in Gen.Choose(2, 40)
         from x in Gen.Choose(0, 5).ArrayOf(count)
         from y in Gen.Choose(0, 5).ArrayOf(count)
         select (x, y)).ToArbitrary();

    [Fact]
    public void It_is_the_index_of_the_paper()
    {
        // Hubert and Arabie's formula by hand: Σ C(n_ij, 2) = 1, rows 1 + 1 + 1 = 3, columns 3 + 1 = 4, all pairs 15.
        Assert.Equal((1 - (3 * 4 / 15.0)) / (3.5 - (3 * 4 / 15.0)), PartitionComparison.AdjustedRand([1, 1, 2, 2, 3, 3], ["a", "a", "a", "b", "b", "c"]), 1e-12);
        Assert.Equal(1, PartitionComparison.AdjustedRand([1, 1, 2], ["b", "b", "a"]));
    }

    [Fact]
    public void It_counts_pairs() =>
        Prop.ForAll(s_partitions, pair =>
        {
            (int[] x, int[] y) = pair;
            double both = 0, inX = 0, inY = 0, all = 0;
            for (int i = 0; i < x.Length; i++)
            {
                for (int j = 0; j < i; j++)
                    (both, inX, inY, all) = (both + (x[i] == x[j] && y[i] == y[j] ? 1 : 0), inX + (x[i] == x[j] ? 1 : 0), inY + (y[i] == y[j] ? 1 : 0), all + 1);
            }
            double expected = inX * inY / all, most = (inX + inY) / 2, index = PartitionComparison.AdjustedRand(x, y);
            return most == expected ? index == 1 : Math.Abs(index - ((both - expected) / (most - expected))) < 1e-12;
        }).QuickCheckThrowOnFailure();
}
