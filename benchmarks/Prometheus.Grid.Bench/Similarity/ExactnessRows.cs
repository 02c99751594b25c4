using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Embedded;
using Prometheus.Grid.Storage.Folder;

namespace Prometheus.Grid.Bench.Similarity;

/// <summary>Rows and queries to compare with the oracle: made up, and the joint vectors of the real issuers and portfolios of the reference data.</summary>
internal static class ExactnessRows
{
    private const int Count = 3_000;
    private static readonly DateOnly s_asOf = new(2023, 11, 30);

    /// <summary>Pairs of rows and as many targets as asked for, of which every other one is a row: it has itself and its duplicates as neighbours.</summary>
    public static IEnumerable<(float[] Rows, float[] Targets)> All(int queriesEach)
    {
        foreach (string? kind in new[] { "uniform", "clustered", "duplicated", "near-zero", "large" })
        {
            float[] rows = Made(kind);
            var others = new Workload(kind == "uniform" ? "uniform" : "clustered", Count + queriesEach).Rows().AsSpan(Count * Workload.Dimensions);
            yield return (rows, Targets(rows, others, queriesEach));
        }
        foreach (float[] rows in Real().GetAwaiter().GetResult())
        {
            // Half-way between two rows, where rows and targets are of one kind.
            float[] others = new float[rows.Length];
            for (int i = 0; i < rows.Length; i++) others[i] = (rows[i] + rows[(i + Workload.Dimensions) % rows.Length]) / 2;
            yield return (rows, Targets(rows, others, queriesEach));
        }
    }

    private static float[] Targets(float[] rows, ReadOnlySpan<float> others, int count)
    {
        float[] targets = new float[count * Workload.Dimensions];
        for (int q = 0; q < count; q++)
        {
            var from = q % 2 == 0 ? rows : others;
            int at = (int)((q / 2 * 7L + q % 2) % (from.Length / Workload.Dimensions)) * Workload.Dimensions;
            from.Slice(at, Workload.Dimensions).CopyTo(targets.AsSpan(q * Workload.Dimensions));
        }
        return targets;
    }

    private static float[] Made(string kind)
    {
        float[] rows = new Workload(kind is "uniform" ? "uniform" : "clustered", Count).Rows();
        for (int r = 0; r < Count; r++)
        {
            var row = rows.AsSpan(r * Workload.Dimensions, Workload.Dimensions);
            if (kind == "duplicated" && r % 4 > 0) rows.AsSpan(r / 64 * 64 * Workload.Dimensions, Workload.Dimensions).CopyTo(row);
            float factor = kind switch { "near-zero" => (r % 4) switch { 0 => 0f, 1 => 1e-42f, 2 => 1e-20f, _ => 1f }, "large" => r % 3 == 0 ? 1e9f : 1e4f, _ => 1f };
            for (int d = 0; d < row.Length; d++) row[d] *= factor;
        }
        return rows;
    }

    /// <summary>Joint vectors of both generations, of issuers and portfolios; none where the reference data is missing.</summary>
    private static async Task<List<float[]>> Real()
    {
        var found = new List<float[]>();
        string data = Path.Combine(Environment.GetEnvironmentVariable("GRID_TESTDATA") ?? "", "us-equities");
        if (!Directory.Exists(data))
        {
            Console.Error.WriteLine($"exactness: no real vectors, {data} is missing; name its parent by GRID_TESTDATA");
            return found;
        }
        var folder = Directory.CreateDirectory(Path.Combine(BenchFolders.Data, "us-equities"));
        foreach (string file in Directory.GetFiles(data))
        {
            string copy = Path.Combine(folder.FullName, Path.GetFileName(file));
            if (!File.Exists(copy)) await File.WriteAllBytesAsync(copy, await File.ReadAllBytesAsync(file));
        }
        int workers = Environment.ProcessorCount;
        var store = await FolderStore.OpenAsync(folder.FullName, null, CancellationToken.None);
        await using var grid = new EmbeddedGrid(store, ModelCatalog.Load(Path.Combine(BenchFolders.Root, "models")), EncoderRegistry.BuiltIn(workers), workers);
        foreach (var request in Backfills()) await grid.BackfillAsync(request, null, CancellationToken.None);
        foreach (string? model in new[] { "joint-profile-core-v1", "joint-profile-core-v2", "joint-portfolio-core-v1", "joint-portfolio-core-v2" })
        {
            var partition = await store.Vectors.ReadAsync(new PartitionKey(BranchKind.Joint, model, s_asOf), null, null, CancellationToken.None)
                ?? throw new InvalidOperationException($"the backfill wrote no {model}");
            found.Add(partition.Rows.Values.ToArray());
        }
        return found;
    }

    private static IEnumerable<BackfillRequest> Backfills()
    {
        var day = DateRange.On(s_asOf);
        foreach (var (generation, text) in new[] { ("v1", "text-hash-v1"), ("v2", "text-lsa-v1") })
        {
            yield return new NumericBackfill { ModelId = $"num-profile-core-{generation}", Dates = day };
            yield return new NumericBackfill { ModelId = $"num-regime-core-{generation}", Dates = day };
            yield return new TextBackfill { ModelId = text, Dates = day };
            yield return new JointProfileBackfill { ModelId = $"joint-profile-core-{generation}", Dates = day, BranchModelIds = new Dictionary<string, string> { ["text"] = text } };
            yield return new PortfolioBackfill { ModelId = $"num-portfolio-core-{generation}", Dates = day };
        }
        yield return new PortfolioBackfill { ModelId = "num-holdings-core-v2", Dates = day };
        yield return new JointPortfolioBackfill { ModelId = "joint-portfolio-core-v1", Dates = day };
        yield return new JointPortfolioBackfill { ModelId = "joint-portfolio-core-v2", Dates = day };
    }
}
