using System.Globalization;
using System.Text.Json;

namespace Prometheus.Grid.EndToEnd;

/// <summary><c>grid groups</c>, <c>changes</c> and <c>analogues</c>: what they compute is tested where it is computed.</summary>
public sealed class UniverseTests(MapTests.DemoMarket market) : IClassFixture<MapTests.DemoMarket>
{
    private const string Space = "joint-profile-core-v3", First = "2023-09-29", Before = "2023-12-29", AsOf = "2024-03-28";

    [Fact]
    public async Task Groups_are_a_row_an_entity_and_have_the_same_bytes_each_time_and_in_a_file()
    {
        string[] asked = ["groups", "--space", Space, "--start", First, "--end", AsOf, "--neighbours", "8"];
        var rows = await RunAsync(asked);
        Assert.Equal("as_of_date,entity,group,size,centrality,words", rows.Header);
        Assert.Equal([First, Before, AsOf], rows.Rows.Select(row => row[0]).Distinct());
        foreach (var group in rows.Rows.GroupBy(row => (row[0], row[2])))
        {
            Assert.All(group, row => Assert.Equal($"{group.Count()}", row[3]));
            Assert.Single(group.Select(row => row[5]).Distinct());
        }
        string csv = market.Folder.File("groups.csv"), json = market.Folder.File("groups.json");
        Assert.Contains("wrote", (await RunAsync([.. asked, "--out", csv])).Errors, StringComparison.Ordinal);
        Assert.Equal(rows.Text, await File.ReadAllTextAsync(csv, TestContext.Current.CancellationToken));
        await RunAsync([.. asked, "--out", json, "--quiet"]);
        using var parsed = JsonDocument.Parse(await File.ReadAllTextAsync(json, TestContext.Current.CancellationToken));
        Assert.Equal(rows.Rows.Select(row => row[1]), parsed.RootElement.EnumerateArray().Select(row => row.GetProperty("entity").GetString()));

        var summary = await RunAsync([.. asked, "--summary"]);
        Assert.Equal("as_of_date,group,size,from,words,most_central", summary.Header);
        Assert.Equal(rows.Rows.Select(row => (row[0], row[2])).Distinct().Order(), summary.Rows.Select(row => (row[0], row[1])).Order());
    }

    [Fact]
    public async Task Groups_are_judged_beside_sectors_and_industries()
    {
        var output = await RunAsync(["groups", "--space", Space, "--start", First, "--end", AsOf, "--judge"]);
        Assert.Equal("as_of_date,metric,groups,standard_error,sectors,industries,entities", output.Header);
        Assert.Equal(
            ["adjusted Rand index to industries", "adjusted Rand index to sectors", "adjusted Rand index to the date before", "how many", "next-63d return correlation within"],
            output.Rows.Where(row => row[0] == "mean").Select(row => row[1]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Changes_come_largest_first_or_by_the_peers_that_were_kept()
    {
        string[] asked = ["changes", "--space", Space, "--from", Before, "--to", AsOf, "--top-k", "5"];
        var moves = await RunAsync(asked);
        Assert.Equal("entity,move,times_typical,cosine,entered,left,kept", moves.Header);
        Assert.Equal(moves.Rows.Select(row => Number(row[1])).OrderDescending(), moves.Rows.Select(row => Number(row[1])));
        Assert.All(moves.Rows, row => Assert.Equal((5, row[4].Split("; ").Length), (int.Parse(row[6], CultureInfo.InvariantCulture) + Count(row[4]), row[5].Split("; ").Length)));
        var peers = await RunAsync([.. asked, "--sort", "peers", "--limit", "7"]);
        Assert.Equal(moves.Rows.Select(row => row[6]).Order(StringComparer.Ordinal).Take(7), peers.Rows.Select(row => row[6]));
        // Who entered is among the nearest of the later date.
        string[] changed = peers.Rows[0];
        var now = await RunAsync(["find-similar-profiles", "--issuer-id", changed[0], "--as-of", AsOf, "--model-id", Space, "--top-k", "5"]);
        Assert.Subset(now.Rows.Select(row => row[2]).ToHashSet(), changed[4].Split("; ").ToHashSet());

        static int Count(string ids) => ids.Length == 0 ? 0 : ids.Split("; ").Length;
    }

    [Fact]
    public async Task Analogues_stand_beside_random_states()
    {
        var output = await RunAsync(["analogues", "--portfolio-id", "PF_000001", "--as-of", AsOf, "--horizon", "42", "--top-k", "6"]);
        Assert.Equal("row,portfolio_id,as_of_date,states,dates,cosine,return,volatility,worst_drawdown", output.Header);
        Assert.Equal(
            [.. Enumerable.Repeat("analogue", 6), "mean of analogues", "spread of analogues", "mean of random states", "spread of random states"],
            output.Rows.Select(row => row[0]));
        Assert.Equal(output.Rows.Take(6).Average(row => Number(row[6])), Number(output.Rows[6][6]), 1e-6);
        Assert.All(output.Rows.Take(6), row => Assert.NotEqual(AsOf, row[2]));
    }

    [Theory]
    [InlineData(2, "--resolution", "groups", "--space", Space, "--as-of", AsOf, "--resolution", "0")]
    [InlineData(2, "--summary", "groups", "--space", Space, "--as-of", AsOf, "--summary", "--judge")]
    [InlineData(3, "2001-01-01", "groups", "--space", Space, "--as-of", "2001-01-01")]
    [InlineData(2, ".json", "groups", "--space", Space, "--as-of", AsOf, "--out", "groups.txt")]
    [InlineData(2, "--to", "changes", "--space", Space, "--from", AsOf, "--to", Before)]
    [InlineData(3, "no-such-model", "changes", "--space", "no-such-model", "--from", Before, "--to", AsOf)]
    [InlineData(2, "--as-of", "analogues", "--portfolio-id", "PF_000001", "--as-of", Before)]
    [InlineData(3, "PF_NOBODY", "analogues", "--portfolio-id", "PF_NOBODY", "--as-of", AsOf)]
    public async Task What_cannot_be_asked_is_named(int exitCode, string named, params string[] arguments)
    {
        var output = await market.Folder.RunAsync(arguments);
        Assert.True(exitCode == output.ExitCode, $"exit code {output.ExitCode}: {output.Errors}");
        Assert.Contains(named, output.Errors, StringComparison.Ordinal);
        Assert.Equal("", output.Text);
    }

    private async Task<GridOutput> RunAsync(string[] arguments) => (await market.Folder.RunAsync(arguments)).Succeeded();

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
