namespace Prometheus.Grid.Browser;

/// <summary>The small modules of the page, each by itself.</summary>
public sealed class ModuleTests(Site site)
{
    [Fact]
    public async Task Picking_by_the_grid_finds_what_looking_at_every_point_finds()
    {
        await using var page = await site.OpenAsync("/#jobs");
        string[] wrong = await page.RunAsync<string[]>(
            """
            async () => {
                const { PickingGrid, contains } = await import("/js/map/picking.js");
                const { normalised } = await import("/js/map/points.js");
                let seed = 7;
                const random = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
                const wrong = [];
                for (const count of [0, 1, 2, 10, 500, 5000]) {
                    // Some lie on one another.
                    const at = Array.from({ length: count }, () => Math.round(random() * 400) / 40);
                    const points = normalised(at, at.map(() => Math.round(random() * 400) / 40));
                    const grid = new PickingGrid(points);
                    for (let round = 0; round < 40; round++) {
                        const x = random() * 2.4 - 1.2, y = random() * 2.4 - 1.2, reach = random();
                        let best = -1, least = reach * reach;
                        for (let i = 0; i < count; i++) {
                            const d = (points.x[i] - x) ** 2 + (points.y[i] - y) ** 2;
                            if (d < least || (d === least && i > best)) { least = d; best = i; }
                        }
                        if (grid.nearest(x, y, reach) !== best)
                            wrong.push(`nearest of ${count}: ${grid.nearest(x, y, reach)} for ${best}`);
                        const polygon = Array.from({ length: 3 + round % 6 }, () => [random() * 2.4 - 1.2, random() * 2.4 - 1.2]);
                        const inside = [...points.x.keys()].filter(i => contains(polygon, points.x[i], points.y[i]));
                        if (grid.inside(polygon).join() !== inside.join())
                            wrong.push(`inside of ${count}`);
                        const all = grid.within(x - reach, y - reach, x + reach, y + reach);
                        if (grid.few(x - reach, y - reach, x + reach, y + reach, 70).join() !== (all.length > 70 ? "" : all.join()))
                            wrong.push(`few of ${count}`);
                    }
                }
                return wrong;
            }
            """);
        Assert.Empty(wrong);
    }

    [Fact]
    public async Task A_lasso_that_crosses_itself_holds_what_lies_in_an_odd_number_of_loops()
    {
        await using var page = await site.OpenAsync("/#jobs");
        bool[] inside = await page.RunAsync<bool[]>(
            """
            async () => {
                const { contains } = await import("/js/map/picking.js");
                const star = [0, 2, 4, 1, 3].map(n => [Math.sin(n * 1.2566), Math.cos(n * 1.2566)]);
                return [contains(star, 0, 0.7), contains(star, 0, 0), contains(star, 0.9, 0.9)];
            }
            """);
        // A tip of the star, its middle, which is gone around twice, and outside.
        Assert.Equal([true, false, false], inside);
    }

    [Fact]
    public async Task The_nearest_on_the_map_are_those_that_sorting_finds()
    {
        await using var page = await site.OpenAsync("/#jobs");
        bool same = await page.RunAsync<bool>(
            """
            async () => {
                const { PickingGrid } = await import("/js/map/picking.js");
                const { normalised } = await import("/js/map/points.js");
                const { keptShares, nearestOnMap } = await import("/js/map/kept.js");
                const x = Array.from({ length: 400 }, (_, i) => Math.sin(i * i) * (i % 7)), y = x.map((_, i) => Math.cos(i * 3) * (i % 5));
                const points = normalised(x, y), grid = new PickingGrid(points);
                const sorted = at => [...x.keys()].filter(i => i !== at).map(i => [i, (points.x[i] - points.x[at]) ** 2 + (points.y[i] - points.y[at]) ** 2])
                    .sort((a, b) => a[1] - b[1] || a[0] - b[0]).slice(0, 12).map(entry => entry[0]);
                const all = [...x.keys()].every(at => nearestOnMap(grid, at, 12).join() === sorted(at).join());
                // A map whose nearest are the true ones keeps all of them.
                return all && keptShares(grid, x.map((_, at) => sorted(at))).every(share => share === 1);
            }
            """);
        Assert.True(same);
    }

