using System.Diagnostics;
using System.Globalization;
using Prometheus.Grid.Bench.Backfill;
using Prometheus.Grid.Bench.Similarity;
using Prometheus.Grid.Columnar;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Folder;

namespace Prometheus.Grid.Bench.Formats;

/// <summary>Seconds from a prices_daily that nobody has read to prices in columns, as CSV and as the Parquet file of the same rows.</summary>
internal static class PriceReading
{
    private const int Runs = 5;

    private static readonly Column[] s_columns =
    [
        Column.Text("instrument_id"), Column.Date("trade_date"), Column.Number("open"), Column.Number("high"), Column.Number("low"), Column.Number("close"),
        Column.Number("adjusted_close"), Column.Number("volume"),
    ];

    public static async Task MeasureAsync(Report report, int issuers, CancellationToken cancellationToken)
    {
        string market = await BackfillBenchmark.PrepareAsync(issuers, cancellationToken);
        var folders = new Dictionary<string, string>();
        foreach (string form in (string[])["csv", "parquet"])
        {
            string folder = folders[form] = Path.Combine(BenchFolders.Data, string.Create(CultureInfo.InvariantCulture, $"prices-{form}-{issuers}"));
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
            Directory.CreateDirectory(folder);
        }
        string csv = Path.Combine(folders["csv"], "prices_daily.csv"), parquet = Path.Combine(folders["parquet"], "prices_daily.parquet");
        File.Copy(Path.Combine(market, "prices_daily.csv"), csv);
        int rows = Convert(csv, parquet);

        var seconds = folders.Keys.ToDictionary(form => form, _ => new List<double>());
        for (int run = 0; run <= Runs; run++)
        {
            foreach (var (form, folder) in folders)
            {
                double time = await ReadAsync(folder, cancellationToken);
                // The first of each compiles.
                if (run > 0)
                    seconds[form].Add(time);
            }
        }
        string section = string.Create(CultureInfo.InvariantCulture, $"prices {rows:N0} rows");
        double text = seconds["csv"].Order().ElementAt(Runs / 2), columns = seconds["parquet"].Order().ElementAt(Runs / 2);
        report.Add(section, string.Create(CultureInfo.InvariantCulture, $"CSV, {new FileInfo(csv).Length / 1e6:F0} MB"), text, "s");
        report.Add(section, string.Create(CultureInfo.InvariantCulture, $"Parquet, {new FileInfo(parquet).Length / 1e6:F0} MB"), columns, "s");
        report.Add(section, "Parquet over CSV", columns / text, "ratio", 1);
        foreach (string folder in folders.Values)
            Directory.Delete(folder, recursive: true);
    }

    private static async Task<double> ReadAsync(string folder, CancellationToken cancellationToken)
    {
        string cache = Path.Combine(folder, ".cache");
        if (Directory.Exists(cache))
            Directory.Delete(cache, recursive: true);
        long start = Stopwatch.GetTimestamp();
        await using var store = await FolderStore.OpenAsync(folder, new FolderStoreOptions(), cancellationToken);
        await store.Inputs.DatesAsync(InputTable.Prices, DateRange.All, cancellationToken);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static int Convert(string csv, string parquet)
    {
        using var lines = File.ReadLines(csv).GetEnumerator();
        lines.MoveNext();
        string[] header = lines.Current.Split(',');
        int[] places = [.. s_columns.Select(column => Array.IndexOf(header, column.Name))];
        using var file = File.Create(parquet);
        using var writer = new ColumnarWriter(ColumnarFormat.Parquet, file, s_columns, new Dictionary<string, string>());
        int rows = 0;
        for (; lines.MoveNext(); rows++)
        {
            string[] cells = lines.Current.Split(',');
            writer.Write([.. s_columns.Select((column, i) => Cell(column, cells[places[i]]))]);
        }
        writer.Complete();
        return rows;
    }

    private static object? Cell(Column column, string text) => column.Kind switch
    {
        CellKind.Text => text,
        CellKind.Date => DateOnly.ParseExact(text, DateRange.Format, CultureInfo.InvariantCulture),
        _ => text.Length == 0 ? null : double.Parse(text, CultureInfo.InvariantCulture),
    };
}
