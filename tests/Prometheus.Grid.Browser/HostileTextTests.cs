using System.Text.RegularExpressions;

namespace Prometheus.Grid.Browser;

/// <summary>Names and sectors that are markup and script: the page and the files of maps show them as the text that they are.</summary>
public sealed partial class HostileTextTests(Site site) : IAsyncLifetime
{
    private const string Payload = "</script><img src=x onerror=window.pwned=1><script>window.pwned=1</script>";

    private readonly string _data = Directory.CreateTempSubdirectory("grid-hostile-").FullName;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(Site.WhyNot is not null, Site.WhyNot ?? "");
        await GridServerProcess.RunAsync("demo", "--data", _data, "--issuers", "40", "--portfolios", "4", "--quiet");
        string table = Path.Combine(_data, "issuers.csv");
        string[] lines = await File.ReadAllLinesAsync(table);
        string[] columns = lines[0].Split(',');
        for (int i = 1; i < lines.Length; i++)
        {
            string[] cells = Cell().Matches(lines[i]).Select(match => match.Groups[1].Value).ToArray();
            foreach (string column in (string[])["name", "sector", "industry", "country"])
                cells[Array.IndexOf(columns, column)] = $"\"{column} {i % 3} {Payload}\"";
            lines[i] = string.Join(',', cells);
        }
        await File.WriteAllLinesAsync(table, lines);
    }

    [Fact]
    public async Task A_name_that_is_a_script_is_text_on_the_page_and_in_the_file_of_a_map()
    {
        await using var server = await GridServerProcess.StartAsync(_data);
        await using var page = await site.OpenAsync("/?gl=off", url: server.Url);
        await page.MapAsync();
        var field = page.Page.GetByRole(AriaRole.Combobox, new() { Name = "Find by name, id, symbol or text" });
        await field.FillAsync("name 1");
        await Expect(page.Page.Locator(".combobox li").First).ToContainTextAsync(Payload);
        await field.PressAsync("ArrowDown");
        await field.PressAsync("Enter");
        await Expect(page.Page.Locator(".target")).ToContainTextAsync(Payload);
        await Expect(page.Neighbour(0)).ToContainTextAsync(Payload);
        Assert.True(await IsCleanAsync(page.Page));

        string map = Path.Combine(_data, "map.html");
        await GridServerProcess.RunAsync("map", "--data", _data, "--space", Site.Space, "--as-of", Site.LastDate, "--out", map);
        await using var context = await site.Browser.NewContextAsync();
        var drawn = await context.NewPageAsync();
        await drawn.GotoAsync(new Uri(map).ToString());
        await drawn.Locator("circle[data-row]").First.DispatchEventAsync("click");
        await Expect(drawn.Locator("#said")).ToContainTextAsync(Payload);
        Assert.True(await IsCleanAsync(drawn));
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_data, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>Whether nothing of the payload became an element or ran.</summary>
    private static Task<bool> IsCleanAsync(IPage page) => page.EvaluateAsync<bool>(
        "() => window.pwned === undefined && document.querySelectorAll('img[src=x]').length === 0 && [...document.scripts].every(script => !script.textContent.startsWith('window.pwned'))");

    [GeneratedRegex("(?<=^|,)(\"(?:[^\"]|\"\")*\"|[^,]*)")]
    private static partial Regex Cell();
}
