using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Core.Tests.Golden;

/// <summary>The business descriptions behind the golden text vectors.</summary>
internal static class GoldenProfiles
{
    public static (string Id, string Document)[] Read() => [.. Rows().Select(row => (row[0], row[2].Trim()))];

    public static Dictionary<string, string> InstrumentByIssuer() => Rows().ToDictionary(row => row[0], row => row[1], StringComparer.Ordinal);

    // The file quotes descriptions and has no line breaks inside them.
    private static IEnumerable<string[]> Rows() =>
        File.ReadLines(TestData.Path("golden", "golden_profiles.csv")).Skip(1).Select(line =>
        {
            string[] row = line.Split(',', 3);
            string text = row[2].StartsWith('"') ? row[2][1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : row[2];
            return new[] { row[0], row[1], text };
        });
}
