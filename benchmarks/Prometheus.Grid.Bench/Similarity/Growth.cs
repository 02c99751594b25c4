using System.Globalization;
using System.Text;
using Prometheus.Grid.Similarity;

namespace Prometheus.Grid.Bench.Similarity;

/// <summary>How the time of one query grows with the rows, beside the time that reading their codes takes at the memory's speed; a table and a picture.</summary>
internal static class Growth
{
    private const int ProbeFloats = 1 << 28;

    public static void Run(Report report, int[] counts)
    {
        float[] probed = new float[ProbeFloats];
        // Memory that nobody has written is one page of zeros, which never leaves the cache.
        Array.Fill(probed, 1f);
        double bytesPerMs = ProbeFloats * 4.0 / Report.Median(9, _ => Baselines.Probe(probed));
        report.Add("growth", "memory probe, 1 GB on all cores", bytesPerMs / 1e6, "GB/s");
        var lines = new List<(string Name, string Colour, List<(double Rows, double Ms)> Points)>();
        foreach (var (kind, colour) in new[] { ("uniform", "#0072B2"), ("clustered", "#D55E00") })
        {
            var points = new List<(double, double)>();
            foreach (int count in counts)
            {
                // Rows and codes once, and as much again as they need for everything else.
                long needed = count * (long)Workload.Dimensions * 6;
                if (needed > GC.GetGCMemoryInfo().TotalAvailableMemoryBytes * 2 / 3) throw new InvalidOperationException($"{count} rows take {needed >> 30} GB of memory");
                var (ms, limit) = Measure(kind, count, bytesPerMs);
                report.Add($"growth, {kind}", $"one query of {count:N0} rows", ms, "ms");
                report.Add($"growth, {kind}", $"over reading {count:N0} codes at the probe's speed", ms / limit, "ratio");
                points.Add((count, ms));
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
            lines.Add((kind, colour, points));
        }
        lines.Add(("reading the codes", "#999999", [.. counts.Select(count => ((double)count, count * 200 / bytesPerMs))]));
        Directory.CreateDirectory(BenchFolders.Results);
        File.WriteAllText(Path.Combine(BenchFolders.Results, "growth.svg"), Picture(lines));
    }

    private static (double Ms, double Limit) Measure(string kind, int count, double bytesPerMs)
    {
        var workload = new Workload(kind, count);
        var queries = SimilarityBenchmark.Queries(workload.QueryRows());
        var shard = Shard.Build(new RowShape(Workload.Dimensions), count, workload.Fill);
        shard.Encode();
        var searcher = new Searcher();
        for (int i = 0; i < 200 && count <= 100_000; i++) searcher.Search(shard, queries[i % 256]);
        double ms = Report.Median(31, i => searcher.Search(shard, queries[i]));
        GC.KeepAlive(shard);
        return (ms, count * shard.CodeBytesPerRow / bytesPerMs);
    }

    /// <summary>Both axes logarithmic, decade by decade.</summary>
    private static string Picture(List<(string Name, string Colour, List<(double Rows, double Ms)> Points)> lines)
    {
        const double Width = 640, Height = 400, Left = 70, Bottom = 350, Right = 620, Top = 20;
        var all = lines.SelectMany(line => line.Points).ToArray();
        var (firstX, lastX) = (Math.Floor(Math.Log10(all.Min(p => p.Rows))), Math.Ceiling(Math.Log10(all.Max(p => p.Rows))));
        var (firstY, lastY) = (Math.Floor(Math.Log10(all.Min(p => p.Ms))), Math.Ceiling(Math.Log10(all.Max(p => p.Ms))));
        double X(double rows) => Left + (Math.Log10(rows) - firstX) / (lastX - firstX) * (Right - Left);
        double Y(double ms) => Bottom - (Math.Log10(ms) - firstY) / (lastY - firstY) * (Bottom - Top);
        var svg = new StringBuilder();
        void Add(FormattableString element) => svg.AppendLine(element.ToString(CultureInfo.InvariantCulture));
        Add($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" font-family=\"sans-serif\" font-size=\"12\">");
        Add($"<title>Time of one query by rows</title><rect width=\"{Width}\" height=\"{Height}\" fill=\"#fff\"/>");
        for (double x = firstX; x <= lastX; x++)
            Add($"<path d=\"M{X(Math.Pow(10, x)):0.#} {Top}V{Bottom}\" stroke=\"#ddd\"/><text x=\"{X(Math.Pow(10, x)):0.#}\" y=\"{Bottom + 18}\" text-anchor=\"middle\">{Math.Pow(10, x):N0}</text>");
        for (double y = firstY; y <= lastY; y++)
            Add($"<path d=\"M{Left} {Y(Math.Pow(10, y)):0.#}H{Right}\" stroke=\"#ddd\"/><text x=\"{Left - 6}\" y=\"{Y(Math.Pow(10, y)) + 4:0.#}\" text-anchor=\"end\">{Math.Pow(10, y):0.###} ms</text>");
        Add($"<text x=\"{(Left + Right) / 2}\" y=\"{Height - 8}\" text-anchor=\"middle\">rows of 384 numbers</text>");
        for (int i = 0; i < lines.Count; i++)
        {
            var (name, colour, points) = lines[i];
            string path = string.Join(' ', points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{X(p.Rows):0.#},{Y(p.Ms):0.#}")));
            Add($"<polyline points=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>");
            Add($"<circle cx=\"{Left + 16}\" cy=\"{Top + 14 + 18 * i}\" r=\"5\" fill=\"{colour}\"/><text x=\"{Left + 26}\" y=\"{Top + 18 + 18 * i}\">{name}</text>");
        }
        return svg.AppendLine("</svg>").ToString();
    }
}
