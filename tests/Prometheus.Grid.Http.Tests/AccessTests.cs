using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Hosting.Server;
using Prometheus.Grid.Http.Security;
using Prometheus.Grid.Http.Messages;

namespace Prometheus.Grid.Http.Tests;

/// <summary>Who may do what: every route of a server, with and without keys.</summary>
public sealed class AccessTests(DemoServer demo)
{
    private static readonly int[] s_refusals = [401, 404];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_route_asks_for_a_key_before_it_does_anything()
    {
        var (file, read, write) = DemoServer.Keys();
        await using var server = await DemoServer.StartAsync(Directory.CreateTempSubdirectory("grid-keys-").FullName, new GridHttpOptions { ApiKeyFile = file });
        using var nobody = DemoServer.ClientOf(server);
        using var forged = DemoServer.ClientOf(server, read[..^1] + (read[^1] == 'A' ? 'B' : 'A'));
        using var reader = DemoServer.ClientOf(server, read);
        using var writer = DemoServer.ClientOf(server, write);
        int writes = 0, routes = 0;
        foreach (var endpoint in server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            string path = "/" + string.Join('/', endpoint.RoutePattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
            {
                Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart { Name: "as_of_date" } => "2024-03-28",
                Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart { Name: "documentName" } => "v1",
                Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart => "nobody",
                Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal => literal.Content,
                var other => throw new InvalidOperationException($"{other}"),
            }))));
            string method = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods[0] ?? "GET";
            if (path.StartsWith("/health/", StringComparison.Ordinal))
            {
                Assert.Equal(200, await StatusAsync(nobody, method, path));
                continue;
            }
            routes++;
            // Not 404, though there is no such model: nothing was looked up.
            Assert.Equal(401, await StatusAsync(nobody, method, path));
            Assert.Equal(401, await StatusAsync(forged, method, path));
            int asked = await StatusAsync(reader, method, path);
            if (endpoint.Metadata.GetMetadata<NeedsWriteRole>() is null)
            {
                Assert.NotEqual(401, asked);
                Assert.NotEqual(403, asked);
                continue;
            }
            writes++;
            Assert.Equal(403, asked);
            Assert.NotEqual(403, await StatusAsync(writer, method, path));
        }
        Assert.True(routes > 25 && writes == 4, $"{routes} routes, {writes} of them write");
        File.Delete(file);
    }

    [Fact]
    public async Task No_header_and_no_spelling_of_an_address_stands_in_for_a_key()
    {
        var (file, read, _) = DemoServer.Keys();
        await using var server = await DemoServer.StartAsync(Directory.CreateTempSubdirectory("grid-keys-").FullName, new GridHttpOptions { ApiKeyFile = file });
        using var nobody = DemoServer.ClientOf(server);
        (string Header, string Value)[] headers =
        [
            ("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-Host", "localhost"), ("Forwarded", "for=127.0.0.1;host=localhost"), ("X-Forwarded-User", "batch"),
            ("X-Original-URL", "/health/live"), ("X-Rewrite-URL", "/"), ("X-HTTP-Method-Override", "GET"), ("X-Api-Key", read), ("Cookie", $"key={read}"),
            ("Authorization", "Bearer"), ("Authorization", read), ("Authorization", "Basic YmF0Y2g6"), ("Authorization", $"Bearer {read}, Bearer {read}"),
        ];
        foreach ((string header, string value) in headers)
            Assert.Equal(401, await AskAsync("/v1/spaces", header, value));
        foreach (string path in (string[])[$"/v1/spaces?api_key={read}&access_token={read}", "/health/../v1/spaces", "/health/live/../../v1/spaces", "//v1/spaces", "/index.html/../v1/spaces", "/index.html/v1/spaces"])
            Assert.Equal(401, await AskAsync(path, "X-Nothing", "x"));
        // Below /health there is nothing but the two checks, which need none and say nothing.
        Assert.Contains(await AskAsync("/health%2f..%2fv1%2fspaces", "X-Nothing", "x"), s_refusals);
        Assert.Equal(200, await AskAsync("/v1/spaces", "Authorization", $"Bearer {read}"));
        File.Delete(file);

        async Task<int> AskAsync(string path, string header, string value)
        {
            var address = new Uri(nobody.BaseAddress!.GetLeftPart(UriPartial.Authority) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            Assert.True(request.Headers.TryAddWithoutValidation(header, value));
            using var response = await nobody.SendAsync(request, Token);
            return (int)response.StatusCode;
        }
    }

    /// <summary>What names an address, a file or a program in a request would be somebody's way to have the server read or call it.</summary>
    [Fact]
    public async Task No_request_names_an_address_or_a_file()
    {
        var document = JsonNode.Parse(await demo.Http.GetStringAsync("/openapi/v1.json", Token))!.AsObject();
        string[] names = [.. Names(document["paths"]!), .. Names(document["components"]!)];
        Assert.Contains("entity_id", names);
        Assert.DoesNotContain(names, name => name.Split('_').Any(word => word is "url" or "uri" or "href" or "link" or "host" or "path" or "file" or "folder" or "directory" or "command" or "callback" or "webhook"));

        static IEnumerable<string> Names(JsonNode node) => node switch
        {
            JsonObject parameter when parameter["in"] is not null => [(string)parameter["name"]!],
            JsonObject schema => schema.SelectMany(member => member.Value switch
            {
                JsonObject properties when member.Key == "properties" => properties.Select(property => property.Key).Concat(Names(properties)),
                { } value => Names(value),
                null => [],
            }),
            JsonArray list => list.SelectMany(item => item is null ? [] : Names(item)),
            _ => [],
        };
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task What_changes_something_needs_the_role_write(string method) => Assert.All(
        demo.Server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains(method) == true),
        endpoint => Assert.True(
            endpoint.Metadata.GetMetadata<NeedsWriteRole>() is not null || endpoint.RoutePattern.RawText is "/v1/spaces/{model_id}/search" or "/v1/spaces/{model_id}/searches" or "/v1/evaluations" or "/v1/tables/parquet",
            endpoint.RoutePattern.RawText));

    [Theory]
    [InlineData("evil.example.com", null, 403)]
    [InlineData("127.0.0.1.evil.example.com", null, 403)]
    [InlineData(null, "https://evil.example.com", 403)]
    [InlineData(null, "null", 403)]
    [InlineData("localhost", null, 200)]
    public async Task Without_keys_only_this_machine_is_served(string? host, string? origin, int status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/spaces");
        request.Headers.Host = host is null ? null : $"{host}:{demo.Http.BaseAddress!.Port}";
        if (origin is not null)
            request.Headers.Add("Origin", origin);
        using var response = await demo.Http.SendAsync(request, Token);
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("http://0.0.0.0:5075")]
    [InlineData("http://*:5075")]
    [InlineData("http://[::]:5075")]
    [InlineData("http://127.0.0.1:5075;http://10.0.0.7:5075")]
    public async Task A_server_without_keys_refuses_to_be_reached_from_elsewhere(string urls)
    {
        var error = await Assert.ThrowsAsync<BadInputException>(() => GridServer.BuildAsync([], urls, settings => settings, http => http, _ => { }, Token));
        Assert.Contains("grid api-key", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--Http:ApiKeyfiles=x", "Http:ApiKeyfiles is 'unknown'")]
    [InlineData("--Http:MaxPage=many", "Http:MaxPage is 'many'; allowed: a whole number")]
    [InlineData("--Http:Deadline=soon", "Http:Deadline is 'soon'; allowed: a time")]
    [InlineData("--Http:ConcurrentSearches=0", "Http:ConcurrentSearches is '0'; allowed: 1 or more")]
    public async Task A_setting_of_the_API_that_cannot_be_used_is_named(string argument, string says)
    {
        var error = await Assert.ThrowsAsync<BadInputException>(() => GridServer.BuildAsync([argument], null, settings => settings, http => http, _ => { }, Token));
        Assert.StartsWith(says, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("desk read", "NAME ROLE SHA256")]
    [InlineData("desk admin 00", "read or write")]
    [InlineData("desk read 00", "64 hexadecimal digits")]
    [InlineData("# nothing", "a line a key")]
    public void A_broken_file_of_keys_is_refused(string line, string allowed)
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, line);
        Assert.Equal(allowed, Assert.Throws<BadInputException>(() => ApiKeys.Load(file)).Allowed[..allowed.Length]);
        File.Delete(file);
    }

    [Fact]
    public void A_key_is_found_by_itself_alone()
    {
        var (file, read, write) = DemoServer.Keys();
        var keys = ApiKeys.Load(file);
        Assert.Equal(new Caller("desk", GridRole.Read, NeedsKey: true), keys.Find(read));
        Assert.Equal(GridRole.Write, keys.Find(write)!.Role);
        Assert.Null(keys.Find(""));
        Assert.Null(keys.Find(read + " "));
        Assert.DoesNotContain(read, File.ReadAllText(file), StringComparison.Ordinal);
        File.Delete(file);
    }

    private static async Task<int> StatusAsync(HttpClient http, string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method is "POST" or "PUT")
            request.Content = new StringContent("{}", null, "application/json");
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        return (int)response.StatusCode;
    }
}
