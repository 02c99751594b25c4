using System.Diagnostics;
using System.Text.Json;

namespace Prometheus.Grid.Browser;

/// <summary>Finding a target, and the list of its neighbours under weights, filters, pins and exclusions.</summary>
public sealed class SearchTests(Site site)
{
    // What is tested here stands beside the map, which the processor draws faster this way.
    private const string NoGl = "/?gl=off";

    [Fact]
    public async Task A_slash_reaches_the_search_and_the_arrows_its_suggestions()
    {
        await using var page = await OpenAsync();
        var (id, name, symbol) = await IssuerAsync(page, 5);
        await page.Page.Keyboard.PressAsync("/");
        var field = page.Page.GetByRole(AriaRole.Combobox, new() { Name = "Find by name, id, symbol or text" });
        await Expect(field).ToBeFocusedAsync();
        await page.Page.Keyboard.TypeAsync(name);
        var options = page.Page.Locator(".combobox li");
        await Expect(options.First).ToContainTextAsync(name);
        await page.Page.Keyboard.PressAsync("ArrowDown");
        await Expect(options.First).ToHaveAttributeAsync("aria-selected", "true");
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page.Page.Locator(".target")).ToContainTextAsync(name);
        await Expect(page.Neighbour(0)).ToBeVisibleAsync();

