using System.Text.Json;

namespace Prometheus.Grid.Browser;

/// <summary>A page in a window of its own. What it says on the console and asks of other hosts is kept, and a test ends with that being nothing.</summary>
internal sealed class OpenPage : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly List<string> _faults = [];
    private readonly string _url;

    private OpenPage(IBrowserContext context, IPage page, string url) => (_context, Page, _url) = (context, page, url);

    public IPage Page { get; }

    /// <summary>Answers of the server that a test provokes, such as " 404 ": the browser writes them on the console, and they are no fault of the page.</summary>
    public List<string> Expected { get; } = [];

    public static async Task<OpenPage> OpenAsync(IBrowser browser, string url, string address, Look look, Func<IPage, Task>? prepare)
    {
        var context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            ColorScheme = look.Scheme,
            ViewportSize = new ViewportSize { Width = look.Width, Height = look.Height },
            Permissions = ["clipboard-read", "clipboard-write"],
        });
        // A machine that runs other tests as well is slow.
        context.SetDefaultTimeout(60_000);
        var page = await context.NewPageAsync();
        var open = new OpenPage(context, page, url);
        page.Console += (_, message) => open.Hear(message);
        page.PageError += (_, error) => open.Fault($"error: {error}");
        page.Request += (_, request) => open.Check(request);
        if (prepare is not null)
            await prepare(page);
        await page.GotoAsync(url + address);
        return open;
    }

    /// <summary>Waits until the map is drawn.</summary>
    public async Task<OpenPage> MapAsync()
    {
        await Expect(Note).ToContainTextAsync("all drawn by", new() { Timeout = 60_000 });
        return this;
    }

    /// <summary>What the page says of its map.</summary>
    public ILocator Note => Page.Locator(".map-note");

    public ILocator Map => Page.GetByRole(AriaRole.Application);

    /// <summary>The list of the nearest.</summary>
    public ILocator Neighbours => Page.GetByRole(AriaRole.Table, new() { Name = "Nearest neighbours", Exact = true });

    /// <summary>A row of the list of the nearest; 0 is the first.</summary>
    public ILocator Neighbour(int at) => Neighbours.Locator("tbody tr").Nth(at);

    /// <summary>Runs an expression of JavaScript that imports modules of the page.</summary>
    public async Task<T> RunAsync<T>(string script) => await Page.EvaluateAsync<T>(script);

    /// <summary>What an endpoint of the server answers.</summary>
    public async Task<JsonElement> GetAsync(string path)
    {
        var answer = await Page.APIRequest.GetAsync(_url + path);
        Assert.True(answer.Ok, $"{path}: {answer.Status}");
        return (await answer.JsonAsync())!.Value;
    }

    /// <summary>Sets a slider or a field as the keyboard does.</summary>
    public static async Task SetAsync(ILocator field, string value) =>
        await field.EvaluateAsync("(field, value) => { field.value = value; field.dispatchEvent(new Event('input', { bubbles: true })); }", value);

    /// <summary>Fails when the page said or asked what it should not.</summary>
    public void HasNoFault()
    {
        lock (_faults)
        {
            string[] unexpected = [.. _faults.Where(fault => !Expected.Exists(part => fault.Contains(part, StringComparison.Ordinal)))];
            Assert.True(unexpected.Length == 0, string.Join('\n', unexpected));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _context.CloseAsync();
        HasNoFault();
    }

    private void Hear(IConsoleMessage message)
    {
        if (message.Type is "error" or "warning" && !IsOfTheDriver(message.Text))
            Fault($"{message.Type}: {message.Text} ({message.Location})");
    }

    // Drawing by the processor is slow to read back, and Chromium says so whoever asks.
    private static bool IsOfTheDriver(string text) =>
        text.Contains("GPU stall due to ReadPixels", StringComparison.Ordinal) || text.Contains("software WebGL", StringComparison.Ordinal)
        || text.Contains("CONTEXT_LOST_WEBGL", StringComparison.Ordinal);

    private void Check(IRequest request)
    {
        if (!request.Url.StartsWith(_url + "/", StringComparison.Ordinal) && !request.Url.StartsWith("blob:" + _url, StringComparison.Ordinal))
            Fault($"asks elsewhere: {request.Url}");
    }

    private void Fault(string text)
    {
        lock (_faults)
            _faults.Add(text);
    }
}
