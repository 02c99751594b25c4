using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Prometheus.Grid.Client.Http;
using Prometheus.Grid.Faults.Harness;
using Prometheus.Grid.Faults.Registry;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Faults.Scenarios;

/// <summary>More searches than a server has time for: it says so to those that it cannot serve, and serves the others as usual.</summary>
[Trait(Scenario.Trait, "16")]
public sealed class OverloadTests
{
    private const double Times = 5;
    private static readonly TimeSpan s_phase = FaultRun.Length(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(20));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task Five_times_as_many_searches_as_it_can_serve_are_shed() => FaultRun.RunAsync(16, "", async run =>
    {
        run.Trial();
        using var market = await FaultMarket.WriteAsync(Token);
        await using (var silo = await SiloProcess.StartAsync(null, new Dictionary<string, string> { ["Grid__Data"] = market.Folder }, cancellationToken: Token))
        {
            await using var grid = await HttpGrid.OpenAsync(silo.Health, new HttpGridOptions { RetryFor = TimeSpan.FromMinutes(5) }, Token);
            var searches = new SearchWatch(grid, await ExactAnswers.PutAsync(grid, Token));
            await searches.RoundAsync(Token);
            using var caller = new Caller(silo.Health);

            // As many callers as searches run at once: each has one under way, none waits. The first phase warms up.
            int callers = 8 * Environment.ProcessorCount;
            await Traffic.SaturateAsync(callers, s_phase, i => caller.SearchAsync(i, new Latencies()));
            var normal = new Latencies();
            double rate = await Traffic.SaturateAsync(callers, s_phase, i => caller.SearchAsync(i, normal));
            Assert.Empty(caller.Refused);

            var accepted = new Latencies();
            await Traffic.RunAsync(Times * rate, s_phase, i => caller.SearchAsync(i, accepted), Token);
            long over = Stopwatch.GetTimestamp();
            int refused = caller.Refused.Count;
            Assert.NotEqual(0, refused);
            Assert.NotEqual(0, accepted.Count);
            Assert.All(caller.Refused, seconds => Assert.InRange(seconds, 1, 60));
            run.Inject("searches beyond the sustainable rate", refused);

            // A search at a time until one is served.
            var after = new Latencies();
            while (after.Count == 0)
                await caller.SearchAsync(0, after);
            run.Recover(Stopwatch.GetElapsedTime(over));
            await Traffic.SaturateAsync(callers, s_phase, i => caller.SearchAsync(i, after));
            Assert.Equal(refused, caller.Refused.Count);
            await searches.RoundAsync(Token);
            run.Hold("full answers", searches.Full);
            run.Hold("searches served under overload", accepted.Count);
            run.Hold("searches refused with 503 and Retry-After", refused);
            run.Figure("sustainable searches a second", string.Create(CultureInfo.InvariantCulture, $"{rate:0}"));
            foreach (var (name, latencies) in ((string, Latencies)[])[("p99 at that rate", normal), ("p99 of what is accepted at five times", accepted), ("p99 afterwards", after)])
                run.Figure(name, string.Create(CultureInfo.InvariantCulture, $"{latencies.Quantile(0.99):0} ms"));
        }
    });

    /// <summary>Searches that say a lot, so that what a search costs is what the server does for it.</summary>
    private sealed class Caller(Uri server) : IDisposable
    {
        private readonly HttpClient _http = new(new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1) }) { BaseAddress = server };

        /// <summary>For each search that was refused, the seconds after which to come again.</summary>
        public ConcurrentBag<double> Refused { get; } = [];

        public async Task SearchAsync(int i, Latencies served)
        {
            string body = $$"""{"target":{"entity_id":"PF_S{{i % ExactAnswers.Rows:D3}}"},"as_of_date":"2022-12-30","top_k":199,"explain":true}""";
            using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
            long began = Stopwatch.GetTimestamp();
            using var response = await _http.PostAsync(new Uri("/v1/spaces/joint-portfolio-core-v1/search", UriKind.Relative), content, Token);
            if (response.StatusCode == HttpStatusCode.OK)
            {
                served.Add(Stopwatch.GetElapsedTime(began));
                return;
            }
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            Refused.Add(response.Headers.RetryAfter?.Delta?.TotalSeconds ?? 0);
        }

        public void Dispose() => _http.Dispose();
    }
}
