using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Prometheus.Grid.Client.Http;
using Prometheus.Grid.Faults.Harness;
using Prometheus.Grid.Faults.Registry;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Faults.Scenarios;

/// <summary>
/// Requests that mean harm, to a server in a process of its own: each is refused by its field, and the server neither grows nor falls. What each parser makes of
/// broken files is for the tests of its room.
/// </summary>
[Trait(Scenario.Trait, "9")]
public sealed class HostileInputTests
{
    // What the server may take beyond what it took before, the largest body that it lets in many times over.
    private const long MostGrowth = 512L << 20;
    private const string Search = "/v1/spaces/joint-portfolio-core-v1/search";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task Is_refused_by_its_field_and_moves_nothing() => FaultRun.RunAsync(9, "", async run =>
    {
        using var market = await FaultMarket.WriteAsync(Token);
        await using (var silo = await SiloProcess.StartAsync(null, new Dictionary<string, string> { ["Grid__Data"] = market.Folder }, cancellationToken: Token))
        {
            await using var grid = await HttpGrid.OpenAsync(silo.Health, new HttpGridOptions { RetryFor = TimeSpan.Zero }, Token);
            var searches = new SearchWatch(grid, await ExactAnswers.PutAsync(grid, Token));
            await searches.RoundAsync(Token);
            long before = silo.PeakBytes();
            using var http = new HttpClient { BaseAddress = silo.Health };
            foreach (var (name, path, body, status, field) in Requests())
            {
                run.Trial();
                var problem = await SendAsync(http, path, body, status, name);
                Assert.Equal(field, (string?)problem["field"]);
                run.Inject("hostile requests");
                run.Hold("refusals that name the field");
            }
            await TooLargeAsync(http);
            run.Inject("bodies of 200 MB");
            await searches.RoundAsync(Token);

            for (int i = 0; i < FaultRun.Length(300, 30_000); i++)
            {
                await RawAsync(silo.Health, run.Random);
                run.Inject("connections with random bytes");
            }
            using var health = new Health(silo.Health);
            Assert.Equal(HttpStatusCode.OK, await health.ReadyAsync(Token));
            await searches.RoundAsync(Token);
            run.Hold("full answers", searches.Full);
            long growth = silo.PeakBytes() - before;
            Assert.True(growth < MostGrowth, $"the server grew by {growth >> 20} MiB");
            run.Figure("most memory that the server took for it", $"{growth >> 20} MiB");
            Assert.DoesNotContain("Unhandled", silo.Log, StringComparison.Ordinal);
        }
    });

    private static IEnumerable<(string Name, string Path, byte[] Body, int Status, string? Field)> Requests()
    {
        byte[] Query(string more, string target = "\"entity_id\":\"PF_S001\"", string day = "2022-12-30") =>
            Encoding.UTF8.GetBytes($$"""{"target":{{{target}}},"as_of_date":"{{day}}"{{more}}}""");

        yield return ("k of a thousand million", Search, Query(",\"top_k\":1000000000"), 422, "top_k");
        yield return ("k beyond numbers", Search, Query(",\"top_k\":1e400"), 400, "top_k");
        yield return ("weights that are no number", Search, Query(",\"weights\":{\"numeric\":NaN}"), 400, "body");
        yield return ("weights beyond numbers", Search, Query(",\"weights\":{\"numeric\":1e999}"), 400, "weights.numeric");
        yield return ("a day that never was", Search, Query("", day: "2022-02-30"), 400, "as_of_date");
        yield return ("a year beyond all", Search, Query("", day: "99999-01-01"), 400, "as_of_date");
        yield return ("a vector of one value", Search, Query("", "\"vector\":[1]"), 400, "vector");
        yield return ("a vector of strings", Search, Query("", "\"vector\":[\"1\"]"), 400, "target.vector[0]");
        yield return ("SQL for an id", Search, Query("", "\"entity_id\":\"'; DROP TABLE joint_embeddings; --\""), 404, null);
        yield return ("a path for an id", Search, Query("", "\"entity_id\":\"../../etc/passwd\""), 404, null);
        yield return ("deep JSON", Search, Encoding.UTF8.GetBytes(new string('[', 100_000)), 400, "body");
        yield return ("invalid UTF-8", Search, [.. "{\"target\":{\"text\":\""u8, 0xFF, 0xC0, 0x80, .. "\"}}"u8], 400, null);
        yield return ("a million ids", Search, Query($",\"filter\":{{\"entity_ids\":[{string.Join(',', Enumerable.Range(0, 1_000_000).Select(i => $"\"P{i}\""))}]}}"), 200, null);
        yield return ("a model beyond the folder", "/v1/spaces/..%2f..%2fetc/search", Query(""), 400, "model_id");
    }

    private static async Task<JsonObject> SendAsync(HttpClient http, string path, byte[] body, int status, string name)
    {
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using var response = await http.PostAsync(new Uri(path, UriKind.Relative), content, Token);
        string text = await response.Content.ReadAsStringAsync(Token);
        Assert.True((int)response.StatusCode == status, $"{name}: {(int)response.StatusCode} {text[..Math.Min(text.Length, 500)]}");
        return JsonNode.Parse(text)!.AsObject();
    }

    /// <summary>More than a body may be, sent as if it were not: the server says so before it has read it, and may close the connection on the rest.</summary>
    private static async Task TooLargeAsync(HttpClient http)
    {
        using var content = new ByteArrayContent(new byte[200_000_000]) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using var request = new HttpRequestMessage(HttpMethod.Post, Search) { Content = content };
        request.Headers.ExpectContinue = true;
        using var response = await http.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    /// <summary>Bytes that are hardly HTTP, and the end of them.</summary>
    private static async Task RawAsync(Uri server, Random random)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.Host, server.Port, Token);
        byte[] bytes = new byte[random.Next(1, 400)];
        random.NextBytes(bytes);
        byte[] start = random.Next(2) == 0 ? [] : Encoding.ASCII.GetBytes($"POST {Search} HTTP/1.1\r\nHost: {server.Authority}\r\nContent-Type: application/json\r\nContent-Length: {bytes.Length}\r\n\r\n");
        await socket.SendAsync((byte[])[.. start, .. bytes], Token);
        socket.Shutdown(SocketShutdown.Send);
        byte[] answer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(answer, Token) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // A reset is an answer too.
        }
    }
}
