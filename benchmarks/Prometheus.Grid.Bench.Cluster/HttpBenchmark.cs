using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Embedded;
using Prometheus.Grid.Http;
using Prometheus.Grid.Http.Translation;
using Prometheus.Grid.Storage.Folder;
using Prometheus.Grid.Synthetic;
using Prometheus.Grid.Tests;
using Prometheus.Grid.Tests.Otlp;

namespace Prometheus.Grid.Bench.Cluster;

/// <summary>
/// Searches a second through a server, with the load generator on the same cores: one server on a data folder, and one of three members on Postgres, beside
/// the same searches in the process that owns the rows.
/// </summary>
internal static class HttpBenchmark
{
    private const string Space = "joint-profile-core-v3";
    private const string SearchPath = $"/v1/spaces/{Space}/search";
    private const int Connections = 32;

    public static async Task<IReadOnlyList<Figure>> RunAsync(bool isQuick, bool onlyTelemetry, CancellationToken cancellationToken)
    {
        int issuers = isQuick ? 1_000 : 10_000;
        var time = TimeSpan.FromSeconds(isQuick ? 3 : 15);
        string folder = Path.Combine(BenchFolders.Data, string.Create(CultureInfo.InvariantCulture, $"http-{issuers}"));
        var market = SyntheticMarketOptions.ForBenchmark(issuers, portfolios: 0, weekdays: 520);
        await SyntheticMarket.WriteAsync(folder, market, cancellationToken: cancellationToken);
        var models = RealCluster.Models;
        var figures = new List<Figure>();
        string[] ids;
        IReadOnlyList<string> expected;
        await using (var grid = new EmbeddedGrid(await FolderStore.OpenAsync(folder, null, cancellationToken), models, EncoderRegistry.BuiltIn(workers: 2), workers: 2))
        {
            await BackfillAsync(grid, cancellationToken);
            ids = [.. await grid.ListJointAsync(new JointListing(Space, DateRange.On(BenchMarket.AsOf)), cancellationToken).Select(row => row.EntityId).ToListAsync(cancellationToken)];
            expected = await AnswersAsync(ids, async query => await grid.FindSimilarAsync(query, cancellationToken));
            if (!onlyTelemetry)
            {
                var (rate, milliseconds) = await Load.RunAsync(Connections, time, i => grid.FindSimilarAsync(Query(ids[i % ids.Length], explain: false), cancellationToken));
                figures.Add(new Figure($"{ids.Length} issuers in process: searches a second", rate));
                figures.Add(new Figure("  p99 ms", Figure.Quantile(milliseconds, 0.99)));
            }
        }

        figures.AddRange(await TelemetryAsync(folder, ids, expected, time / 3, cancellationToken));
        if (onlyTelemetry)
            return figures;

        long start = Stopwatch.GetTimestamp();
        await using (var server = await SiloProcess.StartAsync(null, new Dictionary<string, string> { ["Grid__Data"] = folder }, cancellationToken: cancellationToken))
        {
            using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = Connections }) { BaseAddress = server.Health };
            figures.Add(new Figure("a server on the folder: seconds to ready", Stopwatch.GetElapsedTime(start).TotalSeconds, "<= 3"));
            var (page, map, requests) = await FirstPage.OpenAsync(server.Health, Space, cancellationToken);
            figures.Add(new Figure($"  the first page after that, {requests} requests: ms to all but its map", page, "<= 1000"));
            figures.Add(new Figure($"  ms to its map of {ids.Length} issuers", map));
            await CheckAsync(http, ids, expected, cancellationToken);
            figures.AddRange(await MeasureAsync("a server on the folder", http, ids, time, explain: false, ">= 3000", "<= 50", cancellationToken));
            figures.AddRange(await MeasureAsync("  with explain", http, ids, time, explain: true, "", "", cancellationToken));
            figures.Add(new Figure("  most memory of the server, MiB", server.PeakBytes() >> 20));
        }

        await using (var cluster = await RealCluster.StartAsync(folder, silos: 3, isDurable: true, cancellationToken))
        {
            await BackfillAsync(cluster.Grid, cancellationToken);
            using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = Connections }) { BaseAddress = cluster.Silos[0].Health };
            await CheckAsync(http, ids, expected, cancellationToken);
            figures.AddRange(await MeasureAsync("three members on Postgres, asked through one", http, ids, time, explain: false, "", "<= 50", cancellationToken));
        }
        return figures;
    }

    /// <summary>
    /// What telemetry costs: the same server by turns without it and with all of it, sent to a sink that takes everything, with the share of traces that is
    /// the default. Each turn is a process of its own, so that neither has what the other has compiled.
    /// </summary>
    private static async Task<IReadOnlyList<Figure>> TelemetryAsync(
        string folder, string[] ids, IReadOnlyList<string> expected, TimeSpan time, CancellationToken cancellationToken)
    {
        const int Turns = 3;
        var off = new List<double>();
        var on = new List<double>();
        await using var sink = new OtlpSink(keeps: false);
        for (int turn = 0; turn < 2 * Turns; turn++)
        {
            bool isOn = turn % 2 == 1;
            var settings = new Dictionary<string, string> { ["Grid__Data"] = folder };
            if (isOn)
                (settings["OTEL_EXPORTER_OTLP_ENDPOINT"], settings["OTEL_EXPORTER_OTLP_PROTOCOL"]) = (sink.Endpoint.ToString(), "http/protobuf");
            await using var server = await SiloProcess.StartAsync(null, settings, cancellationToken: cancellationToken);
            using var http = new HttpClient { BaseAddress = server.Health };
            await CheckAsync(http, ids, expected, cancellationToken);
            (isOn ? on : off).Add((await MeasureAsync("", http, ids, time, explain: false, "", "", cancellationToken))[0].Measured);
            await server.StopAsync(cancellationToken);
        }
        if (sink.Bytes == 0)
            throw new InvalidOperationException("the servers sent nothing; this is no measurement");
        var (unwatched, watched) = (off.Order().ElementAt(Turns / 2), on.Order().ElementAt(Turns / 2));
        return
        [
            new Figure($"telemetry off: searches a second, median of {Turns}", unwatched),
            new Figure("  on, sent by OTLP, one request in a hundred traced", watched),
            new Figure("  percent lost", 100 * (1 - (watched / unwatched)), "<= 5"),
        ];
    }

    private static async Task BackfillAsync(IEmbeddingGrid grid, CancellationToken cancellationToken)
    {
        var day = DateRange.On(BenchMarket.AsOf);
        foreach (var branch in grid.Catalog.Space(Space).Branches)
        {
            await grid.BackfillAsync(
                branch.Kind == BranchKind.Text ? new TextBackfill { ModelId = branch.ModelId, Dates = day } : new NumericBackfill { ModelId = branch.ModelId, Dates = day },
                null, cancellationToken);
        }
        await grid.BackfillAsync(new JointProfileBackfill { ModelId = Space, Dates = day }, null, cancellationToken);
    }

    private static async Task<IReadOnlyList<Figure>> MeasureAsync(
        string name, HttpClient http, string[] ids, TimeSpan time, bool explain, string rateWanted, string p99Wanted, CancellationToken cancellationToken)
    {
        byte[][] requests = [.. ids.Select(id => HttpCaller.Post(http.BaseAddress!, SearchPath, Body(id, explain)))];
        var free = new ConcurrentBag<HttpCaller>();
        for (int i = 0; i < Connections; i++)
            free.Add(await HttpCaller.OpenAsync(http.BaseAddress!, cancellationToken));
        var (rate, milliseconds) = await Load.RunAsync(Connections, time, async i =>
        {
            if (!free.TryTake(out var caller))
                throw new InvalidOperationException("more callers than connections");
            await caller.CallAsync(requests[i % requests.Length], cancellationToken);
            free.Add(caller);
        });
        foreach (var caller in free)
            caller.Dispose();
        return
        [
            new Figure($"{name}: searches a second, {Connections} connections", rate, rateWanted),
            new Figure("  p50 ms", Figure.Quantile(milliseconds, 0.5)),
            new Figure("  p99 ms", Figure.Quantile(milliseconds, 0.99), p99Wanted),
        ];
    }

    private static async Task CheckAsync(HttpClient http, string[] ids, IReadOnlyList<string> expected, CancellationToken cancellationToken)
    {
        var answers = await AnswersAsync(ids, async query =>
        {
            using var response = await PostAsync(http, JsonSerializer.SerializeToUtf8Bytes(query.ToRequest(), GridJson.Readable.SearchRequest), cancellationToken);
            return JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(cancellationToken), GridJson.Readable.SearchResponse)!.ToAnswer();
        });
        if (!answers.SequenceEqual(expected))
            throw new InvalidOperationException("the server answers otherwise than the process that owns the rows; this is no measurement");
    }

    private static async Task<IReadOnlyList<string>> AnswersAsync(string[] ids, Func<SimilarityQuery, Task<SimilarityAnswer>> ask)
    {
        var answers = new List<string>();
        for (int i = 0; i < ids.Length; i += Math.Max(1, ids.Length / 100))
            answers.Add(string.Join(' ', (await ask(Query(ids[i], explain: false))).Hits.Select(hit => string.Create(CultureInfo.InvariantCulture, $"{hit.EntityId} {hit.Cosine:R}"))));
        return answers;
    }

    private static SimilarityQuery Query(string id, bool explain) =>
        new() { Target = new SimilarityTarget.Entity(id), AsOf = BenchMarket.AsOf, ModelId = Space, Explain = explain };

    private static byte[] Body(string id, bool explain) => JsonSerializer.SerializeToUtf8Bytes(Query(id, explain).ToRequest(), GridJson.Readable.SearchRequest);

    private static Task<HttpResponseMessage> PostAsync(HttpClient http, byte[] body, CancellationToken cancellationToken) => http.PostAsync(
        new Uri(SearchPath, UriKind.Relative), new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } }, cancellationToken);
}
