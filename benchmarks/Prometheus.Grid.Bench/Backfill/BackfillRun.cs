using System.Diagnostics;
using System.Globalization;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Embedded;
using Prometheus.Grid.Storage.Folder;

namespace Prometheus.Grid.Bench.Backfill;

/// <summary>Seconds of each step of one run, and the most memory that the process held.</summary>
internal sealed record BackfillTiming(
    int Issuers, string Cache, string Models, double Profile, double Regime, double Text, double Joint, double PeakMegabytes)
{
    public double Seconds => Profile + Regime + Text + Joint;

    public double IssuersPerSecond => Issuers / Seconds;
}

/// <summary>
/// One measured run: both numeric models, text and joint for one date, in a process of its own so that start-up, compilation and peak memory
/// are those of a user's command.
/// </summary>
internal static class BackfillRun
{
    public static readonly DateOnly AsOf = new(2024, 6, 28);

    public static ModelCatalog Catalog => ModelCatalog.Load(Path.Combine(BenchFolders.Root, "models"));

    public static async Task<BackfillTiming> OnFolderAsync(string folder, int issuers, string cache, string models, CancellationToken cancellationToken) =>
        await RunAsync(await FolderStore.OpenAsync(folder, null, cancellationToken), Catalog, issuers, cache, models, cancellationToken);

    public static async Task<BackfillTiming> RunAsync(
        IGridStore store, ModelCatalog catalog, int issuers, string cache, string models, CancellationToken cancellationToken)
    {
        int workers = Environment.ProcessorCount;
        await using var grid = new EmbeddedGrid(store, catalog, EncoderRegistry.BuiltIn(workers), workers);
        var day = DateRange.On(AsOf);
        string text = models == "v1" ? "text-hash-v1" : "text-lsa-v1";
        double profile = await Time(new NumericBackfill { ModelId = $"num-profile-core-{models}", Dates = day });
        double regime = await Time(new NumericBackfill { ModelId = $"num-regime-core-{models}", Dates = day });
        double texts = await Time(new TextBackfill { ModelId = text, Dates = day });
        double joint = await Time(new JointProfileBackfill
        {
            ModelId = $"joint-profile-core-{models}",
            Dates = day,
            BranchModelIds = new Dictionary<string, string> { ["text"] = text },
        });
        return new BackfillTiming(issuers, cache, models, profile, regime, texts, joint, PeakMegabytes());

        async Task<double> Time(BackfillRequest request)
        {
            long start = Stopwatch.GetTimestamp();
            var report = await grid.BackfillAsync(request, null, cancellationToken);
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            return report.Written >= issuers * 9 / 10
                ? seconds
                : throw new InvalidOperationException($"{request.ModelId} wrote {report.Written} of {issuers} rows; this is no measurement");
        }
    }

    /// <summary>The high-water mark of resident memory, mapped price cache included.</summary>
    private static double PeakMegabytes()
    {
        string line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;
    }
}
