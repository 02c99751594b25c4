using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Similarity.Tests;

public sealed class ExactnessTests
{
    public static TheoryData<string, string> KindsByKernel
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var kernel in Similarity.Kernels.NibbleKernel.Supported())
            {
                foreach (string kind in Samples.Kinds) data.Add(kind, kernel.Name);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(KindsByKernel))]
    public void Answers_equal_the_oracle(string kind, string kernel)
    {
        var searcher = new Searcher { Kernel = KernelTests.Named(kernel) };
        foreach (var (count, dimensions) in new[] { (1, 1), (63, 3), (64, 384), (500, 100), (900, 384) })
        {
            if (kernel == "scalar" && count > 500) continue;
            float[] rows = Samples.Rows(kind, count, dimensions, 11);
            var coded = Samples.Coded(new RowShape(dimensions), rows);
            float[] queries = Samples.Rows(kind, 6, dimensions, 12).Concat(rows.Take(2 * dimensions)).ToArray();
            for (int q = 0; q < queries.Length / dimensions; q++)
            {
                var query = queries.AsMemory(q * dimensions, dimensions);
                foreach (int top in new[] { 1, 10, 1000 })
                {
                    var expected = Oracle.Search(rows, dimensions, query.Span, top);
                    Oracle.AssertEqual(expected, searcher.Search(coded, new VectorQuery(query, top)));
                    Oracle.AssertEqual(expected, searcher.Search(Shard.Build(new RowShape(dimensions), rows), new VectorQuery(query, top)));
                }
            }
        }
    }

    public static TheoryData<string, string> RealByKernel
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var kernel in Similarity.Kernels.NibbleKernel.Supported())
            {
                foreach (string? file in new[] { "golden_joint_v1.json", "golden_numeric_v1.json", "golden_portfolio_v1.json", "golden_text_hash384.json" }) data.Add(file, kernel.Name);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(KernelTests.Kernels), MemberType = typeof(KernelTests))]
    public void Answers_equal_the_oracle_on_vectors_of_the_v1_models(string kernel) =>
        AssertExact(Samples.Golden(TestData.InRepository("golden-synthetic", "expected_vectors.json"), 384), kernel);

    [Theory]
    [MemberData(nameof(RealByKernel))]
    public void Answers_equal_the_oracle_on_vectors_of_real_issuers_and_portfolios(string file, string kernel) =>
        AssertExact(Samples.Golden(TestData.Path("golden", file), 384), kernel);

    [Theory]
    [MemberData(nameof(KindsByKernel))]
    public void A_batch_equals_its_queries(string kind, string kernel)
    {
        const int Dimensions = 96;
        var searcher = new Searcher { Kernel = KernelTests.Named(kernel) };
        var shard = Shard.Build(new RowShape(Dimensions), Samples.Rows(kind, 900, Dimensions, 21));
        float[] vectors = Samples.Rows(kind, 41, Dimensions, 22);
        var queries = Enumerable.Range(0, 41).Select(q => new VectorQuery(vectors.AsMemory(q * Dimensions, Dimensions), 7)).ToArray();
        var single = queries.Select(query => searcher.Search(shard, query)).ToArray();
        var batch = searcher.SearchBatch([new SearchSource(shard)], queries);
        for (int q = 0; q < queries.Length; q++)
            Assert.Equal(single[q], batch[q]);
    }

    /// <summary>Searches for each row among all of them, models of different scale side by side.</summary>
    private static void AssertExact(float[] rows, string kernel)
    {
        const int Dimensions = 384;
        Assert.InRange(rows.Length / Dimensions, 20, 1000);
        var coded = Samples.Coded(new RowShape(Dimensions), rows);
        var searcher = new Searcher { Kernel = KernelTests.Named(kernel) };
        for (int q = 0; q < rows.Length; q += Dimensions)
            Oracle.AssertEqual(Oracle.Search(rows, Dimensions, rows.AsSpan(q, Dimensions), 10), searcher.Search(coded, new VectorQuery(rows.AsMemory(q, Dimensions), 10)));
    }
}
