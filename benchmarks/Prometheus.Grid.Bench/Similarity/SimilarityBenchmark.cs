using System.Diagnostics;
using System.Globalization;
using Prometheus.Grid.Similarity;

namespace Prometheus.Grid.Bench.Similarity;

/// <summary>Exact search: time beside a naive scan, the memory's limit and peers; memory; growth; exactness; maps.</summary>
internal static class SimilarityBenchmark
{
    private const int Top = 10;

    /// <summary>Its parts.</summary>
    public static string[] Sections { get; } = ["uniform", "clustered", "small", "branches", "growth", "exactness", "maps"];

    /// <param name="flags"><c>--quick</c> for a tenth of the rows; <c>--only SECTION</c> for one of <see cref="Sections"/>.</param>
    public static int Run(string[] flags)
    {
        if (flags is ["--own-kernel", var queries]) return Exactness.RunOwnKernel(int.Parse(queries, CultureInfo.InvariantCulture));
        bool quick = flags.Contains("--quick");
        string? only = Array.IndexOf(flags, "--only") is var at and >= 0 ? flags[at + 1] : null;
        int rows = quick ? 100_000 : 1_000_000;
        var report = new Report(only is null ? "similarity" : $"similarity-{only}");
        var sections = new (string Name, Action Body)[]
        {
            ("uniform", () => Large(report, new Workload("uniform", rows), oneTarget: 0.33)),
            ("clustered", () => Large(report, new Workload("clustered", rows), oneTarget: 0.15)),
            ("small", () => Small(report)),
            ("branches", () => Branches(report, quick ? 30_000 : 300_000)),
            ("growth", () => Growth.Run(report, quick ? [10_000, 100_000] : [10_000, 30_000, 100_000, 300_000, 1_000_000, 2_000_000, 5_000_000])),
            ("exactness", () => Exactness.Run(report, quick ? 100 : 1_200)),
            ("maps", () => MapTimes.Run(report, quick ? 1_000 : 10_000)),
        };
        foreach (var (name, body) in sections)
        {
            if (only is not null && only != name) continue;
            body();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        report.Write();
        return 0;
    }

    private static void Large(Report report, Workload workload, double oneTarget)
    {
        string name = $"{workload.Kind} {workload.Count:N0}";
        float[] rows = workload.Rows();
        float[] queryRows = workload.QueryRows();
        var queries = Queries(queryRows);
        var searcher = new Searcher();

        long start = Stopwatch.GetTimestamp();
        var shard = Shard.Build(new RowShape(Workload.Dimensions), rows);
        var build = Stopwatch.GetElapsedTime(start);
        double uncoded = Report.Median(5, i => searcher.Search(shard, queries[i]));
        start = Stopwatch.GetTimestamp();
        shard.Encode();
        report.Add(name, "index build, codes included", (build + Stopwatch.GetElapsedTime(start)).TotalSeconds, "s", 3);
        report.Add(name, "memory over float32 rows", shard.Bytes / (4.0 * rows.Length), "ratio", 1.3);

        double naive = Report.Median(5, _ => Baselines.NaiveScan(rows, queryRows.AsMemory(0, Workload.Dimensions), Top));
        double probe = Report.Median(5, _ => Baselines.Probe(rows));
        double one = Report.Median(31, i => searcher.Search(shard, queries[i]));
        double batch = Report.Median(3, _ => searcher.SearchBatch([new SearchSource(shard)], queries));
        long before = GC.GetAllocatedBytesForCurrentThread();
        searcher.Search(shard, queries[0]);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        var few = new OrdinalSet(workload.Count);
        for (int ordinal = 0; ordinal < workload.Count; ordinal += 100) few.Add(ordinal);
        double filtered = Report.Median(31, i => searcher.Search([new SearchSource(shard, few)], queries[i]));

        report.Add(name, "memory probe: read the float32 rows once", probe, "ms");
        report.Add(name, "naive TensorPrimitives scan, all cores", naive, "ms");
        report.Add(name, "one query before there are codes", uncoded, "ms");
        report.Add(name, "one query", one, "ms");
        report.Add(name, "one query over naive scan", one / naive, "ratio", oneTarget);
        report.Add(name, "one query over reading its codes at the probe's speed", one / (probe * shard.CodeBytesPerRow / (4.0 * Workload.Dimensions)), "ratio");
        report.Add(name, "filter of 1% over one query", filtered / one, "ratio", 0.1);
        report.Add(name, "allocated a query", allocated, "bytes", 2048);
        report.Add(name, "batch of 256", batch, "ms");

        var peers = Baselines.Peers(rows, queryRows);
        foreach (var ((peer, size), ms) in peers) report.Add(name, $"{peer}, batch of {size}", ms, "ms");
        if (peers.TryGetValue(("usearch-exact", 1), out double usearch)) report.Add(name, "one query over USearch exact", one / usearch, "ratio", oneTarget);
        if (peers.TryGetValue(("faiss-flat", 256), out double faiss)) report.Add(name, "queries a second over FAISS IndexFlatIP, batch of 256", faiss / batch, "ratio", 8, atLeast: true);
        GC.KeepAlive(shard);
    }

    private static void Small(Report report)
    {
        var workload = new Workload("uniform", 10_000);
        float[] rows = workload.Rows();
        float[] queryRows = workload.QueryRows();
        var shard = Shard.Build(new RowShape(Workload.Dimensions), rows);
        shard.Encode();
        var queries = Queries(queryRows);
        var searcher = new Searcher();
        for (int i = 0; i < 2_000; i++) searcher.Search(shard, queries[i % queries.Length]);
        double one = Report.Median(301, i => searcher.Search(shard, queries[i % queries.Length]));
        report.Add("uniform 10,000", "one query", one, "ms");
        if (Baselines.Peers(rows, queryRows).TryGetValue(("usearch-exact", 1), out double usearch))
        {
            report.Add("uniform 10,000", "usearch-exact, batch of 1", usearch, "ms");
            report.Add("uniform 10,000", "one query over USearch exact", one / usearch, "ratio", 0.2);
        }
    }

    private static void Branches(Report report, int count)
    {
        var workload = new Workload("uniform", 3 * count);
        string name = $"uniform {count:N0} × 3";
        float[] queryRows = workload.QueryRows();
        var one = Shard.Build(new RowShape(Workload.Dimensions), count, workload.Fill);
        var three = Shard.Build(new RowShape(PartFusion.Sum, Workload.Dimensions, Workload.Dimensions, Workload.Dimensions), count, (first, rows) => workload.Fill(3 * first, rows));
        one.Encode();
        three.Encode();
        var queries = Queries(queryRows);
        var searcher = new Searcher();
        double plain = Report.Median(31, i => searcher.Search(one, queries[i]));
        double[] weights = [0.7, 0.2, 0.1];
        double weighted = Report.Median(31, i => searcher.Search([new SearchSource(three, null, weights)], queries[i]));
        report.Add(name, "one branch", plain, "ms");
        report.Add(name, "three weighted branches", weighted, "ms");
        report.Add(name, "three weighted branches over one", weighted / plain, "ratio", 3.2);
    }

    internal static VectorQuery[] Queries(float[] rows) =>
        [.. Enumerable.Range(0, Workload.Queries).Select(i => new VectorQuery(rows.AsMemory(i * Workload.Dimensions, Workload.Dimensions), Top))];
}
