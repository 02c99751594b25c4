namespace Prometheus.Grid.EndToEnd;

public sealed class NeighboursTests(MapTests.DemoMarket market) : IClassFixture<MapTests.DemoMarket>
{
    private const string Space = "joint-profile-core-v2", AsOf = "2024-03-28";

    [Theory]
    [InlineData]
    [InlineData("--weights", "text=0.7,numeric=0.3")]
    [InlineData("--sector", "Energy")]
    public async Task The_edges_of_an_entity_are_what_a_search_for_it_prints(params string[] asked)
    {
        string[] edges = await EdgesAsync("edges.csv", ["--top-k", "5", .. asked]);
        string[][] rows = [.. edges.Select(line => line.Split(','))];
        foreach (string entity in (string[])[rows[0][0], rows[^1][0]])
        {
            var similar = (await market.Folder.RunAsync(
                ["find-similar-profiles", "--issuer-id", entity, "--as-of", AsOf, "--model-id", Space, "--top-k", "5", .. asked])).Succeeded();
            Assert.Equal(
                similar.Rows.Select((row, rank) => $"{entity},{rank + 1},{row[2]},{row[0]},{row[1]}"),
                edges.Where(line => line.StartsWith(entity + ",", StringComparison.Ordinal)));
        }
        Assert.Equal(rows.Select(row => row[0]).Order(StringComparer.Ordinal), rows.Select(row => row[0]));
    }

    [Fact]
    public async Task Those_that_are_excluded_are_nobodys_neighbours_and_still_have_their_own()
    {
        string[][] all = [.. (await EdgesAsync("all.csv", ["--top-k", "5"])).Select(line => line.Split(','))];
        string flag = all[0][2], listed = all[1][2];
        string file = market.Folder.File("unwanted.txt");
        await File.WriteAllTextAsync(file, $"# unwanted\n{listed}\n", TestContext.Current.CancellationToken);
        string[][] rest = [.. (await EdgesAsync("rest.csv", ["--top-k", "5", "--exclude", flag, "--exclude-file", file])).Select(line => line.Split(','))];
        Assert.DoesNotContain(rest, row => row[2] == flag || row[2] == listed);
        Assert.Equal(all.Select(row => row[0]), rest.Select(row => row[0]));
        Assert.Equal(all.Where(row => row[0] == all[0][0] && row[2] != flag && row[2] != listed).Select(row => row[2]), rest.Where(row => row[0] == all[0][0]).Take(3).Select(row => row[2]));
    }

    [Fact]
    public async Task A_file_has_the_same_bytes_each_time_and_none_is_left_beside_it()
    {
        string[] first = await EdgesAsync("first.csv", []);
        Assert.Equal(first, await EdgesAsync("second.csv", []));
        Assert.Empty(Directory.GetFiles(market.Folder.Path, "first.*.partial").Concat(Directory.GetFiles(market.Folder.Path, "second.*.partial")));
    }

    [Theory]
    [InlineData(".csv")]
    [InlineData(".parquet")]
    [InlineData(".arrow")]
    public async Task A_killed_run_leaves_no_file_that_looks_whole(string ending)
    {
        string file = market.Folder.File("killed" + ending);
        var begun = new TaskCompletionSource();
        using var watcher = new FileSystemWatcher(market.Folder.Path, $"killed{ending}.partial") { EnableRaisingEvents = true };
        watcher.Created += (_, _) => begun.TrySetResult();
        using (var process = GridProcess.Start(market.Folder.Path, "neighbours", "--space", Space, "--as-of", AsOf, "--top-k", "50", "--out", file))
        {
            await Task.WhenAny(begun.Task, process.WaitForExitAsync(TestContext.Current.CancellationToken));
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        if (!File.Exists(file))
            return;
        string whole = market.Folder.File("whole" + ending);
        (await market.Folder.RunAsync("neighbours", "--space", Space, "--as-of", AsOf, "--top-k", "50", "--out", whole)).Succeeded();
        Assert.Equal(await File.ReadAllBytesAsync(whole, TestContext.Current.CancellationToken), await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_cannot_be_asked_leaves_no_file()
    {
        string file = market.Folder.File("none.csv");
        foreach (var (exitCode, named, arguments) in ((int, string, string[])[])
        [
            (2, ".csv", ["--as-of", AsOf, "--out", market.Folder.File("none.xlsx")]),
            (2, "folder that exists", ["--as-of", AsOf, "--out", market.Folder.File("no/such/none.csv")]),
            (2, "--min-cosine", ["--as-of", AsOf, "--min-cosine", "2", "--out", file]),
            (2, "Energy", ["--as-of", AsOf, "--sector", "Enrgy", "--out", file]),
            (3, "2001-01-01", ["--as-of", "2001-01-01", "--out", file]),
            (3, "2001-01-01", ["--as-of", AsOf, "--against", "2001-01-01", "--out", file]),
        ])
        {
            var output = await market.Folder.RunAsync(["neighbours", "--space", Space, .. arguments]);
            Assert.True(exitCode == output.ExitCode, $"exit code {output.ExitCode}: {output.Errors}");
            Assert.Contains(named, output.Errors, StringComparison.Ordinal);
            Assert.Empty(Directory.GetFiles(market.Folder.Path, "none*"));
        }
    }

    private async Task<string[]> EdgesAsync(string name, string[] asked)
    {
        string file = market.Folder.File(name);
        var output = (await market.Folder.RunAsync(["neighbours", "--space", Space, "--as-of", AsOf, "--out", file, .. asked])).Succeeded();
        string[] lines = await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken);
        Assert.Equal("entity,rank,neighbour,cosine,euclidean", lines[0]);
        Assert.Equal($"{lines.Length - 1}", output.Rows.Single()[4]);
        return lines[1..];
    }
}
