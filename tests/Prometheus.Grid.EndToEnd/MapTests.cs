using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Prometheus.Grid.EndToEnd;

public sealed class MapTests(MapTests.DemoMarket market) : IClassFixture<MapTests.DemoMarket>
{
    private const string Space = "joint-profile-core-v2", AsOf = "2024-03-28";

    /// <summary>A small market with all vectors, made once for the tests of this class.</summary>
    public sealed class DemoMarket : IAsyncLifetime
    {
        internal DataFolder Folder { get; } = new();

        public async ValueTask InitializeAsync() =>
            (await Folder.RunAsync("demo", "--issuers", "80", "--portfolios", "16", "--quiet")).Succeeded();

        public ValueTask DisposeAsync()
        {
            Folder.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    [Theory]
    [InlineData("umap")]
    [InlineData("pca")]
    public async Task A_table_holds_places_and_the_neighbours_that_a_search_finds(string method)
    {
        var rows = Table(await MapAsync("places.csv", method));
        var byId = rows.Select((row, i) => (row, i)).ToDictionary(pair => pair.row.Id, pair => pair.i, StringComparer.Ordinal);
        Assert.True(rows.Length > 60, $"{rows.Length} rows");
        Assert.True(rows.Select(row => (row.X, row.Y)).Distinct().Count() > rows.Length / 2);
        foreach (var row in rows)
        {
            Assert.Equal(15, row.Ids.Length);
            Assert.DoesNotContain(byId[row.Id], row.Ids);
            Assert.Equal(row.Distances.Order(), row.Distances);
        }

        var similar = (await market.Folder.RunAsync("find-similar-profiles", "--issuer-id", rows[0].Id, "--as-of", AsOf, "--model-id", Space, "--top-k", "15")).Succeeded();
        Assert.Equal(similar.Rows.Select(row => row[2]), rows[0].Ids.Select(i => rows[i].Id));
        foreach (var (row, distance) in similar.Rows.Zip(rows[0].Distances))
            Assert.Equal(1 - double.Parse(row[0], CultureInfo.InvariantCulture), distance, 1.5e-6);
    }

    [Theory]
    [InlineData("a.csv", "umap")]
    [InlineData("a.svg", "umap")]
    [InlineData("a.html", "umap")]
    [InlineData("a.svg", "pca")]
    public async Task A_map_has_the_same_bytes_each_time(string name, string method) =>
        Assert.Equal(await MapAsync(name, method), await MapAsync("again-" + name, method));

    [Fact]
    public async Task A_picture_has_a_dot_an_issuer_inside_its_frame()
    {
        int points = Table(await MapAsync("dots.csv", "umap")).Length;
        var picture = XDocument.Parse(await MapAsync("dots.svg", "umap")).Root!;
        var dots = picture.Descendants().Where(element => element.Attribute("data-row") is not null).ToArray();
        Assert.Equal(Enumerable.Range(0, points), dots.Select(dot => (int)dot.Attribute("data-row")!));
        double[] frame = picture.Attribute("viewBox")!.Value.Split(' ').Select(value => double.Parse(value, CultureInfo.InvariantCulture)).ToArray();
        Assert.All(dots, dot =>
        {
            Assert.InRange((double)dot.Attribute("cx")!, frame[0], frame[2]);
            Assert.InRange((double)dot.Attribute("cy")!, frame[1], frame[3]);
            Assert.NotEmpty(dot.Value);
        });
    }

    [Fact]
    public async Task A_page_loads_nothing_and_carries_its_points()
    {
        string page = await MapAsync("page.html", "umap");
        Assert.DoesNotMatch(new Regex("""(src|href)\s*=|@import|url\(|fetch\("""), page);
        using var points = JsonDocument.Parse(Regex.Match(page, @"const points=(\[.*?\])\s*;\s*\n").Groups[1].Value);
        Assert.Equal(Regex.Count(page, "<circle data-row="), points.RootElement.GetArrayLength());
        Assert.All(points.RootElement.EnumerateArray(), point => Assert.Equal(15, point[2].GetArrayLength()));
    }

    [Fact]
    public async Task What_cannot_be_drawn_is_named()
    {
        var ending = await market.Folder.RunAsync("map", "--space", Space, "--as-of", AsOf, "--out", market.Folder.File("a.png"));
        Assert.Equal(2, ending.ExitCode);
        Assert.Contains(".csv, .svg or .html", ending.Errors, StringComparison.Ordinal);
        var date = await market.Folder.RunAsync("map", "--space", Space, "--as-of", "2001-01-01", "--out", market.Folder.File("a.svg"));
        Assert.Equal(3, date.ExitCode);
        Assert.False(File.Exists(market.Folder.File("a.png")) || File.Exists(market.Folder.File("a.svg.partial")));
    }

    private async Task<string> MapAsync(string name, string method)
    {
        var output = (await market.Folder.RunAsync("map", "--space", Space, "--as-of", AsOf, "--method", method, "--out", market.Folder.File(name))).Succeeded();
        Assert.Equal([Space, AsOf, method], output.Rows.Single()[..3]);
        return await File.ReadAllTextAsync(market.Folder.File(name), TestContext.Current.CancellationToken);
    }

    private static (string Id, double X, double Y, int[] Ids, double[] Distances)[] Table(string csv)
    {
        string[] lines = csv.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("entity_id,name,group,x,y,neighbors", lines[0]);
        return [.. lines.Skip(1).Select(line =>
        {
            var row = Regex.Match(line, """^([^,]*),("[^"]*"|[^,"]*),("[^"]*"|[^,"]*),([^,]*),([^,]*),"(.*)"$""");
            Assert.True(row.Success, line);
            using var neighbours = JsonDocument.Parse(row.Groups[6].Value.Replace("\"\"", "\"", StringComparison.Ordinal));
            return (row.Groups[1].Value, double.Parse(row.Groups[4].Value, CultureInfo.InvariantCulture), double.Parse(row.Groups[5].Value, CultureInfo.InvariantCulture),
                neighbours.RootElement.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()).ToArray(),
                neighbours.RootElement.GetProperty("distances").EnumerateArray().Select(distance => distance.GetDouble()).ToArray());
        })];
    }
}
