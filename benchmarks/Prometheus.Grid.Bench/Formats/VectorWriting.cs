using System.Diagnostics;
using System.Globalization;
using Prometheus.Grid.Bench.Similarity;
using Prometheus.Grid.Cli.Exchange;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Folder;

namespace Prometheus.Grid.Bench.Formats;

/// <summary>
/// Megabytes of vectors a second that an export reads, checks and writes. What the disk gives is told beside it: the stored files copied into one
/// by a plain loop and flushed.
/// </summary>
internal static class VectorWriting
{
    private const string Model = "joint-bench";
    private const int RowsOfDate = 10_000;
    private const int Runs = 3;

    private static readonly DateOnly s_first = new(2024, 1, 2);

    public static async Task MeasureAsync(Report report, int dates, CancellationToken cancellationToken)
    {
        string folder = Path.Combine(BenchFolders.Data, "export");
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        await using (var store = await FolderStore.OpenAsync(folder, new FolderStoreOptions { Create = true }, cancellationToken))
        {
            float[] rows = new Workload("uniform", RowsOfDate).Rows();
            RowHeader[] headers = [.. Enumerable.Range(0, RowsOfDate).Select(i => new RowHeader(string.Create(CultureInfo.InvariantCulture, $"I{i:D7}"), "", "US", "bench"))];
            for (int date = 0; date < dates; date++)
                await store.Vectors.PutAsync(new PartitionKey(BranchKind.Joint, Model, s_first.AddDays(date)), new VectorBatch(headers, rows, Workload.Dimensions), "bench", cancellationToken);

            double megabytes = (double)dates * rows.Length * sizeof(float) / 1e6;
            string section = string.Create(CultureInfo.InvariantCulture, $"export {dates * RowsOfDate:N0}");
            string[] forms = ["copy", ".parquet", ".arrow", ".npy"];
            var seconds = forms.ToDictionary(form => form, _ => new List<double>());
            for (int run = 0; run < Runs; run++)
            {
                foreach (string form in forms.Where(form => form != ".npy" || dates <= 50))
                    seconds[form].Add(await TimeAsync(store, folder, form, cancellationToken));
            }
            double copy = Rate("copy");
            report.Add(section, "the stored files copied and flushed", copy, "MB/s");
            foreach (string form in forms.Where(form => form != "copy" && seconds[form].Count > 0))
                report.Add(section, $"{form}, read, checked, written and flushed", Rate(form), "MB/s", Math.Min(500, copy), atLeast: true);

            double Rate(string form) => megabytes / seconds[form].Order().ElementAt(Runs / 2);
        }
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<double> TimeAsync(FolderStore store, string folder, string form, CancellationToken cancellationToken)
    {
        string path = Path.Combine(BenchFolders.Data, form == "copy" ? "copy.bin" : "vectors" + form);
        long start = Stopwatch.GetTimestamp();
        if (form == "copy")
            await CopyAsync(folder, path, cancellationToken);
        else
            await VectorExport.WriteAsync(store.Vectors, BranchKind.Joint, Model, DateRange.All, path, cancellationToken);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        File.Delete(path);
        return seconds;
    }

    private static async Task CopyAsync(string folder, string path, CancellationToken cancellationToken)
    {
        byte[] block = new byte[1 << 20];
        await using var target = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        foreach (string file in Directory.EnumerateFiles(folder, "*.npy", SearchOption.AllDirectories))
        {
            await using var source = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            for (int count; (count = await source.ReadAsync(block, cancellationToken)) > 0;)
                await target.WriteAsync(block.AsMemory(0, count), cancellationToken);
        }
        target.Flush(flushToDisk: true);
    }
}
