using System.Text.Json;

namespace Prometheus.Grid.Browser;

/// <summary>The map: selecting, colouring, the lasso, moving it with mouse, finger and keyboard.</summary>
public sealed class MapTests(Site site)
{
    [Fact]
    public async Task A_click_selects_the_point_and_says_what_the_map_keeps_while_hovering_does_nothing()
    {
        await using var page = await site.OpenAsync("/");
        await page.MapAsync();
        var (id, name, x, y) = await LonelyPointAsync(page);
        await page.Page.Mouse.MoveAsync(x, y);
        await page.Page.Mouse.MoveAsync(x + 1, y);
        await Expect(page.Page.GetByText("Click a point on the map")).ToBeVisibleAsync();
        Assert.DoesNotContain("id=", page.Page.Url, StringComparison.Ordinal);

        await page.Page.Mouse.ClickAsync(x, y);
        await Expect(page.Page.Locator(".target")).ToContainTextAsync(name);
        await Expect(page.Neighbours.Locator("tbody tr")).ToHaveCountAsync(20);
        Assert.Contains($"id={id}", page.Page.Url, StringComparison.Ordinal);
        await Expect(page.Note).ToContainTextAsync($"true neighbours of {name}");
    }

    [Fact]
    public async Task A_lasso_around_everything_lists_everyone_and_pins_them()
    {
        await using var page = await site.OpenAsync("/");
        await page.MapAsync();
        int everyone = await CountAsync(page);
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Lasso" }).ClickAsync();
        var box = (await page.Map.BoundingBoxAsync())!;
        var mouse = page.Page.Mouse;
        await mouse.MoveAsync(box.X + 3, box.Y + 3);
        await mouse.DownAsync();
        foreach (var (right, down) in ((float, float)[])[(1, 0), (1, 1), (0, 1), (0, 0)])
            await mouse.MoveAsync(box.X + 3 + (right * (box.Width - 6)), box.Y + 3 + (down * (box.Height - 6)), new() { Steps = 5 });
        await mouse.UpAsync();

        var list = page.Page.GetByRole(AriaRole.Table, new() { Name = "Selection" });
        await Expect(list.Locator("tbody tr")).ToHaveCountAsync(everyone);
        await Expect(page.Page.GetByRole(AriaRole.Button, new() { Name = "Lasso" })).ToHaveAttributeAsync("aria-pressed", "false");

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Pin all" }).ClickAsync();
        await Expect(page.Page.GetByRole(AriaRole.List, new() { Name = "pinned" }).GetByRole(AriaRole.Listitem)).ToHaveCountAsync(everyone);
    }

