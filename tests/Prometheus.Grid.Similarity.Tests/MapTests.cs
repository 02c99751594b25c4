using Prometheus.Grid.Similarity.Maps;

namespace Prometheus.Grid.Similarity.Tests;

public sealed class MapTests
{
    [Fact]
    public void Components_are_uncorrelated_and_hold_the_largest_variances()
    {
        // Variances 25, 9, 1, … along known orthogonal directions.
        const int Count = 4_000, Dims = 30;
        var random = new Random(1);
        float[] rows = new float[Count * Dims];
        for (int i = 0; i < Count; i++)
        {
            double a = 5 * Samples.Normal(random), b = 3 * Samples.Normal(random);
            for (int d = 0; d < Dims; d++)
                rows[i * Dims + d] = (float)(7 + (a * (d % 2 == 0 ? 1 : -1) + b) / Math.Sqrt(Dims) + 0.1 * Samples.Normal(random));
        }
        double[] projected = PrincipalComponents.Project(new MapRows(rows, Dims), 2);
        double xx = 0, yy = 0, xy = 0, mean = 0;
        for (int i = 0; i < Count; i++)
        {
            double x = projected[2 * i], y = projected[2 * i + 1];
            (xx, yy, xy, mean) = (xx + x * x / Count, yy + y * y / Count, xy + x * y / Count, mean + x / Count);
        }
        Assert.InRange(xx, 24, 26.5);
        Assert.InRange(yy, 8.5, 9.5);
        Assert.InRange(xy, -1e-6, 1e-6);
        Assert.InRange(mean, -1e-6, 1e-6);
    }

    [Fact]
    public void Components_keep_all_distances_when_all_are_asked_for()
    {
        var rows = new MapRows(Samples.Rows("clustered", 40, 12, 2), 12);
        double[] projected = PrincipalComponents.Project(rows, 12);
        for (int i = 1; i < rows.Count; i++)
        {
            double before = 0, after = 0;
            for (int d = 0; d < 12; d++)
            {
                before += Math.Pow((double)rows.Row(0)[d] - rows.Row(i)[d], 2);
                after += Math.Pow(projected[d] - projected[12 * i + d], 2);
            }
            Assert.Equal(before, after, 1e-9 * before + 1e-12);
        }
    }

    [Fact]
    public void Equal_rows_have_no_variance_to_show()
    {
        var rows = new MapRows(Enumerable.Repeat(2f, 50 * 4).ToArray(), 4);
        Assert.All(PrincipalComponents.Project(rows, 2), value => Assert.Equal(0, value, 1e-12));
        Assert.All(Umap.Embed(rows, NeighbourGraph.Of(rows, 5)), value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public void Neighbours_are_the_oracle_s()
    {
        const int Count = 600, Dims = 40;
        float[] rows = Samples.Rows("clustered", Count, Dims, 3);
        var graph = NeighbourGraph.Of(new MapRows(rows, Dims), 15);
        for (int i = 0; i < Count; i += 37)
        {
            var expected = Oracle.Search(rows, Dims, rows.AsSpan(i * Dims, Dims), 15, other => other != i);
            Assert.Equal(expected.Select(hit => hit.Ordinal), graph.Indices.Skip(i * 15).Take(15));
        }
    }

    [Fact]
    public void A_map_keeps_clusters_together_and_is_the_same_each_run()
    {
        const int Dims = 20;
        var rows = new MapRows(Samples.Rows("clustered", 800, Dims, 4), Dims);
        var graph = NeighbourGraph.Of(rows, 15);
        float[] map = Umap.Embed(rows, graph);
        Assert.Equal(map, Umap.Embed(rows, NeighbourGraph.Of(rows, 15, new Searcher(new ScanScheduler(1)))));
        float[] random = Samples.Rows("uniform", 800, 2, 5);
        Assert.InRange(Trustworthiness.Of(rows, map, 15), 0.93, 1);
        Assert.InRange(Trustworthiness.Of(rows, random, 15), 0.4, 0.6);
    }

    [Fact]
    public void Rows_that_are_not_numbers_are_refused() =>
        Assert.StartsWith("values:", Assert.Throws<ArgumentException>(() => new MapRows(new[] { 1f, float.NaN }, 2)).Message, StringComparison.Ordinal);
}
