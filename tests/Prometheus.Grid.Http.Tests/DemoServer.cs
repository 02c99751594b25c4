using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Hosting.Server;
using Prometheus.Grid.Http.Messages;
using Prometheus.Grid.Http.Security;
using Prometheus.Grid.Synthetic;

[assembly: AssemblyFixture(typeof(Prometheus.Grid.Http.Tests.DemoServer))]

namespace Prometheus.Grid.Http.Tests;

/// <summary>
/// The market of <c>grid demo</c> with its default spaces, behind two servers in turn: one that anyone on this machine may use, and, on request, others with
/// keys or small limits.
/// </summary>
public sealed class DemoServer : IAsyncLifetime
{
    public const string Space = "joint-profile-core-v3", PortfolioSpace = "joint-portfolio-core-v3", Issuer = "ISS_ACTZ", Portfolio = "PF_000001", Day = "2024-03-28";

    private WebApplication? _server;

    public string Folder { get; } = Directory.CreateTempSubdirectory("grid-http-").FullName;

    public HttpClient Http { get; private set; } = null!;

    public WebApplication Server => _server!;

    public async ValueTask InitializeAsync()
    {
        var token = CancellationToken.None;
        var market = new SyntheticMarketOptions();
        await SyntheticMarket.WriteAsync(Folder, market, cancellationToken: token);
        _server = await StartAsync(Folder, new GridHttpOptions());
        Http = ClientOf(_server);
        var grid = _server.Services.GetRequiredService<IEmbeddingGrid>();
        foreach (var request in Backfills(grid.Catalog, market.ReportDates))
            await grid.BackfillAsync(request, null, token);
    }

    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Starts what <c>grid serve</c> runs.</summary>
    public static async Task<WebApplication> StartAsync(string folder, GridHttpOptions options)
    {
        var server = await GridServer.BuildAsync(
            [], "http://127.0.0.1:0", settings => settings with { Data = folder, SiloPort = 0, GatewayPort = 0 }, _ => options, waiting => Assert.Fail(waiting), CancellationToken.None);
        await server.StartAsync();
        return server;
    }

    public static HttpClient ClientOf(WebApplication server, string? key = null)
    {
        var http = new HttpClient { BaseAddress = new Uri(server.Urls.Single()) };
        if (key is not null)
            http.DefaultRequestHeaders.Authorization = new("Bearer", key);
        return http;
    }

    /// <summary>A file with a key of each role.</summary>
    public static (string File, string Read, string Write) Keys()
    {
        string file = Path.GetTempFileName();
        var (read, readLine) = ApiKeys.Create("desk", GridRole.Read);
        var (write, writeLine) = ApiKeys.Create("batch", GridRole.Write);
        File.WriteAllText(file, $"# keys of a test\n{readLine}\n\n{writeLine} # nightly\n");
        return (file, read, write);
    }

    public static async Task<JsonObject> SendAsync(HttpClient http, HttpMethod method, string path, string? body = null, int status = 200)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True((int)response.StatusCode == status, $"{method} {path}: {(int)response.StatusCode} {text}");
        return JsonNode.Parse(text)!.AsObject();
    }

    public Task<JsonObject> GetAsync(string path, int status = 200) => SendAsync(Http, HttpMethod.Get, path, null, status);

    public Task<JsonObject> PostAsync(string path, string body, int status = 200) => SendAsync(Http, HttpMethod.Post, path, body, status);

    private static IEnumerable<BackfillRequest> Backfills(ModelCatalog catalog, IReadOnlyList<DateOnly> dates)
    {
        foreach (var day in dates.Select(DateRange.On))
        {
            foreach (var branch in catalog.Space(Space).Branches)
                yield return branch.Kind == BranchKind.Text ? new TextBackfill { ModelId = branch.ModelId, Dates = day } : new NumericBackfill { ModelId = branch.ModelId, Dates = day };
            yield return new JointProfileBackfill { ModelId = Space, Dates = day };
            foreach (var branch in catalog.Space(PortfolioSpace).Branches)
                yield return new PortfolioBackfill { ModelId = branch.ModelId, Dates = day };
            yield return new JointPortfolioBackfill { ModelId = PortfolioSpace, Dates = day };
        }
    }
}
