using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Http.Tests;

/// <summary>The OpenAPI document: kept in the repository, valid, and true, since each of its examples is sent.</summary>
public sealed class OpenApiTests(DemoServer demo)
{
    private static readonly string s_file = Path.Combine(TestData.RepositoryRoot, "docs", "openapi.json");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_document_in_the_repository_is_the_one_that_is_served()
    {
        string served = (await demo.Http.GetStringAsync("/openapi/v1.json", Token)).ReplaceLineEndings("\n").TrimEnd() + "\n";
        if (Environment.GetEnvironmentVariable("GRID_WRITE_OPENAPI") is not null)
            await File.WriteAllTextAsync(s_file, served, Token);
        Assert.Equal(await File.ReadAllTextAsync(s_file, Token), served);
    }

    [Fact]
    public async Task It_passes_the_validator()
    {
        var read = OpenApiDocument.Parse(await demo.Http.GetStringAsync("/openapi/v1.json", Token), "json");
        Assert.Empty(read.Diagnostic!.Errors);
        Assert.Empty(read.Diagnostic.Warnings);
        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, read.Diagnostic.SpecificationVersion);
    }

    [Fact]
    public async Task Every_operation_has_an_example_that_works()
    {
        var document = JsonNode.Parse(await demo.Http.GetStringAsync("/openapi/v1.json", Token))!;
        string? job = null;
        int sent = 0;
        // Puts and backfills first, so that what they make is there for those who ask for it.
        foreach (var (path, method, operation) in Operations(document).OrderByDescending(o => o.Method).ThenBy(o => o.Path, StringComparer.Ordinal))
        {
            string name = (string)operation["operationId"]!;
            if (name is "cancelBackfill" or "getBackfill" or "watchBackfill")
                job ??= await StartJobAsync();
            string address = Address(path, operation, job);
            using var request = new HttpRequestMessage(new HttpMethod(method), address);
            if (operation["requestBody"]?["content"]?["application/json"] is { } body)
                request.Content = new StringContent((body["example"] ?? throw new InvalidOperationException($"{name} has no example")).ToJsonString(), null, "application/json");
            using var response = await demo.Http.SendAsync(request, Token);
            string text = await response.Content.ReadAsStringAsync(Token);
            Assert.True(response.IsSuccessStatusCode, $"{name} {address}: {(int)response.StatusCode} {text}");
            Assert.True(text.Length > 0, name);
            sent++;
        }
        Assert.True(sent >= 25, $"{sent} operations");
    }

    private async Task<string> StartJobAsync() => (string)(await demo.PostAsync(
        "/v1/backfills", """{"kind":"text","model_id":"text-hash-v1","start":"2024-03-28","end":"2024-03-28"}""", 202))["backfill_id"]!;

    private static IEnumerable<(string Path, string Method, JsonNode Operation)> Operations(JsonNode document) =>
        from path in document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        where operation.Key is "get" or "post" or "put" or "delete"
        select (path.Key, operation.Key, operation.Value!);

    private static string Address(string path, JsonNode operation, string? job)
    {
        var query = new List<string>();
        foreach (var parameter in operation["parameters"]?.AsArray() ?? [])
        {
            string name = (string)parameter!["name"]!;
            string? example = name == "backfill_id" ? job : parameter["example"]?.ToString();
            if ((string?)parameter["in"] == "path")
                path = path.Replace($"{{{name}}}", Uri.EscapeDataString(example ?? throw new InvalidOperationException($"{path} has no example for {name}")), StringComparison.Ordinal);
            else if ((string?)parameter["in"] == "query" && example is not null)
                query.Add($"{name}={Uri.EscapeDataString(example)}");
        }
        return query.Count == 0 ? path : $"{path}?{string.Join('&', query)}";
    }
}
