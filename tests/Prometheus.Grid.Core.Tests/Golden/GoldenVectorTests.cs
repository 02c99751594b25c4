using System.Text.Json;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Encoders.Text;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Fusion;

namespace Prometheus.Grid.Core.Tests.Golden;

/// <summary>The v1 encoders and fusion reproduce the seed's vectors bit for bit.</summary>
public sealed class GoldenVectorTests
{
    private const int Dimension = 384;

    [Theory]
    [InlineData("num-profile-core-v1")]
    [InlineData("num-regime-core-v1")]
    public void Price_windows_equal_the_seeds_and_too_short_ones_are_refused(string modelId)
    {
        var prices = GoldenPrices.Read();
        int vectors = 0, refused = 0;
        foreach (var golden in GoldenFile.Read("golden_numeric_v1.json").GetProperty("cases").EnumerateArray())
        {
            var expected = golden.GetProperty(modelId);
            var asOf = DateRange.Parse("as_of_date", golden.GetProperty("as_of_date").GetString()!);
            var encoder = new PriceWindowEncoder(expected.GetProperty("window_days").GetInt32(), Dimension);
            DateRange window = new(asOf.AddDays(-encoder.LookbackCalendarDays), asOf);
            Assert.Equal(expected.GetProperty("search_start").GetString(), DateRange.Text(window.Start));

            string instrument = golden.GetProperty("instrument_id").GetString()!;
            float[] vector = new float[Dimension];
            var skip = encoder.Encode(prices[instrument].Within(window), vector);
            if (expected.GetProperty("error").ValueKind == JsonValueKind.Null)
            {
                Assert.Null(skip);
                GoldenFile.AssertSameBits(GoldenFile.Vector(expected.GetProperty("vector")), vector, $"{instrument} {asOf:O} {modelId}");
                vectors++;
            }
            else
            {
                Assert.Equal("insufficient price rows", skip?.Code);
                refused++;
            }
        }
        Assert.True(vectors > 20 && refused > 0, $"{vectors} vectors and {refused} refusals were checked");
    }

    [Fact]
    public async Task Hashed_texts_equal_the_recipe()
    {
        var golden = GoldenFile.Read("golden_text_hash384.json").GetProperty("vectors");
        var documents = GoldenProfiles.Read();
        float[] vectors = new float[documents.Length * Dimension];
        await new HashedTextEncoder(Dimension, workers: 2).EncodeAsync(
            [.. documents.Select(d => d.Document)], vectors, TestContext.Current.CancellationToken);
        for (int i = 0; i < documents.Length; i++)
            GoldenFile.AssertSameBits(GoldenFile.Vector(golden.GetProperty(documents[i].Id)), vectors.AsSpan(i * Dimension, Dimension), documents[i].Id);
        Assert.Equal(golden.EnumerateObject().Count(), documents.Length);
    }

    [Fact]
    public void Portfolio_vectors_equal_the_seeds_edge_rows_included()
    {
        var encoder = new SortedRiskReportEncoder(Dimension);
        int vectors = 0, refused = 0;
        foreach (var golden in GoldenFile.Read("golden_portfolio_v1.json").GetProperty("cases").EnumerateArray())
        {
            string id = golden.GetProperty("portfolio_id").GetString()!;
            var report = new RiskReport(
                id, DateRange.Parse("as_of_date", golden.GetProperty("as_of_date").GetString()!),
                Numbers(golden, "risk_metrics"), Numbers(golden, "exposures_by_sector"), Numbers(golden, "exposures_by_factor"));
            float[] vector = new float[Dimension];
            var skip = encoder.Encode(report, vector);
            if (golden.GetProperty("vector").ValueKind == JsonValueKind.Null)
            {
                Assert.NotNull(skip);
                refused++;
                continue;
            }
            Assert.Null(skip);
            GoldenFile.AssertSameBits(GoldenFile.Vector(golden.GetProperty("vector")), vector, $"{id} ({golden.GetProperty("note").GetString()})");
            vectors++;
        }
        Assert.True(vectors > 20, $"{vectors} vectors and {refused} refusals were checked");
    }

    [Fact]
    public void Joint_vectors_equal_the_seeds()
    {
        var fusion = BranchFusion.For(Catalogs.Shipped.Space("joint-profile-core-v1"));
        var text = GoldenFile.Read("golden_text_hash384.json").GetProperty("vectors");
        var joint = GoldenFile.Read("golden_joint_v1.json");
        string asOf = joint.GetProperty("as_of_date").GetString()!;
        var numeric = GoldenFile.Read("golden_numeric_v1.json").GetProperty("cases").EnumerateArray()
            .Where(golden => golden.GetProperty("as_of_date").GetString() == asOf)
            .ToDictionary(golden => golden.GetProperty("instrument_id").GetString()!);
        var instrumentOf = GoldenProfiles.InstrumentByIssuer();
        foreach (var expected in joint.GetProperty("vectors").EnumerateObject())
        {
            var branches = numeric[instrumentOf[expected.Name]];
            float[] vector = new float[Dimension];
            var skip = fusion.Fuse(
                [Branch(branches, "num-profile-core-v1"), Branch(branches, "num-regime-core-v1"), GoldenFile.Vector(text.GetProperty(expected.Name))], [], vector);
            Assert.Null(skip);
            GoldenFile.AssertSameBits(GoldenFile.Vector(expected.Value), vector, expected.Name);
        }
    }

    private static ReadOnlyMemory<float> Branch(JsonElement branches, string modelId) =>
        branches.GetProperty(modelId).GetProperty("vector") is { ValueKind: JsonValueKind.Object } vector ? GoldenFile.Vector(vector) : default;

    private static IReadOnlyDictionary<string, double> Numbers(JsonElement golden, string section) =>
        golden.TryGetProperty(section, out var value) && value.ValueKind == JsonValueKind.Object
            ? JsonColumns.Numbers(section, value.GetRawText())
            : new Dictionary<string, double>();
}
