using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;

namespace Prometheus.Grid.Http.Tests;

/// <summary>Requests that nobody means: mutated addresses and bodies. Whatever comes, the server answers, says a problem as a problem, and never that it broke.</summary>
public sealed class FuzzTests(DemoServer demo)
{
    private static readonly string[] s_values =
        ["", " ", "0", "-1", "1e309", "NaN", "null", "true", "[]", "{}", "\"", "'", "%00", "%2e%2e%2f", "..%5c", "9999-12-31", "0001-01-01", "2024-02-30", "２０２４", "é", "𝔘", "%ED%A0%80", "a,b=c", "=1+1", "<script>", "99999999999999999999"];

    private static readonly string[] s_bodies =
    [
        """{"target":{"entity_id":"ISS_ACTZ"},"as_of_date":"2024-03-28","top_k":5,"weights":{"text":1},"filter":{"country":"Japan","entity_ids":["ISS_ACTZ"]},"dates":{"start":"2023-09-29","end":"2024-03-28"},"explain":true,"as_known":"2026-01-01T00:00:00Z"}""",
        """{"target":{"text":"pharma","beside_entity_id":"ISS_ACTZ"},"as_of_date":"2024-03-28","candidate_limit":3,"allow_partial":true}""",
        """{"target":{"vector":[1,0,2.5e-3]},"as_of_date":"2024-03-28"}""",
    ];

    /// <summary>What live objects may add up to between the first quarter of the requests and the last: caches are full by then, and other tests run beside this one.</summary>
    private const long MostGrowth = 256L << 20;

    private static readonly TimeSpan s_time = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Requests of a seed in place of half a minute of them; the first of a seed are always the same.</summary>
    private static int? Trials => int.TryParse(Environment.GetEnvironmentVariable("GRID_FUZZ_TRIALS"), out int trials) ? trials : null;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task No_address_and_no_body_breaks_the_server(int seed)
    {
        var random = new Random(seed);
        var document = JsonNode.Parse(await demo.Http.GetStringAsync("/openapi/v1.json", Token))!;
        var operations = (from path in document["paths"]!.AsObject()
                          from operation in path.Value!.AsObject()
                          where operation.Key is "get" or "post" or "put"
                          where (string)operation.Value!["operationId"]! != "watchBackfill"
                          select (path.Key, operation.Key, operation.Value!)).ToList();
        long began = Stopwatch.GetTimestamp();
        double Share(int trial) => Trials is { } trials ? (double)trial / trials : Stopwatch.GetElapsedTime(began) / s_time;
        long? live = null;
        for (int trial = 0; Share(trial) < 1; trial++)
        {
            if (live is null && Share(trial) > 0.25)
                live = GC.GetTotalMemory(forceFullCollection: true);
            var (path, method, operation) = operations[random.Next(operations.Count)];
            string address = Address(path, operation, random);
            string? body = method == "get" ? null : Mutate(Body(operation, random), random);
            using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(demo.Http.BaseAddress + address.TrimStart('/'), new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
            if (body is not null)
                request.Content = new StringContent(body, Encoding.UTF8, "application/json");
            using var response = await demo.Http.SendAsync(request, Token);
            byte[] content = await response.Content.ReadAsByteArrayAsync(Token);
            string answer = (int)response.StatusCode >= 400 ? Encoding.UTF8.GetString(content) : "";
            Assert.True((int)response.StatusCode < 500, $"seed {seed} trial {trial}: {method} {address} {body}: {(int)response.StatusCode} {answer}");
            if (answer.Length > 0)
                Assert.Equal((int)response.StatusCode, (int)JsonNode.Parse(answer)!["status"]!);
        }
        long growth = GC.GetTotalMemory(forceFullCollection: true) - (live ?? 0);
        Assert.True(growth < MostGrowth, $"live objects grew by {growth >> 20} MiB");
    }

    // What would work for long is asked of a date without rows: there is something to read and check, and nothing to compute.
    private static string Body(JsonNode operation, Random random) => (string)operation["operationId"]! switch
    {
        "search" => s_bodies[random.Next(s_bodies.Length)],
        "startBackfill" or "evaluate" => Example(operation).Replace("20", "19", StringComparison.Ordinal),
        _ => Example(operation),
    };

    private static string Example(JsonNode operation) => operation["requestBody"]!["content"]!["application/json"]!["example"]!.ToJsonString();

    private static string Address(string path, JsonNode operation, Random random)
    {
        var query = new List<string>();
        foreach (var parameter in operation["parameters"]?.AsArray() ?? [])
        {
            string name = (string)parameter!["name"]!;
            string value = random.Next(3) == 0 ? s_values[random.Next(s_values.Length)] : parameter["example"]?.ToString() ?? "x";
            value = value.Contains('%', StringComparison.Ordinal) ? value : Uri.EscapeDataString(value);
            if ((string?)parameter["in"] == "path")
                path = path.Replace($"{{{name}}}", value.Length == 0 ? "%20" : value, StringComparison.Ordinal);
            else if ((string?)parameter["in"] == "query" && random.Next(2) == 0)
                query.Add($"{name}={value}");
        }
        return query.Count == 0 ? path : $"{path}?{string.Join('&', query)}";
    }

    private static string Mutate(string body, Random random)
    {
        var text = new StringBuilder(body);
        for (int change = random.Next(4); change > 0 && text.Length > 0; change--)
        {
            int at = random.Next(text.Length);
            switch (random.Next(4))
            {
                case 0:
                    text.Remove(at, Math.Min(text.Length - at, random.Next(1, 12)));
                    break;
                case 1:
                    text.Insert(at, Uri.UnescapeDataString(s_values[random.Next(s_values.Length)].Replace("%ED%A0%80", "", StringComparison.Ordinal)));
                    break;
                case 2:
                    text[at] = (char)random.Next(32, 127);
                    break;
                default:
                    text.Insert(at, text.ToString(at, Math.Min(text.Length - at, 20)));
                    break;
            }
        }
        return text.ToString();
    }
}
