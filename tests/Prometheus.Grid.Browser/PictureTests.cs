using System.Globalization;

namespace Prometheus.Grid.Browser;

/// <summary>The two ways of drawing points: what they draw, how fast, and what happens when one is lost.</summary>
public sealed class PictureTests(Site site)
{
    /// <summary>Makes <c>maps(gl, count)</c>, a map of made-up clouds that stands over the page.</summary>
    private const string Maps =
        """
        const { MapView } = await import("/js/map/map-view.js");
        const { byGroup } = await import("/js/map/colours.js");
        const maps = (gl, count) => {
            let seed = 11;
            const random = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
            const group = Array.from({ length: count }, () => Math.floor(random() * 11));
            const x = group.map(g => Math.cos(g) * 3 + random() + random() + random()), y = group.map(g => Math.sin(g) * 3 + random() + random() + random());
            const view = new MapView({ select() {}, choose() {}, change() {} }, { gl });
            Object.assign(view.element.style, { position: "fixed", left: "0", top: "0", width: "800px", height: "700px", zIndex: 10 });
            document.body.append(view.element);
            view.show(x, y, group.map(g => `point of ${g}`));
            view.fitBox();
            view.colour(byGroup("group", group.map(g => `group ${g}`), "dark"), -1);
            view.paint();
            return view;
        };
        """;

    [Fact]
    public async Task WebGl_and_the_canvas_draw_the_same_picture()
    {
        await using var page = await site.OpenAsync("/#jobs");
        double[] apart = await page.RunAsync<double[]>(
            $$"""
            async () => {
                {{Maps}}
                const pixels = (gl, moving = false) => {
                    const view = maps(gl, 3000);
                    // The points alone: on a 2D canvas, names stand on the same.
                    view.overlay.draw = () => {};
                    view.zoom(1.7);
                    view.moving = moving;
                    view.paint();
                    const copy = document.createElement("canvas"), [points] = view.canvases;
                    copy.width = points.width;
                    copy.height = points.height;
                    const context = copy.getContext("2d");
                    // In the same turn, before the picture is handed on.
                    context.drawImage(points, 0, 0);
                    const { data } = context.getImageData(0, 0, copy.width, copy.height);
                    const name = view.renderer.name;
                    view.element.remove();
                    view.dispose();
                    return { data, name };
                };
                const compare = (a, b) => {
                    let sum = 0, far = 0, inked = 0;
                    for (let i = 0; i < a.data.length; i += 4) {
                        const d = Math.max(...[0, 1, 2].map(c => Math.abs(a.data[i + c] - b.data[i + c])));
                        sum += d;
                        far += d > 96 ? 1 : 0;
                        inked += a.data[i] + a.data[i + 1] + a.data[i + 2] > 120 ? 1 : 0;
                    }
                    const n = a.data.length / 4;
                    return [sum / n, far / n, inked / n];
                };
                const a = pixels(true), b = pixels(false);
                return [a.name === "WebGL2" ? 1 : 0, b.name === "2D canvas" ? 1 : 0, ...compare(a, b), ...compare(b, pixels(false, true))];
            }
            """);
        Assert.Equal([1, 1], apart[..2]);
        Assert.True(apart[4] > 0.02, $"only {apart[4]} of the picture is drawn on");
        Assert.True(apart[2] < 1.5, $"pixels differ by {apart[2]} of 255");
        Assert.True(apart[3] < 0.002, $"{apart[3]} of the pixels differ much");
        // While it moves the rims are hard, and nothing else is another.
        Assert.True(apart[5] < 4, $"pixels differ by {apart[5]} of 255 while the map moves");
        Assert.True(apart[6] < 0.02, $"{apart[6]} of the pixels differ much while the map moves");
    }

    [Theory]
    [InlineData("'auto'", "2D canvas")]
    [InlineData("true", "WebGL2")]
    public async Task Fifty_thousand_points_are_drawn_while_the_map_is_moved(string gl, string renderer)
    {
        await using var page = await site.OpenAsync("/#jobs");
        string[] figures = await page.RunAsync<string[]>(
            $$"""
            async () => {
                {{Maps}}
                const view = maps({{gl}}, 50000);
                const paint = view.paint.bind(view), script = [], times = [];
                view.paint = () => { const began = performance.now(); paint(); script.push(performance.now() - began); };
                const began = view.frames;
                await new Promise(done => {
                    let n = 0;
                    const step = time => {
                        times.push(time);
                        if (n++ === 60)
                            return done();
                        view.actions().pan(n % 20 < 10 ? 7 : -7, n % 2 ? 3 : -3);
                        requestAnimationFrame(step);
                    };
                    requestAnimationFrame(step);
                });
                const middle = values => values.sort((a, b) => a - b)[values.length >> 1];
                const gaps = times.slice(1).map((time, i) => time - times[i]);
                return [view.renderer.name, String(view.points.count), String(view.frames - began), middle(gaps).toFixed(1), middle(script).toFixed(1), gaps[Math.floor(gaps.length * 0.9)].toFixed(1)];
            }
            """);
        // This browser draws WebGL2 by the processor, so the page takes the canvas unless it is told otherwise.
        Assert.Equal(renderer, figures[0]);
        Assert.Equal("50000", figures[1]);
        Assert.InRange(int.Parse(figures[2], CultureInfo.InvariantCulture), 59, 62);
        // A figure for whoever reads it.
        TestContext.Current.TestOutputHelper?.WriteLine($"{figures[0]}: {figures[1]} points, {figures[3]} ms from frame to frame (9 of 10 within {figures[5]}), of which {figures[4]} ms in the page's script (medians of 60)");
    }

