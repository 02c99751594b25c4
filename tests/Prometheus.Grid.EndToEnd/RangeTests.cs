using System.Globalization;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.EndToEnd;

/// <summary>A backfill over a range has the vectors of its dates one by one, on both stores, corrections of the past between included.</summary>
public sealed class RangeTests(SharedPostgres server)
{
    private static readonly int[] s_closes = [5, 6];
    private static readonly string[] s_dates = ["2024-06-24", "2024-06-25", "2024-06-26", "2024-06-27", "2024-06-28"];

    [Theory]
    [InlineData("num-profile-core-v1")]
    [InlineData("num-profile-core-v2")]
    public async Task A_range_equals_its_dates_one_by_one_on_both_stores(string modelId)
    {
        using var folder = await DataFolder.OfSyntheticAsync(issuers: 20);
        string[] tables = File.ReadAllLines(folder.File("prices_daily.csv"));
        var expected = new List<string[]>();
        foreach (var store in new[] { await StoreUnderTest.CreateAsync(folder, null), await StoreUnderTest.CreateAsync(folder, server), await StoreUnderTest.CreateAsync(folder, server) })
        {
            File.WriteAllLines(folder.File("prices_daily.csv"), tables);
            await store.LoadTablesAsync();
            // The second database takes the dates one by one.
            string[][] steps = expected.Count == 2 ? [.. s_dates.Select(date => (string[])["--as-of", date])] : [["--start", s_dates[0], "--end", s_dates[^1]]];
            foreach (string[] step in steps)
                (await store.RunAsync(["backfill-numeric-embeddings", "--model-id", modelId, .. step])).Succeeded();
            var seen = new List<string>(await VectorsAsync(store, folder, modelId));

            folder.EditLine("prices_daily.csv", line: 200, edit: line =>
            {
                string[] cells = line.Split(',');
                foreach (int column in s_closes)
                    cells[column] = (double.Parse(cells[column], CultureInfo.InvariantCulture) * 1.01).ToString(CultureInfo.InvariantCulture);
                return string.Join(',', cells);
            });
            await store.LoadTablesAsync();
            foreach (string[] step in steps)
                (await store.RunAsync(["backfill-numeric-embeddings", "--model-id", modelId, .. step])).Succeeded();
            seen.AddRange(await VectorsAsync(store, folder, modelId));
            expected.Add([.. seen]);
        }
        Assert.Equal(expected[0], expected[1]);
        Assert.Equal(expected[0], expected[2]);
        Assert.Equal(2 * s_dates.Length, expected[0].Length);
        Assert.NotEqual(expected[0][0], expected[0][s_dates.Length]);
        Assert.All(expected[0], text => Assert.InRange(text.Split('\n').Length, 20, 25));
    }

    private static async Task<string[]> VectorsAsync(StoreUnderTest store, DataFolder folder, string modelId)
    {
        var vectors = new List<string>();
        foreach (string date in s_dates)
        {
            string file = folder.File("vectors.csv");
            (await store.RunAsync("export", "--model-id", modelId, "--as-of", date, "--out", file)).Succeeded();
            vectors.Add(await File.ReadAllTextAsync(file));
        }
        return [.. vectors];
    }
}
