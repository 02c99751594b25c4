using Prometheus.Grid.Similarity;
using Prometheus.Grid.Similarity.Kernels;

namespace Prometheus.Grid.Bench.Similarity;

/// <summary>Counts answers that differ from a naive double-precision search, for every kernel that this processor runs.</summary>
internal static class Exactness
{
    private const int Count = 3_000;
    private const int Top = 10;
    private const double Rounding = 2e-14;

    public static void Run(Report report, int queriesEach)
    {
        foreach (var kernel in NibbleKernel.Supported())
        {
            // The scalar definition is a thousand times slower; a twentieth of the queries still crosses every branch.
            var queries = kernel.Name == "scalar" ? Math.Max(1, queriesEach / 20) : queriesEach;
            var asked = 0;
            var wrong = 0;
            foreach (var kind in new[] { "uniform", "clustered", "duplicated", "near-zero", "large" })
            {
                var rows = Rows(kind);
                var shard = Shard.Build(new RowShape(Workload.Dimensions), rows);
                var searcher = new Searcher { Kernel = kernel };
                var targets = new float[queries * Workload.Dimensions];
                new Workload(kind == "uniform" ? "uniform" : "clustered", queries).Rows().CopyTo(targets, 0);
                // Every other query is a row, which has itself and its duplicates as neighbours.
                for (var q = 0; q < queries; q += 2) rows.AsSpan(q * 7 % Count * Workload.Dimensions, Workload.Dimensions).CopyTo(targets.AsSpan(q * Workload.Dimensions));
                Parallel.For(0, queries, q =>
                {
                    var query = targets.AsMemory(q * Workload.Dimensions, Workload.Dimensions);
                    if (!Same(Oracle(rows, query.Span), searcher.Search(shard, new VectorQuery(query, Top)))) Interlocked.Increment(ref wrong);
                });
                asked += queries;
            }
            report.Add("exactness", $"{kernel.Name}: differences in {asked:N0} queries of {Count:N0} rows", wrong, "answers", 0);
        }
    }

    private static float[] Rows(string kind)
    {
        var rows = new Workload(kind is "uniform" ? "uniform" : "clustered", Count).Rows();
        for (var r = 0; r < Count; r++)
        {
            var row = rows.AsSpan(r * Workload.Dimensions, Workload.Dimensions);
            if (kind == "duplicated" && r % 4 > 0) rows.AsSpan(r / 64 * 64 * Workload.Dimensions, Workload.Dimensions).CopyTo(row);
            var factor = kind switch { "near-zero" => (r % 4) switch { 0 => 0f, 1 => 1e-42f, 2 => 1e-20f, _ => 1f }, "large" => r % 3 == 0 ? 1e9f : 1e4f, _ => 1f };
            for (var d = 0; d < row.Length; d++) row[d] *= factor;
        }
        return rows;
    }

    private static (int Ordinal, double Cosine, double Distance)[] Oracle(float[] rows, ReadOnlySpan<float> query)
    {
        var all = new (int Ordinal, double Cosine, double Distance)[Count];
        for (var r = 0; r < Count; r++)
        {
            double dot = 0, rowSquared = 0, querySquared = 0, gap = 0;
            for (var d = 0; d < Workload.Dimensions; d++)
            {
                double x = rows[r * Workload.Dimensions + d], q = query[d];
                (dot, rowSquared, querySquared, gap) = (dot + x * q, rowSquared + x * x, querySquared + q * q, gap + (x - q) * (x - q));
            }
            all[r] = (r, rowSquared == 0 || querySquared == 0 ? 0 : dot / (Math.Sqrt(rowSquared) * Math.Sqrt(querySquared)), Math.Sqrt(gap));
        }
        return [.. all.OrderByDescending(hit => hit.Cosine).ThenBy(hit => hit.Distance).ThenBy(hit => hit.Ordinal).Take(Top + 1)];
    }

    /// <summary>
    /// Equal up to the order of additions: two double sums of the same numbers differ by about 1e-15, and rows that close may change places.
    /// </summary>
    private static bool Same((int Ordinal, double Cosine, double Distance)[] expected, Hit[] actual)
    {
        if (actual.Length != Top) return false;
        for (var i = 0; i < Top; i++)
        {
            if (Math.Abs(expected[i].Cosine - actual[i].Cosine) > Rounding) return false;
            if (expected[i].Ordinal == actual[i].Ordinal) continue;
            if (!expected.Any(other => other.Ordinal == actual[i].Ordinal && Math.Abs(other.Cosine - expected[i].Cosine) <= Rounding)
                && Math.Abs(expected[Top].Cosine - actual[i].Cosine) > Rounding) return false;
        }
        return true;
    }
}
