using System.Diagnostics;
using System.Globalization;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Search;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Embedded.Search;
using Prometheus.Grid.Similarity;
using Prometheus.Grid.Storage.Folder;

namespace Prometheus.Grid.Bench.Similarity;

/// <summary>The ten nearest neighbours of every row of a stored partition: time and memory of a process that does nothing else, answers beside a double oracle, FAISS beside it.</summary>
internal static class NeighboursBenchmark
{
    private const int Top = 10;

    /// <summary>Two double sums of the same 384 numbers in another order differ by less.</summary>
    private const double Rounding = 2e-14;

    private static readonly DateOnly s_date = new(2024, 1, 2);

    private static readonly SpaceManifest s_space = new()
    {
        ModelId = "joint-bench", JointType = "BENCH", Entity = EntityKind.Issuer, Fusion = FusionKind.Identity, Dimension = Workload.Dimensions,
        Branches = [new BranchManifest("text", BranchKind.Text, "text-bench", 1, true)],
    };

    public static async Task<int> RunAsync(bool quick, CancellationToken cancellationToken)
    {
        var report = new Report("neighbours");
        foreach (string kind in (string[])["clustered", "uniform"])
        {
            await MeasureAsync(report, new Workload(kind, 10_000), 0.4, quick ? 100 : 5_000, cancellationToken);
            if (!quick)
                await MeasureAsync(report, new Workload(kind, 100_000), 25, 5_000, cancellationToken);
        }
        report.Write();
        return 0;
    }

    /// <summary>What the measured process does: finds the neighbours, writes the edges, says seconds and bytes at the peak.</summary>
    public static async Task<int> RunOneAsync(string folder, string output, CancellationToken cancellationToken)
    {
        long before = Environment.WorkingSet;
        long start = Stopwatch.GetTimestamp();
        await using (var store = await FolderStore.OpenAsync(folder, new FolderStoreOptions(), cancellationToken))
        {
            using var scans = new ScanScheduler(Environment.ProcessorCount);
            var search = await NeighbourSearch.OpenAsync(store, scans, new NeighboursQuery { Space = s_space, AsOf = s_date, TopK = Top }, cancellationToken);
            await using var edges = new StreamWriter(output);
            await foreach (var entity in search.ReadAsync(cancellationToken))
            {
                foreach (var neighbour in entity.Neighbours)
                    await edges.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{entity.EntityId},{neighbour.Header.EntityId},{neighbour.Cosine:R}"));
            }
        }
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        using var self = Process.GetCurrentProcess();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seconds:R} {self.PeakWorkingSet64 - before}"));
        return 0;
    }

    private static async Task MeasureAsync(Report report, Workload workload, double target, int sampled, CancellationToken cancellationToken)
    {
        string name = $"{workload.Kind} {workload.Count:N0}";
        float[] rows = workload.Rows();
        var folder = Directory.CreateTempSubdirectory("grid-bench-neighbours-");
        try
        {
            await using (var store = await FolderStore.OpenAsync(folder.FullName, new FolderStoreOptions { Create = true }, cancellationToken))
            {
                RowHeader[] headers = [.. Enumerable.Range(0, workload.Count).Select(i => new RowHeader(Id(i)))];
                await store.Vectors.PutAsync(
                    new PartitionKey(BranchKind.Joint, s_space.ModelId, s_date), new VectorBatch(headers, rows, Workload.Dimensions), "bench", cancellationToken);
            }
            string edges = Path.Combine(folder.FullName, "edges.csv");
            var start = new ProcessStartInfo(Environment.ProcessPath!, ["neighbours", "--run", folder.FullName, edges]) { RedirectStandardOutput = true };
            using var process = Process.Start(start)!;
            string[] said = (await process.StandardOutput.ReadToEndAsync(cancellationToken)).Split(' ', StringSplitOptions.TrimEntries);
            await process.WaitForExitAsync(cancellationToken);
            if (process.ExitCode != 0)
                throw new InvalidOperationException($"the measured process ended with exit code {process.ExitCode}");
            double seconds = double.Parse(said[0], CultureInfo.InvariantCulture);
            report.Add(name, $"{Top} neighbours of every row, read and written", seconds, "s", target);
            report.Add(name, "memory at the peak over float32 rows", long.Parse(said[1], CultureInfo.InvariantCulture) / (4.0 * rows.Length), "ratio", 1.5);
            report.Add(name, $"differences from a double oracle in {Math.Min(sampled, workload.Count):N0} rows", Differences(rows, edges, sampled), "rows", 0);
            if (Baselines.Peers(rows, workload.QueryRows()).TryGetValue(("faiss-flat", Workload.Queries), out double batch))
                report.Add(name, "FAISS IndexFlatIP in batches of 256, over this", batch / 1e3 * workload.Count / Workload.Queries / seconds, "ratio", 8, atLeast: true);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static int Differences(float[] rows, string edges, int sampled)
    {
        int count = rows.Length / Workload.Dimensions;
        int every = Math.Max(1, count / sampled);
        var found = File.ReadLines(edges).Select(line => line.Split(','))
            .Select(cells => (Of: Row(cells[0]), To: Row(cells[1]), Cosine: double.Parse(cells[2], CultureInfo.InvariantCulture)))
            .Where(edge => edge.Of % every == 0)
            .ToLookup(edge => edge.Of);
        int wrong = 0;
        Parallel.ForEach(Enumerable.Range(0, count).Where(row => row % every == 0), row =>
        {
            double[] cosines = [.. Enumerable.Range(0, count).Select(other => other == row ? double.NegativeInfinity : Cosine(rows, row, other))];
            double[] best = [.. cosines.OrderDescending().Take(Top)];
            var answer = found[row].ToArray();
            bool same = answer.Length == best.Length && answer.Select(edge => edge.To).Distinct().Count() == best.Length
                && answer.Zip(best).All(pair => Math.Abs(pair.First.Cosine - pair.Second) <= Rounding && Math.Abs(cosines[pair.First.To] - pair.First.Cosine) <= Rounding);
            if (!same)
                Interlocked.Increment(ref wrong);
        });
        return wrong;
    }

    private static double Cosine(float[] rows, int x, int y)
    {
        double dot = 0, first = 0, second = 0;
        var a = rows.AsSpan(x * Workload.Dimensions, Workload.Dimensions);
        var b = rows.AsSpan(y * Workload.Dimensions, Workload.Dimensions);
        for (int d = 0; d < a.Length; d++)
            (dot, first, second) = (dot + (double)a[d] * b[d], first + (double)a[d] * a[d], second + (double)b[d] * b[d]);
        return dot / (Math.Sqrt(first) * Math.Sqrt(second));
    }

    private static string Id(int row) => string.Create(CultureInfo.InvariantCulture, $"I{row:D7}");

    private static int Row(string id) => int.Parse(id.AsSpan(1), CultureInfo.InvariantCulture);
}