    [Fact]
    public async Task A_lost_context_is_drawn_without_until_it_comes_back()
    {
        await using var page = await site.OpenAsync("/?gl=on");
        await page.MapAsync();
        await Expect(page.Note).ToContainTextAsync("WebGL2");
        await page.RunAsync<bool>(
            """
            () => {
                const canvas = document.querySelector(".map-layer");
                window.lost = canvas.getContext("webgl2").getExtension("WEBGL_lose_context");
                window.lost.loseContext();
                return true;
            }
            """);
        await Expect(page.Note).ToContainTextAsync("2D canvas");
        Assert.True(await Inked(page) > 100);
        await page.RunAsync<bool>("() => { window.lost.restoreContext(); return true; }");
        await Expect(page.Note).ToContainTextAsync("WebGL2");
        Assert.True(await Inked(page) > 100);
    }

    [Fact]
    public async Task A_card_that_is_slow_is_drawn_without_and_one_that_is_quick_stays()
    {
        await using var page = await site.OpenAsync("/#jobs");
        string[] names = await page.RunAsync<string[]>(
            $$"""
            async () => {
                {{Maps}}
                const names = [];
                for (const gap of [16, 90]) {
                    // What says that it is no processor.
                    const parameter = WebGL2RenderingContext.prototype.getParameter;
                    WebGL2RenderingContext.prototype.getParameter = function (name) { return name === 37446 ? "Somebody's Card" : parameter.call(this, name); };
                    const view = maps("auto", 100);
                    WebGL2RenderingContext.prototype.getParameter = parameter;
                    names.push(view.renderer.name);
                    // Frames of a clock of the test's own.
                    const request = window.requestAnimationFrame;
                    let now = 1000, frame = null;
                    window.requestAnimationFrame = called => { frame = called; return 1; };
                    for (let n = 0; n < 30; n++) {
                        view.actions().pan(n % 2 ? 5 : -5, 0);
                        frame(now += gap);
                    }
                    window.requestAnimationFrame = request;
                    names.push(view.renderer.name);
                    view.element.remove();
                    view.dispose();
                }
                return names;
            }
            """);
        Assert.Equal(["WebGL2", "WebGL2", "WebGL2", "2D canvas"], names);
    }

    [Theory]
    [InlineData("/?gl=off", null)]
    [InlineData("/", null)]
    [InlineData("/", "HTMLCanvasElement.prototype.getContext = (original => function (kind, ...more) { return kind === 'webgl2' ? null : original.call(this, kind, ...more); })(HTMLCanvasElement.prototype.getContext)")]
    public async Task Without_WebGl_the_map_is_whole_and_answers_clicks(string address, string? before)
    {
        await using var page = await site.OpenAsync(address, prepare: async opened =>
        {
            if (before is not null)
                await opened.AddInitScriptAsync(before);
        });
        await page.MapAsync();
        await Expect(page.Note).ToContainTextAsync("2D canvas");
        Assert.True(await Inked(page) > 100);
        await page.Map.FocusAsync();
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page.Neighbour(0)).ToBeVisibleAsync();
    }

    /// <summary>Pixels of the points' canvas that are no ground, as the screen shows them.</summary>
    private static async Task<int> Inked(OpenPage page)
    {
        byte[] picture = await page.Page.Locator(".map-area").ScreenshotAsync();
        return await page.Page.EvaluateAsync<int>(
            """
            async base64 => {
                const bytes = Uint8Array.from(atob(base64), c => c.charCodeAt(0));
                const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
                const canvas = new OffscreenCanvas(image.width, image.height), context = canvas.getContext("2d");
                context.drawImage(image, 0, 0);
                const { data } = context.getImageData(0, 0, image.width, image.height);
                let inked = 0;
                for (let i = 0; i < data.length; i += 4)
                    inked += Math.max(data[i], data[i + 1], data[i + 2]) - Math.min(data[i], data[i + 1], data[i + 2]) > 40 ? 1 : 0;
                return inked;
            }
            """, Convert.ToBase64String(picture));
    }
}
