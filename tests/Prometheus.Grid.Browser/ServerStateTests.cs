using System.Text.Json;

namespace Prometheus.Grid.Browser;

/// <summary>What the page does when the server wants a key, has nothing, refuses, or is gone; and jobs that change its data.</summary>
public sealed class ServerStateTests(Site site)
{
    [Fact]
    public async Task A_key_is_asked_for_until_it_is_right_and_kept_for_the_tab()
    {
        Assert.SkipWhen(Site.WhyNot is not null, Site.WhyNot ?? "");
        string keys = Path.Combine(site.Data, "keys.txt");
        string made = await GridServerProcess.RunAsync("api-key", "--name", "desk", "--role", "read", "--file", keys, "--format", "json");
        string key = JsonDocument.Parse(made.Trim().TrimStart('[').TrimEnd(']')).RootElement.GetProperty("key").GetString()!;
        await using var server = await GridServerProcess.StartAsync(site.Data, "--api-key-file", keys);
        await using var page = await site.OpenAsync("/?gl=off", url: server.Url);
        page.Expected.Add("401");
        var field = page.Page.GetByLabel("API key", new() { Exact = true });
        await Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "This server wants a key" })).ToBeVisibleAsync();
        await field.FillAsync("wrong");
        await field.PressAsync("Enter");
        await Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "does not know this key" })).ToBeVisibleAsync();
        await page.Page.GetByLabel("API key", new() { Exact = true }).FillAsync(key);
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Use key" }).ClickAsync();
        await page.MapAsync();
        Assert.Equal(0, await page.RunAsync<int>("() => localStorage.length"));

        await page.Page.ReloadAsync();
        await page.MapAsync();
        await page.Map.FocusAsync();
        await page.Page.Keyboard.PressAsync("Enter");
        await page.Page.Locator(".list-body").GetByText("Request", new() { Exact = true }).ClickAsync();
        string line = await page.Page.Locator(".list-body code").TextContentAsync() ?? "";
        Assert.Contains("Bearer $GRID_API_KEY", line, StringComparison.Ordinal);
        Assert.DoesNotContain(key, line, StringComparison.Ordinal);
        // A key that may only read starts no job.
        await page.Page.GetByRole(AriaRole.Link, new() { Name = "Jobs" }).ClickAsync();
        await Expect(page.Page.GetByText("A key with the role write starts jobs")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Who_gives_no_key_is_told_how_to_go_on()
    {
        await using var page = await site.OpenAsync("/?gl=off", prepare: opened => opened.RouteAsync("**/v1/**", route => route.FulfillAsync(new() { Status = 401, ContentType = "application/problem+json", Body = "{}" })));
        page.Expected.Add("401");
        await Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "This server wants a key" })).ToBeVisibleAsync();
        await page.Page.Keyboard.PressAsync("Escape");
        await Expect(page.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("answers only with a key");
        await Expect(page.Page.GetByRole(AriaRole.Button, new() { Name = "Try again" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Where_nothing_is_built_the_page_says_which_commands_build_it()
    {
        Assert.SkipWhen(Site.WhyNot is not null, Site.WhyNot ?? "");
        string folder = Directory.CreateTempSubdirectory("grid-browser-empty-").FullName;
        try
        {
            foreach (string file in Directory.GetFiles(site.Data, "*.csv*"))
                File.CreateSymbolicLink(Path.Combine(folder, Path.GetFileName(file)), file);
            string profiles = Path.Combine(folder, "profiles.csv");
            File.Delete(profiles);
            File.Copy(Path.Combine(site.Data, "profiles.csv"), profiles);
            await File.AppendAllTextAsync(profiles, "ISS_NOBODY,2023-12-29,makes nothing,,\n", TestContext.Current.CancellationToken);
            await using var server = await GridServerProcess.StartAsync(folder);
            await using var page = await site.OpenAsync("/?gl=off", url: server.Url);
            await Expect(page.Page.GetByText("has no vectors yet")).ToBeVisibleAsync();
            await Expect(page.Page.GetByText($"./grid backfill-joint-profiles --as-of {Site.LastDate} --joint-model-id {Site.Space}")).ToBeVisibleAsync();
            await page.Page.GetByRole(AriaRole.Link, new() { Name = "Jobs" }).ClickAsync();
            await Expect(page.Page.GetByText("No job has run")).ToBeVisibleAsync();

            // A job that is started here is followed to its end, and its report stands below.
            await page.Page.GetByLabel("Model", new() { Exact = true }).SelectOptionAsync("num-profile-core-v2");
            await page.Page.GetByLabel("From").FillAsync("2023-12-29");
            await page.Page.GetByLabel("To", new() { Exact = true }).FillAsync("2023-12-29");
            await page.Page.GetByRole(AriaRole.Button, new() { Name = "Start", Exact = true }).ClickAsync();
            var jobs = page.Page.GetByRole(AriaRole.Table, new() { Name = "Jobs", Exact = true });
            await Expect(jobs).ToContainTextAsync("succeeded", new() { Timeout = 120_000 });
            await Expect(jobs.GetByRole(AriaRole.Progressbar)).ToHaveAttributeAsync("aria-label", "Progress: 100%");
            await Expect(page.Page.GetByRole(AriaRole.Table, new() { Name = "Days of the job" })).ToContainTextAsync("2023-12-29");

            // What it did not use of the tables stands beside it.
            await page.Page.GetByLabel("Kind").SelectOptionAsync("text");
            await page.Page.GetByLabel("Model", new() { Exact = true }).SelectOptionAsync("text-hash-v1");
            await page.Page.GetByRole(AriaRole.Button, new() { Name = "Start", Exact = true }).ClickAsync();
            await Expect(page.Page.GetByRole(AriaRole.Group, new() { Name = "Not used of the tables" })).ToContainTextAsync("ISS_NOBODY", new() { Timeout = 120_000 });
            await page.Page.GetByLabel("Kind").SelectOptionAsync("numeric");
            await page.Page.GetByLabel("Model", new() { Exact = true }).SelectOptionAsync("num-profile-core-v2");

            // One over many dates goes on long enough to be ended.
            await page.Page.GetByLabel("From").FillAsync("2023-01-02");
            await page.Page.GetByLabel("To", new() { Exact = true }).FillAsync("2024-03-28");
            await page.Page.GetByRole(AriaRole.Button, new() { Name = "Start", Exact = true }).ClickAsync();
            await page.Page.GetByRole(AriaRole.Button, new() { Name = "Cancel numeric of num-profile-core-v2" }).ClickAsync();
            await Expect(jobs).ToContainTextAsync("cancelled", new() { Timeout = 120_000 });

            // What cannot be is said with the field and what is allowed.
            page.Expected.Add("400");
            await page.Page.GetByLabel("From").FillAsync("2024-03-28");
            await page.Page.GetByLabel("To", new() { Exact = true }).FillAsync("2023-01-02");
            await page.Page.GetByRole(AriaRole.Button, new() { Name = "Start", Exact = true }).ClickAsync();
            await Expect(page.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("allowed");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_server_that_is_gone_or_busy_is_asked_again_on_demand()
    {
        await using var page = await site.OpenAsync("/?gl=off");
        await page.MapAsync();
        page.Expected.AddRange(["ERR_FAILED", "503", "404"]);
        await page.Page.RouteAsync("**/search", route => route.AbortAsync());
        await page.Map.FocusAsync();
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("does not answer");
        await page.Page.UnrouteAllAsync();
        await page.Page.RouteAsync("**/search", route => route.FulfillAsync(new()
        {
            Status = 503,
            ContentType = "application/problem+json",
            Headers = new Dictionary<string, string> { ["Retry-After"] = "2", ["Content-Type"] = "application/problem+json" },
            Body = """{"title":"The server is busy","detail":"more work waits than can be done in time","status":503,"kind":"fault"}""",
        }));
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Try again" }).ClickAsync();
        await Expect(page.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Try again in 2 s");
        await page.Page.UnrouteAllAsync();
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Try again" }).ClickAsync();
        await Expect(page.Neighbour(0)).ToBeVisibleAsync();

        // Someone who has no vector.
        var field = page.Page.GetByRole(AriaRole.Combobox, new() { Name = "Find by name, id, symbol or text" });
        await page.Page.EvaluateAsync("() => { location.hash = location.hash.replace(/id=[^&]*/, 'id=ISS_NOBODY'); }");
        await Expect(page.Page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("ISS_NOBODY");
        await Expect(field).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Data_that_looks_like_markup_stays_text()
    {
        await using var page = await site.OpenAsync("/?gl=off", prepare: async opened =>
        {
            await opened.RouteAsync("**/map?*", async route =>
            {
                var answer = await route.FetchAsync();
                string text = await answer.TextAsync();
                await route.FulfillAsync(new() { Response = answer, Body = text.Replace("\"names\":[\"", "\"names\":[\"<img src=x onerror=window.hit=1>", StringComparison.Ordinal) });
            });
        });
        await page.MapAsync();
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "View to list" }).ClickAsync();
        await Expect(page.Page.GetByText("<img src=x onerror=window.hit=1>").First).ToBeVisibleAsync();
        Assert.False(await page.RunAsync<bool>("() => 'hit' in window"));
    }
}