    [Fact]
    public async Task Labels_stay_in_the_area_and_never_cover_one_another()
    {
        await using var page = await site.OpenAsync("/#jobs");
        int[] counts = await page.RunAsync<int[]>(
            """
            async () => {
                const { placeLabels } = await import("/js/map/labels.js");
                // The first stands at a corner, and moves in.
                const wanted = Array.from({ length: 200 }, (_, i) => ({ text: `label ${i}`, x: (i * 7919) % 800, y: (i * 104729) % 500, width: 40 + i % 90, height: 14 }));
                const placed = placeLabels(wanted, { width: 800, height: 500 });
                const cover = (a, b) => Math.abs(a.x - b.x) * 2 < a.width + b.width && Math.abs(a.y - b.y) * 2 < a.height + b.height;
                const outside = placed.filter(l => l.x - l.width / 2 < 0 || l.x + l.width / 2 > 800 || l.y - l.height / 2 < 0 || l.y + l.height / 2 > 500);
                return [placed.length, placed.flatMap((a, i) => placed.slice(i + 1).filter(b => cover(a, b))).length, outside.length, placed[0].text === "label 0" ? 0 : 1];
            }
            """);
        Assert.True(counts[0] > 50, $"{counts[0]} placed");
        Assert.Equal([0, 0, 0], counts[1..]);
    }

    [Fact]
    public async Task A_group_of_two_islands_is_named_on_both_and_not_in_the_sea()
    {
        await using var page = await site.OpenAsync("/#jobs");
        double[][] places = await page.RunAsync<double[][]>(
            """
            async () => {
                const { islands } = await import("/js/map/islands.js");
                const x = [], y = [], group = [];
                for (let i = 0; i < 90; i++) { x.push(i < 50 ? -0.8 + i % 10 / 100 : 0.8 - i % 10 / 100); y.push(i % 7 / 100); group.push(0); }
                for (let i = 0; i < 3; i++) { x.push(0); y.push(0.9); group.push(0); }
                return islands({ x: Float32Array.from(x), y: Float32Array.from(y) }, Int32Array.from(group), 2).map(island => [island.count, island.x]);
            }
            """);
        Assert.Equal([50, 40], places.Select(place => place[0]));
        Assert.InRange(places[0][1], -0.81, -0.7);
        Assert.InRange(places[1][1], 0.7, 0.81);
    }

    [Fact]
    public async Task Csv_comes_back_as_it_was_and_no_cell_begins_as_a_formula()
    {
        await using var page = await site.OpenAsync("/#jobs");
        string[] texts = await page.RunAsync<string[]>(
            """
            async () => {
                const { parseCsv, toCsv } = await import("/js/csv.js");
                const rows = [["a,b", "say \"x\"", "two\nlines"], ["", " spaced ", "ü"]];
                const same = JSON.stringify(parseCsv(toCsv(["x", "y", "z"], rows))) === JSON.stringify([["x", "y", "z"], ...rows]);
                return [String(same), toCsv(["n"], [["=1+1"], ["+1"], ["-A1"], ["@SUM(A1)"], ["\tx"], [-1.5], [null], ["a=b"]]), JSON.stringify(parseCsv("\ufeffid,v\r\nA,1\r\n\r\nB,\"2\""))];
            }
            """);
        Assert.Equal("true", texts[0]);
        Assert.Equal("n\r\n'=1+1\r\n'+1\r\n'-A1\r\n'@SUM(A1)\r\n'\tx\r\n-1.5\r\n\r\na=b\r\n", texts[1]);
        Assert.Equal("""[["id","v"],["A","1"],["B","2"]]""", texts[2]);
    }

    [Fact]
    public async Task Columns_know_what_their_cells_are_and_groups_of_one_name_stay_apart()
    {
        await using var page = await site.OpenAsync("/#jobs");
        string[] texts = await page.RunAsync<string[]>(
            """
            async () => {
                const { typedColumns } = await import("/js/csv.js");
                const { groupNames } = await import("/js/views/colour-columns.js");
                const rows = [["A", 1, "2024-03-28", "2024-03-28", null], ["B", NaN, "", "soon", undefined]];
                const groups = [{ group_id: 1, size: 2, words: ["oil", "gas", "wells"] }, { group_id: 2, size: 2, words: ["oil", "gas"] }, { group_id: 3, size: 2, words: [] }, { group_id: 4, size: 2, words: ["bank"] }, { group_id: 5, size: 1, words: ["x"] }];
                const members = [["A", 1], ["B", 2], ["C", 3], ["D", 4], ["F", 5]].map(([entity_id, group_id]) => ({ entity_id, group_id }));
                return [JSON.stringify(typedColumns(["id", "n", "day", "word", "none"], rows)), groupNames(["D", "A", "B", "C", "E", "F"], { groups, members }).join("|")];
            }
            """);
        Assert.Equal(
            """[{"name":"id","texts":["A","B"]},{"name":"n","numbers":[1,null]},{"name":"day","dates":["2024-03-28",null]},{"name":"word","texts":["2024-03-28","soon"]},{"name":"none","texts":[null,null]}]""",
            texts[0]);
        Assert.Equal("bank|oil, gas (1)|oil, gas (2)|group 3||alone", texts[1]);
    }

