namespace Prometheus.Grid.Similarity.Tests;

public sealed class FusionTests
{
    [Theory]
    [InlineData(PartFusion.SideBySide, 1e0)]
    [InlineData(PartFusion.SideBySide, 1e7)]
    [InlineData(PartFusion.Sum, 1e0)]
    [InlineData(PartFusion.Sum, 1e7)]
    [InlineData(PartFusion.Sum, 1e-30)]
    public void Weights_at_query_time_equal_rows_fused_beforehand(PartFusion fusion, double magnitude)
    {
        const int Count = 800, Parts = 3, PartDims = 70;
        var shape = new RowShape(fusion, PartDims, PartDims, PartDims);
        float[] rows = Samples.Rows("clustered", Count, shape.Dimensions, 31);
        // One part far larger than the others, and missing ones, as prices beside texts are.
        for (int r = 0; r < Count; r++)
        {
            for (int d = 0; d < PartDims; d++) rows[r * shape.Dimensions + d] *= (float)magnitude;
            if (r % 7 == 0) rows.AsSpan(r * shape.Dimensions + PartDims, PartDims).Clear();
            if (r % 50 == 0) rows.AsSpan(r * shape.Dimensions, shape.Dimensions).Clear();
            // Parts that cancel: the norm of the sum is far below those of its parts.
            if (r % 11 == 0) for (int d = 0; d < PartDims; d++) rows[r * shape.Dimensions + PartDims + d] = -rows[r * shape.Dimensions + d];
        }
        var shard = Samples.Coded(shape, rows);
        var searcher = new Searcher();
        foreach (double[] factors in new double[][] { [1, 1, 1], [0.7, 0.2, 0.1], [0, 1, 0], [0, 0.5, 0.5], [1e6, 1e-3, 1], [0, 0, 0] })
        {
            double[] fused = new double[Count * shape.FusedDimensions];
            for (int r = 0; r < Count; r++)
            {
                for (int j = 0; j < Parts; j++)
                {
                    for (int d = 0; d < PartDims; d++)
                        fused[r * shape.FusedDimensions + d + (fusion == PartFusion.Sum ? 0 : j * PartDims)] += factors[j] * rows[r * shape.Dimensions + j * PartDims + d];
                }
            }
            for (int q = 1; q < 6; q++)
            {
                float[] query = fused.Skip(q * shape.FusedDimensions).Take(shape.FusedDimensions).Select(value => (float)value).ToArray();
                var expected = Oracle.Search(fused, shape.FusedDimensions, query, 15);
                Oracle.AssertEqual(expected, searcher.Search([new SearchSource(shard, null, factors)], new VectorQuery(query, 15)));
            }
        }
    }

    [Fact]
    public void Factors_out_of_range_are_refused_by_name()
    {
        var shard = Shard.Build(new RowShape(PartFusion.SideBySide, 2, 2), new float[] { 1, 2, 3, 4 });
        foreach (double[] factors in new double[][] { [1], [1, -1], [1, double.NaN], [1, 1e9] })
        {
            var error = Assert.Throws<ArgumentException>(() => new Searcher().Search([new SearchSource(shard, null, factors)], new VectorQuery(new float[4], 1)));
            Assert.StartsWith("factors:", error.Message, StringComparison.Ordinal);
        }
    }
}
