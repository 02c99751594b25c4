namespace Prometheus.Grid.Browser;

/// <summary>History, comparison, portfolio and evaluation.</summary>
public sealed class ViewTests(Site site)
{
    private static string Explore => $"/?gl=off#explore?space={Site.Space}&date={Site.LastDate}";

    [Fact]
    public async Task The_history_says_what_changed_and_draws_the_path_on_the_map()
    {
        await using var page = await site.OpenAsync(Explore);
        await page.MapAsync();
        string id = await EntityAsync(page, 0);
        await page.Page.EvaluateAsync("id => { location.hash += `&id=${id}&tab=history`; }", id);
        var history = page.Page.GetByRole(AriaRole.Table, new() { Name = "History" });
        await Expect(history.Locator("tbody tr")).ToHaveCountAsync(3);
        await Expect(page.Page.GetByRole(AriaRole.Img, new() { Name = $"Cosine of {id}" })).ToBeVisibleAsync();
        await Expect(page.Page.GetByRole(AriaRole.Table, new() { Name = "Branches since 2023-12-29" }).Locator("tbody tr")).ToHaveCountAsync(4);
        await Expect(page.Page.GetByRole(AriaRole.Table, new() { Name = "Neighbours since 2023-12-29" }).Locator("tbody tr")).Not.ToHaveCountAsync(0);

        var moves = page.Page.GetByRole(AriaRole.Table, new() { Name = "Largest moves since 2023-12-29" });
        await Expect(moves.Locator("tbody tr")).ToHaveCountAsync(20);
        var changes = (await page.GetAsync($"/v1/spaces/{Site.Space}/changes?from=2023-12-29&to={Site.LastDate}")).GetProperty("changes").EnumerateArray().ToList();
        int place = 1 + changes.FindIndex(change => change.GetProperty("entity_id").GetString() == id);
        await Expect(page.Page.GetByText($"{place} of {changes.Count} by its own move")).ToBeVisibleAsync();
        await Expect(moves.Locator("tbody tr").First).ToHaveAttributeAsync("data-key", changes[0].GetProperty("entity_id").GetString()!);

        byte[] before = await page.Page.Locator(".map-area").ScreenshotAsync();
        await page.Page.GetByLabel("Path on the map").CheckAsync();
        await Expect(page.Page.GetByText("Each past state stands among those")).ToBeVisibleAsync();
        Assert.NotEqual(before, await page.Page.Locator(".map-area").ScreenshotAsync());

        // The slider goes to another date, and so does the address.
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Date before" }).ClickAsync();
        await page.Page.WaitForURLAsync("**date=2023-12-29**");
        await Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "Changed since 2023-09-29" })).ToBeVisibleAsync();
        await page.Page.GetByLabel("Date", new() { Exact = true }).FocusAsync();
        await page.Page.Keyboard.PressAsync("ArrowLeft");
        await Expect(page.Page.GetByText("2023-09-29 is the first date")).ToBeVisibleAsync();
        await history.Locator("tbody tr").Nth(2).FocusAsync();
        await page.Page.Keyboard.PressAsync("Enter");
        await page.Page.WaitForURLAsync($"**date={Site.LastDate}**");
    }

    [Fact]
    public async Task The_details_say_who_it_is_and_which_vectors_it_has()
    {
        await using var page = await site.OpenAsync(Explore);
        await page.MapAsync();
        string id = await EntityAsync(page, 1);
        var issuer = await page.GetAsync($"/v1/issuers/{id}");
        await page.Page.EvaluateAsync("id => { location.hash += `&id=${id}`; }", id);
        await page.Page.GetByRole(AriaRole.Tab, new() { Name = "Neighbours" }).FocusAsync();
        await page.Page.Keyboard.PressAsync("ArrowRight");
        await page.Page.Keyboard.PressAsync("ArrowRight");
        await Expect(page.Page.GetByRole(AriaRole.Tab, new() { Name = "Details" })).ToBeFocusedAsync();
        await Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = issuer.GetProperty("name").GetString()! })).ToBeVisibleAsync();
        await Expect(page.Page.GetByText(issuer.GetProperty("industry").GetString()!).Filter(new() { Visible = true }).First).ToBeVisibleAsync();
        await Expect(page.Page.GetByRole(AriaRole.Table, new() { Name = $"Vectors of {id}" })).ToContainTextAsync("text-lsa-v1");
    }

    [Fact]
    public async Task Two_issuers_stand_side_by_side()
    {
        await using var page = await site.OpenAsync(Explore);
        await page.MapAsync();
        string id = await EntityAsync(page, 2);
        await page.Page.EvaluateAsync("id => { location.hash += `&id=${id}`; }", id);
        string other = (await page.Neighbour(0).GetAttributeAsync("data-key"))!.Split(' ')[0];
        string cosine = (await page.Neighbour(0).Locator("td").Nth(3).TextContentAsync())!;
        await page.Page.GetByRole(AriaRole.Button, new() { Name = $"Compare with {other}" }).ClickAsync();
        await Expect(page.Page.GetByText($"Cosine {cosine}")).ToBeVisibleAsync();
        await Expect(page.Page.GetByRole(AriaRole.Table, new() { Name = "Branch by branch" }).Locator("tbody tr")).ToHaveCountAsync(4);
        await Expect(page.Page.GetByRole(AriaRole.Img, new() { Name = $"Adjusted closes of {id} and {other}, rebased" })).ToBeVisibleAsync();
        await Expect(page.Page.GetByRole(AriaRole.Table, new() { Name = "Neighbours in common" })).ToBeVisibleAsync();

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Swap" }).ClickAsync();
        await page.Page.WaitForURLAsync($"**id={other}**other={id}**");
        await Expect(page.Page.GetByText($"Cosine {cosine}")).ToBeVisibleAsync();

        string third = await EntityAsync(page, 7);
        var field = page.Page.GetByRole(AriaRole.Combobox, new() { Name = "Second entity" });
        await field.FillAsync(third);
        await field.PressAsync("Enter");
        await page.Page.WaitForURLAsync($"**other={third}**");
        await Expect(page.Page.GetByRole(AriaRole.Table, new() { Name = "Branch by branch" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_portfolio_shows_what_it_holds_what_it_risks_and_what_followed_states_like_it()
    {
        await using var page = await site.OpenAsync("/?gl=off#portfolio");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "PF_000002" }).ClickAsync();
        var holdings = page.Page.GetByRole(AriaRole.Table, new() { Name = "Holdings" });
        int held = (await page.GetAsync($"/v1/portfolios/PF_000002/holdings?as_of={Site.LastDate}")).GetProperty("holdings").GetArrayLength();
        await Expect(holdings.Locator("tbody tr")).ToHaveCountAsync(held);
        await Expect(page.Page.GetByRole(AriaRole.Table, new() { Name = "exposures by sector" })).ToBeVisibleAsync();
        var past = page.Page.GetByRole(AriaRole.Table, new() { Name = "Past states" });
        await Expect(past.Locator("tbody tr")).ToHaveCountAsync(20);
        // The past is before the date.
        await Expect(past.Locator("tbody tr td:nth-child(3)", new() { HasText = Site.LastDate })).ToHaveCountAsync(0);
        await page.Page.GetByLabel("What followed", new() { Exact = true }).SelectOptionAsync("vol_63d");
        await Expect(page.Page.GetByText("vol 63d at the next date, over 20 states: median 0.")).ToBeVisibleAsync();

        // What such positions returned, beside others; half a year is more than the demo has, and the page says what it would take.
        var followed = page.Page.GetByRole(AriaRole.Table, new() { Name = "What followed, beside states drawn by lot" });
        await Expect(followed.Locator("tbody tr")).ToHaveCountAsync(2);
        await Expect(followed).ToContainTextAsync("drawn by lot");
        await Expect(page.Page.GetByRole(AriaRole.Table, new() { Name = "Analogues" }).Locator("tbody tr")).ToHaveCountAsync(10);
        page.Expected.Add("400");
        await page.Page.GetByLabel("Over trading days").SelectOptionAsync("126");
        await Expect(page.Page.GetByText("is too short for 126 trading days. It takes a date with at least")).ToBeVisibleAsync();
        await page.Page.GetByLabel("Over trading days").SelectOptionAsync("63");
        await Expect(followed).ToBeVisibleAsync();
        await Expect(page.Page.GetByRole(AriaRole.Table, new() { Name = "Largest moves since 2023-12-29" }).Locator("tbody tr")).ToHaveCountAsync(20);
        await Expect(page.Page.GetByText("of 20 by its own move")).ToBeVisibleAsync();

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "On the map" }).ClickAsync();
        await page.MapAsync();
        await Expect(page.Neighbour(0)).ToBeVisibleAsync();
        await page.Page.GoBackAsync();
        await holdings.GetByRole(AriaRole.Button).And(page.Page.Locator("tbody button")).First.ClickAsync();
        await page.Page.WaitForURLAsync("**explore**joint-profile**id=ISS_**");
    }

    [Fact]
    public async Task Two_portfolios_stand_side_by_side()
    {
        await using var page = await site.OpenAsync($"/?gl=off#compare?space=joint-portfolio-core-v3&date={Site.LastDate}&id=PF_000001&other=PF_000002");
        await Expect(page.Page.GetByRole(AriaRole.Table, new() { Name = "Branch by branch" }).Locator("tbody tr")).ToHaveCountAsync(2);
        await Expect(page.Page.GetByRole(AriaRole.Table, new() { Name = "exposures by factor" })).ToContainTextAsync("momentum");
    }

    [Fact]
    public async Task Models_are_evaluated_against_random_pairs_and_one_another()
    {
        await using var page = await site.OpenAsync($"/?gl=off#evaluate?space={Site.Space}&date={Site.LastDate}");
        await page.Page.GetByLabel("num-profile-core-v2").CheckAsync();
        // Of this model nothing is built: the page says so.
        await page.Page.GetByLabel("num-scenario-core-v1").CheckAsync();
        page.Expected.Add("404");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Evaluate" }).ClickAsync();
        await Expect(page.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("num-scenario-core-v1");
        await page.Page.GetByLabel("num-scenario-core-v1").UncheckAsync();

        await page.Page.GetByLabel("From").SelectOptionAsync("2023-12-29");
        await page.Page.GetByLabel("To", new() { Exact = true }).SelectOptionAsync("2023-12-29");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Evaluate" }).ClickAsync();
        var figures = page.Page.GetByRole(AriaRole.Table, new() { Name = "Figures" });
        await Expect(figures).ToContainTextAsync("sector precision@10");
        await Expect(figures).ToContainTextAsync("num-profile-core-v2");
        await Expect(figures.GetByText("better").First).ToBeVisibleAsync();
        await Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "Left out" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_colours_are_those_of_the_system_until_another_is_chosen()
    {
        await using var page = await site.OpenAsync("/?gl=off#jobs", Look.Light);
        var root = page.Page.Locator("html");
        await Expect(root).ToHaveAttributeAsync("data-theme", "light");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Change to dark colours" }).ClickAsync();
        await Expect(root).ToHaveAttributeAsync("data-theme", "dark");
        await page.Page.ReloadAsync();
        await Expect(root).ToHaveAttributeAsync("data-theme", "dark");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Change to light colours" }).ClickAsync();
        await page.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await Expect(root).ToHaveAttributeAsync("data-theme", "dark");
    }

    [Fact]
    public async Task A_link_opens_what_its_sender_saw()
    {
        await using var page = await site.OpenAsync($"{Explore}&colour=country&weights=numeric%3A1%2Cclasses%3A0.5%2Cbehaviour%3A0%2Ctext%3A0&k=12&sector=Financials");
        await page.MapAsync();
        await Expect(page.Page.GetByLabel("Colour by")).ToHaveValueAsync("country");
        await Expect(page.Page.GetByLabel("classes", new() { Exact = true })).ToHaveValueAsync("0.5");
        await Expect(page.Page.GetByLabel("Sector", new() { Exact = true })).ToHaveValueAsync("Financials");
        await page.Map.FocusAsync();
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page.Neighbours.Locator("tbody tr")).Not.ToHaveCountAsync(0);
        string address = page.Page.Url;
        await page.Page.ReloadAsync();
        await Expect(page.Neighbours.Locator("tbody tr")).Not.ToHaveCountAsync(0);
        Assert.Equal(address, page.Page.Url);
        await page.Page.GetByRole(AriaRole.Link, new() { Name = "Jobs" }).ClickAsync();
        await page.Page.GoBackAsync();
        await Expect(page.Neighbours.Locator("tbody tr")).Not.ToHaveCountAsync(0);
        Assert.Equal(address, page.Page.Url);
    }

    private static async Task<string> EntityAsync(OpenPage page, int at) =>
        (await page.GetAsync($"/v1/spaces/{Site.Space}/dates/{Site.LastDate}/entities?limit=20")).GetProperty("entities")[at].GetProperty("entity_id").GetString()!;
}
