using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Prometheus.Grid.Bench.Cluster;

/// <summary>
/// What a browser asks for when it opens the page, in the order in which it learns of it: the document, its styles and modules, the modules that those
/// import, then what the page reads before it draws. As many requests at once as a browser makes.
/// </summary>
internal static partial class FirstPage
{
    private const int AtOnce = 6;

    /// <summary>Opens the page on an empty cache.</summary>
    /// <returns>Milliseconds until all of the page but its map is there, and until the map is; and how many requests these were.</returns>
    public static async Task<(double Page, double Map, int Requests)> OpenAsync(Uri server, string space, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = AtOnce, AutomaticDecompression = DecompressionMethods.All }) { BaseAddress = server };
        int requests = 0;
        long began = Stopwatch.GetTimestamp();
        async Task<string> ReadAsync(string path)
        {
            using var response = await http.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
            response.EnsureSuccessStatusCode();
            string text = await response.Content.ReadAsStringAsync(cancellationToken);
            Interlocked.Increment(ref requests);
            return text;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        List<string> wave = [.. Links().Matches(await ReadAsync("/")).Select(link => link.Groups[1].Value).Where(seen.Add)];
        while (wave.Count > 0)
        {
            string[] texts = await Task.WhenAll(wave.Select(ReadAsync));
            wave = [.. wave.Zip(texts).Where(module => module.First.EndsWith(".js", StringComparison.Ordinal))
                .SelectMany(module => Imports().Matches(module.Second).Select(import => new Uri(new Uri(server, module.First), import.Groups[1].Value).AbsolutePath))
                .Where(seen.Add)];
        }
        await ReadAsync("/v1/spaces");
        string date = (string)JsonNode.Parse(await ReadAsync($"/v1/spaces/{space}/dates"))!["dates"]!.AsArray()[^1]!;
        double page = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        await ReadAsync($"/v1/spaces/{space}/dates/{date}/map?method=umap");
        return (page, Stopwatch.GetElapsedTime(began).TotalMilliseconds, requests);
    }

    [GeneratedRegex("""(?:href|src)="(/[^"]+)""")]
    private static partial Regex Links();

    [GeneratedRegex("""from "(\.[^"]+)""")]
    private static partial Regex Imports();
}
