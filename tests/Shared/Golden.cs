using System.Globalization;
using System.Text.Json;

namespace Prometheus.Grid.Tests;

/// <summary>
/// tests/data/golden-synthetic: a made-up market as a data folder, and what the v1 models make of it by the rules of the seed, computed without any code
/// of this project.
/// </summary>
internal static class Golden
{
    /// <summary>The only date.</summary>
    public static DateOnly AsOf { get; } = new(2024, 3, 31);

    /// <summary>The tables, to be copied or linked, for a store writes beside them.</summary>
    public static IReadOnlyList<string> Tables =>
        [.. Directory.GetFiles(TestData.InRepository("golden-synthetic"), "*.csv").Where(file => !Path.GetFileName(file).StartsWith("expected", StringComparison.Ordinal))];

    /// <summary>The vectors of a v1 model as float32, little-endian, by entity; null for an entity that the model refuses.</summary>
    public static SortedDictionary<string, byte[]?> Vectors(string modelId)
    {
        using var expected = JsonDocument.Parse(File.ReadAllBytes(TestData.InRepository("golden-synthetic", "expected_vectors.json")));
        var model = expected.RootElement.EnumerateObject().Single(model => model.Name.Split(' ')[0] == modelId).Value;
        var vectors = new SortedDictionary<string, byte[]?>(StringComparer.Ordinal);
        foreach (var entity in model.EnumerateObject())
            vectors.Add(entity.Name, entity.Value.ValueKind == JsonValueKind.Null ? null : entity.Value.GetBytesFromBase64());
        return vectors;
    }

    /// <summary>The first neighbours of every issuer (<c>profiles</c>) or portfolio (<c>portfolios</c>), best first, by target.</summary>
    public static IReadOnlyList<IGrouping<string, Neighbour>> Neighbours(string of) =>
    [
        .. File.ReadLines(TestData.InRepository("golden-synthetic", $"expected_similar_{of}.csv")).Skip(1)
            .Select(line => line.Split(','))
            .GroupBy(cells => cells[0], cells => new Neighbour(cells[2], Number(cells[3]), Number(cells[4]))),
    ];

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>A neighbour; its numbers were summed in double.</summary>
    internal sealed record Neighbour(string EntityId, double Cosine, double Euclidean);
}
