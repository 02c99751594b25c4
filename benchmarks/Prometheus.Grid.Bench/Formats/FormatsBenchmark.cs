using Prometheus.Grid.Bench.Similarity;

namespace Prometheus.Grid.Bench.Formats;

/// <summary>Parquet and Arrow: tables that come in, beside CSV; vectors that go out, beside what the disk gives.</summary>
internal static class FormatsBenchmark
{
    public static async Task<int> RunAsync(bool quick, CancellationToken cancellationToken)
    {
        var report = new Report("formats");
        await PriceReading.MeasureAsync(report, quick ? 1_000 : 10_000, cancellationToken);
        await VectorWriting.MeasureAsync(report, dates: quick ? 10 : 100, cancellationToken);
        report.Write();
        return 0;
    }
}