        // A symbol and an id mean the same, without a look at the suggestions.
        var other = await IssuerAsync(page, 9);
        foreach (string typed in (string[])[other.Symbol, id, other.Id])
        {
            await page.Page.Keyboard.PressAsync("Escape");
            await field.FillAsync(typed);
            await field.PressAsync("Enter");
            await Expect(page.Page.Locator(".target")).ToContainTextAsync(typed == id ? name : other.Name);
        }
        Assert.NotEqual(symbol, other.Symbol);
    }

    [Fact]
    public async Task Free_text_finds_by_what_companies_do_and_escape_closes_the_list()
    {
        await using var page = await OpenAsync();
        var field = page.Page.GetByRole(AriaRole.Combobox, new() { Name = "Find by name, id, symbol or text" });
        await field.FillAsync("offshore drilling rigs");
        await Expect(page.Page.Locator(".combobox li")).ToHaveCountAsync(1);
        await field.PressAsync("Escape");
        await Expect(page.Page.Locator(".combobox li")).ToHaveCountAsync(0);
        await field.FillAsync("offshore drilling rigs");
        await field.PressAsync("Enter");
        await Expect(page.Page.Locator(".target")).ToContainTextAsync("“offshore drilling rigs”");
        await Expect(page.Neighbour(0)).ToContainTextAsync("Energy");
    }

    [Fact]
    public async Task A_row_is_marked_with_the_arrows_and_becomes_the_target_with_enter()
    {
        await using var page = await OpenAsync(1);
        await page.Neighbour(0).FocusAsync();
        await page.Page.Keyboard.PressAsync("ArrowDown");
        await Expect(page.Neighbour(1)).ToBeFocusedAsync();
        await Expect(page.Neighbour(1)).ToHaveAttributeAsync("aria-selected", "true");
        string key = (await page.Neighbour(1).GetAttributeAsync("data-key"))!.Split(' ')[0];
        await page.Page.Keyboard.PressAsync("End");
        await Expect(page.Neighbour(19)).ToBeFocusedAsync();
        await page.Page.Keyboard.PressAsync("Home");
        await page.Page.Keyboard.PressAsync("ArrowDown");
        await page.Page.Keyboard.PressAsync("Enter");
        await page.Page.WaitForURLAsync($"**id={key}**");
        await page.Page.GoBackAsync();
        await Expect(page.Neighbours.Locator($"[data-key^='{key} ']")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_weight_that_moves_ranks_anew_and_gives_up_the_request_before()
    {
        await using var page = await OpenAsync(2);
        string[] before = await KeysAsync(page);
        var held = new TaskCompletionSource();
        bool first = true;
        await page.Page.RouteAsync("**/search", async route =>
        {
            if (first)
            {
                first = false;
                await held.Task;
            }
            await route.ContinueAsync();
        });
        var given = page.Page.WaitForRequestFinishedAsync(new() { Predicate = request => request.PostData?.Contains("\"classes\":1", StringComparison.Ordinal) ?? false });
        var failed = new TaskCompletionSource<string>();
        page.Page.RequestFailed += (_, request) => failed.TrySetResult(request.Failure ?? "");
        var slider = page.Page.GetByLabel("numeric", new() { Exact = true });
        await OpenPage.SetAsync(slider, "0");
        await OpenPage.SetAsync(page.Page.GetByLabel("classes", new() { Exact = true }), "1");
        Assert.Contains("ABORTED", await failed.Task, StringComparison.Ordinal);
        held.SetResult();
        var sent = JsonDocument.Parse((await given).PostData!).RootElement;
        Assert.False(sent.GetProperty("weights").TryGetProperty("numeric", out _));
        Assert.True(sent.GetProperty("explain").GetBoolean());
        await Expect(page.Neighbour(0).GetByRole(AriaRole.Img)).ToHaveAttributeAsync("aria-label", new System.Text.RegularExpressions.Regex("numeric: share 0.0000"));
        Assert.NotEqual(before, await KeysAsync(page));
        Assert.Contains("weights=numeric", page.Page.Url, StringComparison.Ordinal);
        // The bars say of what a cosine is made.
        await Expect(page.Neighbour(0).GetByRole(AriaRole.Img)).ToHaveAttributeAsync("aria-label", new System.Text.RegularExpressions.Regex("classes: share 0\\.[0-9]{4}"));

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Reset" }).ClickAsync();
        await Expect(page.Neighbour(0)).ToHaveAttributeAsync("data-key", before[0]);
        foreach (string branch in (string[])["numeric", "behaviour", "classes", "text"])
            await OpenPage.SetAsync(page.Page.GetByLabel(branch, new() { Exact = true }), "0");
        await Expect(page.Page.GetByText("Every branch weighs nothing")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Filters_hold_together_and_say_so_when_nobody_fits()
    {
        await using var page = await OpenAsync(3);
        await page.Page.GetByLabel("Sector", new() { Exact = true }).SelectOptionAsync("Financials");
        await Expect(page.Neighbours.Locator("tbody tr", new() { HasNotText = "Financials" })).ToHaveCountAsync(0);
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Industry, region, market…" }).ClickAsync();
        await page.Page.GetByLabel("Region", new() { Exact = true }).SelectOptionAsync("US");
        await page.Page.GetByLabel("Market id").FillAsync("US_EQ");
        await page.Page.GetByLabel("Market id").PressAsync("Enter");
        await page.Page.WaitForURLAsync("**market=US_EQ**");
        await page.Page.GetByLabel("Country", new() { Exact = true }).SelectOptionAsync("United States");
        await Expect(page.Neighbour(0)).ToBeVisibleAsync();
        await page.Page.GetByLabel("Least cosine").FillAsync("0.999");
        await page.Page.GetByLabel("Least cosine").PressAsync("Enter");
        await Expect(page.Page.GetByText("Nobody fits")).ToBeVisibleAsync();
        await page.Page.GetByLabel("Least cosine").FillAsync("");
        await page.Page.GetByLabel("Least cosine").PressAsync("Enter");
        await Expect(page.Neighbour(0)).ToBeVisibleAsync();
    }

    [Fact]
    public async Task As_many_as_wanted_and_at_most_so_many_of_a_sector()
    {
        await using var page = await OpenAsync(4);
        await page.Page.GetByLabel("Neighbours", new() { Exact = true }).And(page.Page.Locator("input")).FillAsync("33");
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page.Neighbours.Locator("tbody tr")).ToHaveCountAsync(33);
        await page.Page.GetByLabel("At most per sector").FillAsync("1");
        await page.Page.Keyboard.PressAsync("Enter");
        await page.Page.WaitForURLAsync("**perSector=1**");
        await Expect(page.Neighbours.Locator("tbody tr")).Not.ToHaveCountAsync(33);
        string[] sectors = [.. await page.Neighbours.Locator("tbody tr td:nth-child(3)").AllTextContentsAsync()];
        Assert.Equal(sectors.Distinct(), sectors);
    }

    [Fact]
    public async Task Pins_stay_on_top_what_is_left_out_goes_and_a_basket_comes_back()
    {
        await using var page = await OpenAsync(6);
        string[] ids = [.. (await KeysAsync(page)).Select(key => key.Split(' ')[0])];
        await page.Page.GetByRole(AriaRole.Button, new() { Name = $"Pin {ids[7]}" }).ClickAsync();
        await Expect(page.Neighbour(0)).ToHaveAttributeAsync("data-key", $"pin {ids[7]} {Site.LastDate}");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = $"Leave out {ids[0]}" }).ClickAsync();
        await Expect(page.Neighbours.Locator($"[data-key^='{ids[0]} ']")).ToHaveCountAsync(0);
        await page.Page.GetByRole(AriaRole.Button, new() { Name = $"Let in {ids[0]}" }).ClickAsync();
        await Expect(page.Neighbours.Locator($"[data-key^='{ids[0]} ']")).ToBeVisibleAsync();

        await page.Page.GetByRole(AriaRole.Button, new() { Name = $"Pin {ids[2]}", Exact = true }).ClickAsync();
        await page.Page.GetByLabel("Search among these only").CheckAsync();
        await Expect(page.Neighbours.Locator("tbody tr")).ToHaveCountAsync(2);
        await page.Page.GetByLabel("Keep as").FillAsync("peers");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Keep", Exact = true }).ClickAsync();
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Empty the basket" }).ClickAsync();
        await Expect(page.Neighbours.Locator("tbody tr")).ToHaveCountAsync(20);
        await page.Page.ReloadAsync();
        await page.Page.GetByLabel("Kept baskets").SelectOptionAsync("peers");
        await Expect(page.Page.GetByRole(AriaRole.List, new() { Name = "pinned" }).GetByRole(AriaRole.Listitem)).ToHaveCountAsync(2);
    }

    [Fact]
    public async Task A_search_over_dates_names_the_date_of_every_row()
    {
        await using var page = await OpenAsync(7);
        await page.Page.GetByLabel("Dates", new() { Exact = true }).SelectOptionAsync("2023-09-29");
        await Expect(page.Neighbours.GetByRole(AriaRole.Columnheader, new() { Name = "as_of_date" })).ToBeVisibleAsync();
        // The nearest to an entity over its past is itself, most often.
        await Expect(page.Neighbours.Locator("tbody")).ToContainTextAsync("2023-12-29");
    }

    [Fact]
    public async Task The_table_leaves_as_csv_and_the_request_runs_in_a_shell()
    {
        await using var page = await OpenAsync(8);
        var list = page.Page.Locator(".list-body");
        var downloading = page.Page.WaitForDownloadAsync();
        await list.GetByRole(AriaRole.Button, new() { Name = "Download CSV" }).ClickAsync();
        var download = await downloading;
        Assert.EndsWith($"-{Site.LastDate}.csv", download.SuggestedFilename, StringComparison.Ordinal);
        string text = await File.ReadAllTextAsync(await download.PathAsync(), TestContext.Current.CancellationToken);
        string[] lines = text.TrimStart('\ufeff').Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(21, lines.Length);
        Assert.StartsWith("rank,entity_id,name,as_of_date,sector,country,cosine,euclidean,numeric_cosine,numeric_share,", lines[0], StringComparison.Ordinal);
        string id = (await KeysAsync(page))[0].Split(' ')[0];
        Assert.StartsWith($"1,{id},", lines[1], StringComparison.Ordinal);

        await list.GetByRole(AriaRole.Button, new() { Name = "Copy CSV" }).ClickAsync();
        await Expect(list.GetByRole(AriaRole.Button, new() { Name = "Copied" })).ToBeVisibleAsync();
        Assert.Equal(text.TrimStart('\ufeff'), await page.RunAsync<string>("() => navigator.clipboard.readText()"));

        downloading = page.Page.WaitForDownloadAsync();
        await list.GetByRole(AriaRole.Button, new() { Name = "Parquet" }).ClickAsync();
        var parquet = await downloading;
        Assert.EndsWith($"-{Site.LastDate}.parquet", parquet.SuggestedFilename, StringComparison.Ordinal);
        byte[] columns = await File.ReadAllBytesAsync(await parquet.PathAsync(), TestContext.Current.CancellationToken);
        Assert.Equal("PAR1"u8, columns.AsSpan(0, 4));
        Assert.Equal("PAR1"u8, columns.AsSpan(columns.Length - 4));

        await list.GetByText("Request", new() { Exact = true }).ClickAsync();
        string line = await list.Locator("code").TextContentAsync() ?? "";
        using var shell = Process.Start(new ProcessStartInfo("bash", ["-c", $"{line} -sS"]) { RedirectStandardOutput = true })!;
        string answer = await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.Equal(id, JsonDocument.Parse(answer).RootElement.GetProperty("hits")[0].GetProperty("entity_id").GetString());
    }

    [Fact]
    public async Task A_header_sorts_up_down_and_back()
    {
        await using var page = await OpenAsync(10);
        string[] ranked = await KeysAsync(page);
        var header = page.Neighbours.GetByRole(AriaRole.Button, new() { Name = "name" });
        await header.ClickAsync();
        string[] names = [.. await page.Neighbours.Locator("tbody .name").AllTextContentsAsync()];
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        await page.Page.Keyboard.PressAsync("Enter");
        Assert.Equal(names.Reverse(), await page.Neighbours.Locator("tbody .name").AllTextContentsAsync());
        await page.Page.Keyboard.PressAsync("Enter");
        Assert.Equal(ranked, await KeysAsync(page));
    }

    private async Task<OpenPage> OpenAsync(int? target = null)
    {
        var page = await site.OpenAsync(NoGl);
        await page.MapAsync();
        if (target is { } at)
        {
            var (id, _, _) = await IssuerAsync(page, at);
            await page.Page.EvaluateAsync("id => { location.hash += `&id=${id}`; }", id);
            await Expect(page.Neighbours.Locator("tbody tr")).ToHaveCountAsync(20);
        }
        return page;
    }

    private static async Task<(string Id, string Name, string Symbol)> IssuerAsync(OpenPage page, int at)
    {
        string id = (await page.GetAsync($"/v1/spaces/{Site.Space}/dates/{Site.LastDate}/entities?limit=20")).GetProperty("entities")[at].GetProperty("entity_id").GetString()!;
        var issuer = await page.GetAsync($"/v1/issuers/{id}");
        return (id, issuer.GetProperty("name").GetString()!, issuer.GetProperty("instruments")[0].GetProperty("symbol").GetString()!);
    }

    private static async Task<string[]> KeysAsync(OpenPage page) =>
        await page.Neighbours.Locator("tbody tr").EvaluateAllAsync<string[]>("rows => rows.map(row => row.dataset.key)");
}
