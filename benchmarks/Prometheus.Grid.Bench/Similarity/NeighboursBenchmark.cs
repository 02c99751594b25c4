using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;
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
    /// <summary>Kinds and numbers of rows.</summary>
    public static readonly string[] Sections = ["clustered-10000", "clustered-100000", "uniform-10000", "uniform-100000"];

    private const int Top = 10;

    /// <summary>Two double sums of the same 384 numbers in another order differ by less.</summary>
    private const double Rounding = 2e-14;

    private static readonly DateOnly s_date = new(2024, 1, 2);

    private static readonly SpaceManifest s_space = new()
    {
        ModelId = "joint-bench", JointType = "BENCH", Entity = EntityKind.Issuer, Fusion = FusionKind.Identity, Dimension = Workload.Dimensions,
        Branches = [new BranchManifest("text", BranchKind.Text, "text-bench", 1, true)],
    };

    /// <param name="quick">Only 10,000 rows, and fewer of them beside the oracle.</param>
    /// <param name="only">One of <see cref="Sections"/>; null for all.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public static async Task<int> RunAsync(bool quick, string? only, CancellationToken cancellationToken)
    {
        var report = new Report("neighbours");
        foreach (string section in Sections.Where(section => only is null ? !quick || section.EndsWith("-10000", StringComparison.Ordinal) : section == only))
        {
            string[] words = section.Split('-');
            var workload = new Workload(words[0], int.Parse(words[1], CultureInfo.InvariantCulture));
            await MeasureAsync(report, workload, workload.Count == 10_000 ? 0.4 : 25, quick ? 100 : 5_000, cancellationToken);
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
        double[] wide = new double[rows.Length], norms = new double[count];
        Parallel.For(0, count, row =>
        {
            var values = Wide(wide, row);
            for (int d = 0; d < values.Length; d++)
                values[d] = rows[(row * Workload.Dimensions) + d];
            norms[row] = Math.Sqrt(TensorPrimitives.SumOfSquares(values));
        });
        int wrong = 0;
        Parallel.ForEach(Enumerable.Range(0, count).Where(row => row % every == 0), row =>
        {
            double[] cosines = [.. Enumerable.Range(0, count).Select(other => other == row ? double.NegativeInfinity : TensorPrimitives.Dot(Wide(wide, row), Wide(wide, other)) / (norms[row] * norms[other]))];
            double[] best = [.. cosines.OrderDescending().Take(Top)];
            var answer = found[row].ToArray();
            bool same = answer.Length == best.Length && answer.Select(edge => edge.To).Distinct().Count() == best.Length
                && answer.Zip(best).All(pair => Math.Abs(pair.First.Cosine - pair.Second) <= Rounding && Math.Abs(cosines[pair.First.To] - pair.First.Cosine) <= Rounding);
            if (!same)
                Interlocked.Increment(ref wrong);
        });
        return wrong;
    }

    private static Span<double> Wide(double[] rows, int row) => rows.AsSpan(row * Workload.Dimensions, Workload.Dimensions);

    private static string Id(int row) => string.Create(CultureInfo.InvariantCulture, $"I{row:D7}");

    private static int Row(string id) => int.Parse(id.AsSpan(1), CultureInfo.InvariantCulture);
}
