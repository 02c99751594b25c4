using System.Text.Json;
using Deque.AxeCore.Playwright;

namespace Prometheus.Grid.Browser;

/// <summary>Every view in every look: no violation that axe knows, nothing wider than the window, nothing said on the console, nothing asked elsewhere.</summary>
public sealed class AccessTests(Site site)
{
    public static TheoryData<string, string> ViewsAndLooks
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string view in (string[])["start", "neighbours", "history", "profile", "basket", "compare", "portfolios", "portfolio", "evaluate", "jobs"])
            {
                foreach (string look in (string[])["dark", "light", "narrow"])
                    data.Add(view, look);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(ViewsAndLooks))]
    public async Task A_view_is_whole_in_every_look(string view, string look)
    {
        await using var page = await site.OpenAsync("/?gl=off#jobs", Look.Named(look));
        await ShowAsync(page, view);

        var found = await page.Page.RunAxe();
        Assert.True(found.Violations.Length == 0, string.Join('\n', found.Violations.Select(violation =>
            $"{violation.Id}: {violation.Help}: {string.Join(" | ", violation.Nodes.Take(3).Select(node => node.Html))}")));

        int[] widths = await page.RunAsync<int[]>("() => [document.documentElement.scrollWidth, innerWidth]");
        Assert.True(widths[0] <= widths[1], $"{widths[0]} wide in a window of {widths[1]}");
        await KeepAsync(page.Page, $"{view}-{look}");
    }

    [Fact]
    public async Task Everything_is_reached_by_Tab_and_what_has_the_focus_is_seen()
    {
        await using var page = await site.OpenAsync("/?gl=off");
        await page.MapAsync();
        await ShowAsync(page, "neighbours");
        var seen = new HashSet<string>();
        for (int n = 0; n < 60; n++)
        {
            await page.Page.Keyboard.PressAsync("Tab");
            string at = await page.RunAsync<string>(
                """
                () => {
                    const element = document.activeElement;
                    if (element === document.body)
                        return "end";
                    const box = element.getBoundingClientRect(), style = getComputedStyle(element);
                    const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
                    return `${outlined && box.width > 0 ? "" : "UNSEEN "}${element.tagName} ${element.getAttribute("aria-label") ?? element.textContent.slice(0, 30)}`;
                }
                """);
            if (at == "end")
                break;
            Assert.DoesNotContain("UNSEEN", at, StringComparison.Ordinal);
            seen.Add(at);
        }
        Assert.Contains(seen, at => at.Contains("Find by name", StringComparison.Ordinal));
        Assert.Contains(seen, at => at.Contains("Map of", StringComparison.Ordinal));
        Assert.Contains(seen, at => at.StartsWith("TR", StringComparison.Ordinal));
        Assert.Contains(seen, at => at.Contains("Lasso", StringComparison.Ordinal));
    }

    private static async Task ShowAsync(OpenPage page, string view)
    {
        var entities = (await page.GetAsync($"/v1/spaces/{Site.Space}/dates/{Site.LastDate}/entities?limit=3")).GetProperty("entities");
        string first = Id(entities[0]), second = Id(entities[1]), third = Id(entities[2]);
        string explore = $"#explore?space={Site.Space}&date={Site.LastDate}";
        string target = view switch
        {
            "start" => explore,
            "neighbours" => $"{explore}&id={first}",
            "history" => $"{explore}&id={first}&tab=history",
            "profile" => $"{explore}&id={first}&tab=profile&colour=kept",
            "basket" => $"{explore}&id={first}&pins={second},{third}&excluded={second}&min=0.1&weights=numeric:1,classes:0.5",
            "compare" => $"#compare?id={first}&other={second}",
            "portfolios" => "#portfolio",
            "portfolio" => "#portfolio?portfolio=PF_000001",
            _ => $"#{view}",
        };
        await page.Page.EvaluateAsync("hash => { location.hash = hash; }", target);
        var last = view switch
        {
            "start" => page.Page.GetByText("Click a point on the map"),
            "neighbours" or "basket" => page.Neighbour(0),
            "history" => page.Page.GetByText("Changed since"),
            "profile" => page.Page.GetByText("num-profile-core-v2").Last,
            "compare" => page.Page.GetByText("Adjusted close"),
            "portfolios" => page.Page.GetByText("Portfolios on"),
            "portfolio" => page.Page.GetByText("Past states like it"),
            "evaluate" => page.Page.GetByRole(AriaRole.Button, new() { Name = "Evaluate" }),
            _ => page.Page.GetByRole(AriaRole.Button, new() { Name = "Start", Exact = true }),
        };
        await Expect(last).ToBeVisibleAsync(new() { Timeout = 60_000 });
        if (target.StartsWith("#explore", StringComparison.Ordinal))
            await page.MapAsync();
    }

    private static string Id(JsonElement entity) => entity.GetProperty("entity_id").GetString()!;

    // For whoever wants to look: GRID_SCREENSHOTS names a folder.
    private static async Task KeepAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("GRID_SCREENSHOTS") is { Length: > 0 } folder)
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}.png"), FullPage = true });
    }
}