    [Fact]
    public async Task The_address_keeps_the_state_and_leaves_out_what_makes_no_sense()
    {
        await using var page = await site.OpenAsync("/#jobs");
        string[] texts = await page.RunAsync<string[]>(
            """
            async () => {
                const { EMPTY, formatState, parseState } = await import("/js/url-state.js");
                const state = { ...EMPTY, view: "compare", space: "s/1", date: "2024-03-28", id: "A&B=C", text: "ö #1, %2C", weights: { "a:b": 0.25, c: 0 }, pins: ["x,y", "z%"], within: true, k: 7, sector: "Health Care" };
                const strange = parseState("#nowhere?k=-5&weights=a:-1,b:x,c:2&__proto__=1&constructor=2&view=jobs&within=yes&pins=,,q,q");
                return [String(JSON.stringify(parseState(formatState(state))) === JSON.stringify(state)), formatState({ ...EMPTY }), JSON.stringify([strange.view, strange.k, strange.weights, strange.within, strange.pins])];
            }
            """);
        Assert.Equal("true", texts[0]);
        Assert.Equal("#explore", texts[1]);
        Assert.Equal("""["explore",1,{"c":2},false,["q"]]""", texts[2]);
    }

    [Fact]
    public async Task Events_are_read_whatever_the_pieces_in_which_they_come()
    {
        await using var page = await site.OpenAsync("/#jobs");
        bool same = await page.RunAsync<bool>(
            """
            async () => {
                const { eventParser } = await import("/js/sse.js");
                const text = ": hello\n\nevent: backfill\r\ndata: {\"a\":\r\ndata: 1}\r\n\r\nid: 7\ndata:x\n\ndata: cut off";
                const whole = JSON.stringify(eventParser()(text));
                for (let size = 1; size < text.length; size++) {
                    const parse = eventParser(), events = [];
                    for (let at = 0; at < text.length; at += size)
                        events.push(...parse(text.slice(at, at + size)));
                    if (JSON.stringify(events) !== whole)
                        return false;
                }
                return whole === JSON.stringify([{ event: "backfill", data: "{\"a\":\n1}", id: "" }, { event: "message", data: "x", id: "7" }]);
            }
            """);
        Assert.True(same);
    }

    [Fact]
    public async Task A_zoom_leaves_what_is_under_the_mouse_and_a_request_is_quoted_for_the_shell()
    {
        await using var page = await site.OpenAsync("/#jobs");
        string[] texts = await page.RunAsync<string[]>(
            """
            async () => {
                const { fit, pan, toMap, toScreen, zoomAt } = await import("/js/map/camera.js");
                const { curl } = await import("/js/curl.js");
                const { niceTicks } = await import("/js/parts/chart.js");
                let camera = fit({ halfWidth: 1, halfHeight: 0.5 }, 800, 600);
                const before = toMap(camera, 200, 450);
                camera = zoomAt(camera, 3, 200, 450);
                const after = toMap(camera, 200, 450);
                const back = toScreen(pan(camera, 10, -20), ...after);
                return [[after[0] - before[0], after[1] - before[1], back[0] - 210, back[1] - 430].map(d => Math.abs(d) < 1e-9).join(),
                    curl({ method: "POST", path: "/v1/x", body: { text: "it's $HOME" } }, { origin: "http://h", withKey: true }), niceTicks(0.93, 1.04, 4).map(t => t.toFixed(2)).join()];
            }
            """);
        Assert.Equal("true,true,true,true", texts[0]);
        Assert.Equal("""curl -X POST 'http://h/v1/x' -H "Authorization: Bearer $GRID_API_KEY" -H 'Content-Type: application/json' -d '{"text":"it'\''s $HOME"}'""", texts[1]);
        Assert.Equal("0.95,1.00", texts[2]);
    }
}
