using Prometheus.Grid.Browser;
using Xunit.Sdk;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(Site))]
// One browser and one server draw and answer for all of them.
[assembly: Parallelization(Mode = ParallelMode.None)]

namespace Prometheus.Grid.Browser;

/// <summary>A browser, and a server on a small demo: one of each for all tests. Tests that would change its data make a server of their own.</summary>
public sealed class Site : IAsyncLifetime
{
    private static readonly string[] s_places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private IPlaywright? _playwright;
    private GridServerProcess? _server;

    /// <summary>Why there is no browser; null where there is.</summary>
    public static string? WhyNot { get; } = Program() is null ? "a browser: no Chromium at /usr/bin/chromium, and CHROMIUM names none" : null;

    /// <summary>The last date of the demo.</summary>
    public static string LastDate => "2024-03-28";

    /// <summary>The space of the demo that the page opens with.</summary>
    public static string Space => "joint-profile-core-v3";

    public IBrowser Browser { get; private set; } = null!;

    /// <summary>Where the page of the demo is.</summary>
    public string Url => _server!.Url;

    /// <summary>Folder of the demo.</summary>
    public string Data { get; } = Directory.CreateTempSubdirectory("grid-browser-").FullName;

    public async ValueTask InitializeAsync()
    {
        if (WhyNot is not null)
            return;
        await GridServerProcess.RunAsync("demo", "--data", Data, "--issuers", "160", "--portfolios", "20", "--quiet");
        _server = await GridServerProcess.StartAsync(Data);
        SetDefaultExpectTimeout(30_000);
        _playwright = await Playwright.CreateAsync();
        Browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Program(),
            // A machine without a graphics card still has WebGL2, drawn by the processor.
            Args = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (Browser is not null)
            await Browser.DisposeAsync();
        _playwright?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
        Directory.Delete(Data, recursive: true);
    }

    /// <summary>Opens the page of the demo. Skips the test where there is no browser.</summary>
    /// <param name="address">What stands behind the host, such as <c>/#compare?id=…</c>.</param>
    /// <param name="look">Colours and width.</param>
    /// <param name="prepare">What is done before the page is read.</param>
    /// <param name="url">Another server.</param>
    internal async Task<OpenPage> OpenAsync(string address, Look? look = null, Func<IPage, Task>? prepare = null, string? url = null)
    {
        Assert.SkipWhen(WhyNot is not null, WhyNot ?? "");
        return await OpenPage.OpenAsync(Browser, url ?? Url, address, look ?? Look.Dark, prepare);
    }

    private static string? Program() => s_places.Prepend(Environment.GetEnvironmentVariable("CHROMIUM") ?? "").FirstOrDefault(File.Exists);
}

/// <summary>Colours and width of a window.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Scheme">What the system prefers.</param>
/// <param name="Width">CSS pixels.</param>
/// <param name="Height">CSS pixels.</param>
internal sealed record Look(string Name, ColorScheme Scheme, int Width, int Height)
{
    public static Look Dark { get; } = new("dark", ColorScheme.Dark, 1440, 900);

    public static Look Light { get; } = new("light", ColorScheme.Light, 1440, 900);

    public static Look Narrow { get; } = new("narrow", ColorScheme.Light, 360, 740);

    public static Look Named(string name) => name switch { "dark" => Dark, "light" => Light, _ => Narrow };

    public override string ToString() => Name;
}