    [Fact]
    public async Task A_view_without_a_mouse_goes_to_the_list_and_leaving_the_lasso_is_one_key()
    {
        await using var page = await site.OpenAsync("/");
        await page.MapAsync();
        int everyone = await CountAsync(page);
        await page.Map.FocusAsync();
        await page.Page.Keyboard.PressAsync("l");
        await Expect(page.Page.GetByRole(AriaRole.Button, new() { Name = "Lasso" })).ToHaveAttributeAsync("aria-pressed", "true");
        await page.Page.Keyboard.PressAsync("Escape");
        await Expect(page.Page.GetByRole(AriaRole.Button, new() { Name = "Lasso" })).ToHaveAttributeAsync("aria-pressed", "false");

        var list = page.Page.GetByRole(AriaRole.Table, new() { Name = "Selection" });
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "View to list" }).ClickAsync();
        await Expect(list.Locator("tbody tr")).ToHaveCountAsync(everyone);
        await page.Map.FocusAsync();
        for (int n = 0; n < 8; n++)
            await page.Page.Keyboard.PressAsync("+");
        await page.Page.Keyboard.PressAsync("ArrowLeft");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "View to list" }).ClickAsync();
        Assert.True(await list.Locator("tbody tr").CountAsync() < everyone);
        await page.Map.FocusAsync();
        await page.Page.Keyboard.PressAsync("0");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "View to list" }).ClickAsync();
        await Expect(list.Locator("tbody tr")).ToHaveCountAsync(everyone);
    }

    [Fact]
    public async Task The_wheel_zooms_a_drag_moves_and_a_double_finger_pinches()
    {
        await using var page = await site.OpenAsync("/");
        await page.MapAsync();
        byte[] before = await page.Page.Locator(".map-area").ScreenshotAsync();
        var box = (await page.Map.BoundingBoxAsync())!;
        await page.Page.Mouse.MoveAsync(box.X + (box.Width / 2), box.Y + (box.Height / 2));
        await page.Page.Mouse.WheelAsync(0, -400);
        byte[] zoomed = await ChangedAsync(page, before);
        await page.Page.Mouse.DownAsync();
        await page.Page.Mouse.MoveAsync(box.X + (box.Width / 2) + 90, box.Y + (box.Height / 2) + 40, new() { Steps = 4 });
        await page.Page.Mouse.UpAsync();
        byte[] moved = await ChangedAsync(page, zoomed);
        // A drag selects nobody.
        await Expect(page.Page.GetByText("Click a point on the map")).ToBeVisibleAsync();
        await page.Page.EvaluateAsync(
            """
            () => {
                const map = document.querySelector(".map-over"), box = map.getBoundingClientRect();
                map.setPointerCapture = () => {};
                const send = (type, pointerId, x) => map.dispatchEvent(new PointerEvent(type, { pointerId, pointerType: "touch", button: 0, clientX: box.left + x, clientY: box.top + 200, bubbles: true }));
                send("pointerdown", 11, 300);
                send("pointerdown", 12, 400);
                send("pointermove", 12, 480);
                send("pointerup", 12, 480);
                send("pointerup", 11, 300);
            }
            """);
        await ChangedAsync(page, moved);
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Fit" }).ClickAsync();
        await Expect(page.Page.GetByText("Click a point on the map")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Colours_follow_every_column_and_the_legend_shows_one_group_alone()
    {
        await using var page = await site.OpenAsync("/");
        await page.MapAsync();
        var legend = page.Page.Locator(".legend");
        await Expect(legend.GetByRole(AriaRole.Button)).Not.ToHaveCountAsync(0);
        var first = legend.GetByRole(AriaRole.Button).First;
        byte[] before = await page.Page.Locator(".map-area").ScreenshotAsync();
        await first.ClickAsync();
        await Expect(first).ToHaveAttributeAsync("aria-pressed", "true");
        await ChangedAsync(page, before);
        await first.ClickAsync();
        await Expect(first).ToHaveAttributeAsync("aria-pressed", "false");

        var colours = page.Page.GetByLabel("Colour by");
        foreach (string column in (string[])["country", "industry", "region"])
        {
            await colours.SelectOptionAsync(column);
            await Expect(legend.GetByRole(AriaRole.List, new() { Name = column })).ToBeVisibleAsync();
        }
        await colours.SelectOptionAsync("group");
        var groups = (await page.GetAsync($"/v1/spaces/{Site.Space}/dates/{Site.LastDate}/groups")).GetProperty("groups");
        await Expect(legend.GetByRole(AriaRole.List, new() { Name = "group of peers" })).ToContainTextAsync(groups[0].GetProperty("words")[0].GetString()!);
        foreach (var (column, title) in ((string, string)[])[("kept", "neighbours that the map keeps"), ("hubs", "how many count it as a neighbour")])
        {
            await colours.SelectOptionAsync(column);
            await Expect(legend).ToContainTextAsync(title);
        }
        await colours.SelectOptionAsync("cosine");
        await Expect(legend).ToContainTextAsync("select a point first");
        await page.Map.FocusAsync();
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(legend).ToContainTextAsync("cosine to the target");
        Assert.Contains("colour=cosine", page.Page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_column_of_the_users_own_colours_the_map_and_stays_on_the_machine()
    {
        await using var page = await site.OpenAsync("/");
        await page.MapAsync();
        var entities = (await page.GetAsync($"/v1/spaces/{Site.Space}/dates/{Site.LastDate}/entities?limit=50")).GetProperty("entities").EnumerateArray();
        string csv = "id,holding\n" + string.Concat(entities.Select((entity, n) => $"{entity.GetProperty("entity_id").GetString()},{(n % 2 == 0 ? "long" : "short")}\n"));
        await page.Page.GetByLabel("Colour by").SelectOptionAsync("own");
        await Expect(page.Page.Locator(".legend")).ToContainTextAsync("A CSV with two columns");
        var choosing = page.Page.WaitForFileChooserAsync();
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Choose a file" }).ClickAsync();
        int asked = 0;
        page.Page.Request += (_, _) => asked++;
        await (await choosing).SetFilesAsync(new FilePayload { Name = "mine.csv", MimeType = "text/csv", Buffer = System.Text.Encoding.UTF8.GetBytes(csv) });
        var list = page.Page.Locator(".legend").GetByRole(AriaRole.List, new() { Name = "holding" });
        await Expect(list).ToContainTextAsync("long");
        await Expect(list).ToContainTextAsync("short");
        Assert.Equal(0, asked);
    }

    [Fact]
    public async Task Principal_components_make_another_map()
    {
        await using var page = await site.OpenAsync("/");
        await page.MapAsync();
        byte[] before = await page.Page.Locator(".map-area").ScreenshotAsync();
        await page.Page.GetByLabel("Method of the map").SelectOptionAsync("pca");
        await page.Page.WaitForURLAsync("**method=pca**");
        await ChangedAsync(page, before);
    }

    private static async Task<int> CountAsync(OpenPage page) => (await page.GetAsync(MapPath)).GetProperty("entity_ids").GetArrayLength();

    private static string MapPath => $"/v1/spaces/{Site.Space}/dates/{Site.LastDate}/map?method=umap";

    /// <summary>A point that no other is near to, where it stands in the window.</summary>
    private static async Task<(string Id, string Name, float X, float Y)> LonelyPointAsync(OpenPage page)
    {
        var found = await page.Page.EvaluateAsync<JsonElement>(
            """
            async path => {
                const { normalised } = await import("/js/map/points.js");
                const { fit, toScreen } = await import("/js/map/camera.js");
                const map = await (await fetch(path)).json();
                const box = document.querySelector(".map-over").getBoundingClientRect();
                const points = normalised(map.x, map.y), camera = fit(points, box.width, box.height);
                const places = map.x.map((_, i) => toScreen(camera, points.x[i], points.y[i]));
                const apart = i => Math.min(...places.map(([x, y], j) => i === j ? Infinity : Math.hypot(x - places[i][0], y - places[i][1])));
                const at = [...places.keys()].reduce((best, i) => apart(i) > apart(best) ? i : best, 0);
                return { id: map.entity_ids[at], name: map.names[at], x: box.left + places[at][0], y: box.top + places[at][1] };
            }
            """, MapPath);
        return (found.GetProperty("id").GetString()!, found.GetProperty("name").GetString()!, found.GetProperty("x").GetSingle(), found.GetProperty("y").GetSingle());
    }

    /// <summary>Waits until the map looks otherwise than it did.</summary>
    private static async Task<byte[]> ChangedAsync(OpenPage page, byte[] before)
    {
        for (int n = 0; n < 200; n++)
        {
            byte[] now = await page.Page.Locator(".map-area").ScreenshotAsync();
            if (!now.AsSpan().SequenceEqual(before))
                return now;
        }
        throw new TimeoutException("the map did not change");
    }
}
