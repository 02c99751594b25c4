using System.Globalization;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.EndToEnd;

/// <summary>The seed's own rows, from the shell: headers, order and six decimals on the golden prices and portfolios.</summary>
public sealed class GoldenParityTests
{
    // The seed summed in float32; against double sums a cosine differs by at most this (3.6 % of the printed ones by one in the sixth decimal).
    private const double SeedRounding = 2e-7, HalfOfSixthDecimal = 5e-7;

    private const string AsOf = "2020-12-08";

    [Fact]
    public async Task Similar_issuers_are_the_seeds()
    {
        using var folder = GoldenFolder();
        string[][] commands =
        [
            ["backfill_numeric_embeddings", "--as-of", AsOf, "--window-days", "126", "--model-id", "num-profile-core-v1", "--market-id", "US_EQ"],
            ["backfill_numeric_embeddings", "--as-of", AsOf, "--window-days", "63", "--model-id", "num-regime-core-v1", "--market-id", "US_EQ"],
            ["backfill_profile_text_embeddings", "--as-of", AsOf, "--model-id", "text-hash-v1"],
            ["backfill_joint_profiles", "--as-of", AsOf, "--text-model-id", "text-hash-v1"],
        ];
        foreach (string[] command in commands)
            (await folder.RunAsync(command)).Succeeded();

        foreach (var golden in Golden("golden_similar_v1.csv"))
        {
            var output = (await folder.RunAsync("find_similar_profiles", "--issuer-id", golden.Key, "--as-of", AsOf, "--top-k", "100")).Succeeded();
            Assert.Equal("cosine,euclidean,issuer_id,instrument_id,region,source", output.Header);
            Assert.Equal(golden.Select(row => row[2]), output.Rows.Select(row => row[2]));
            foreach (var (expected, actual) in golden.Zip(output.Rows))
            {
                AssertNear(expected[5], actual[0], SeedRounding);
                AssertNear(expected[6], actual[1], SeedRounding * Number(expected[6]));
                Assert.Equal(["US", "num+text"], actual[4..]);
            }
        }
    }

    [Fact]
    public async Task Similar_portfolios_are_the_seeds()
    {
        using var folder = DataFolder.OfUsEquities();
        var golden = Golden("golden_similar_portfolios_v1.csv").ToArray();
        string[] ids = [.. golden.Select(g => g.Key).Concat(golden.SelectMany(g => g.Select(row => row[2]))).Distinct()];
        const string asOf = "2022-06-30";
        (await folder.RunAsync(["backfill_numeric_portfolio_embeddings", "--as-of", asOf, .. ids.SelectMany(id => (string[])["--portfolio-id", id])])).Succeeded();
        (await folder.RunAsync("backfill_joint_portfolios", "--as-of", asOf)).Succeeded();
        foreach (var target in golden)
        {
            var output = (await folder.RunAsync("find_similar_portfolios", "--portfolio-id", target.Key, "--as-of", asOf, "--top-k", "100")).Succeeded();
            Assert.Equal("cosine,euclidean,portfolio_id,source", output.Header);
            Assert.Equal(target.Select(row => row[2]), output.Rows.Select(row => row[2]));
            foreach (var (expected, actual) in target.Zip(output.Rows))
            {
                AssertNear(expected[3], actual[0], HalfOfSixthDecimal + SeedRounding);
                AssertNear(expected[4], actual[1], HalfOfSixthDecimal + (SeedRounding * Number(expected[4])));
            }
        }
    }

    private static DataFolder GoldenFolder()
    {
        var folder = new DataFolder();
        File.CreateSymbolicLink(folder.File("prices_daily.csv"), TestData.Path("golden", "golden_prices.csv"));
        foreach (string table in (string[])["markets.csv", "issuers.csv", "instruments.csv"])
            File.CreateSymbolicLink(folder.File(table), TestData.Path("us-equities", table));
        // issuer_id,instrument_id,text becomes issuer_id,as_of_date,text.
        var profiles = File.ReadAllLines(TestData.Path("golden", "golden_profiles.csv")).Skip(1).Select(line =>
        {
            string[] cells = line.Split(',', 3);
            return $"{cells[0]},{AsOf},{cells[2]},,";
        });
        File.WriteAllLines(folder.File("profiles.csv"), ["issuer_id,as_of_date,business_description,risk_summary,recent_events_summary", .. profiles]);
        return folder;
    }

    private static IEnumerable<IGrouping<string, string[]>> Golden(string name) =>
        File.ReadLines(TestData.Path("golden", name)).Skip(1).Select(line => line.Split(',')).GroupBy(row => row[0]);

    private static void AssertNear(string expected, string printed, double tolerance)
    {
        Assert.Matches(@"^-?\d+\.\d{6}$", printed);
        Assert.Equal(Number(expected), Number(printed), tolerance + HalfOfSixthDecimal);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
