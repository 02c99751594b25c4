using System.Net;
using System.Text.Json;
using Prometheus.Grid.Client.Http;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Http.Translation;

namespace Prometheus.Grid.Http.Tests;

/// <summary>The HTTP client where the way to the server fails: the faults are injected, the server behind them is real.</summary>
public sealed class ClientTests(DemoServer demo)
{
    private static readonly SimilarityQuery s_query =
        new() { Target = new SimilarityTarget.Entity(DemoServer.Issuer), AsOf = DateOnly.ParseExact(DemoServer.Day, "yyyy-MM-dd"), ModelId = DemoServer.Space, TopK = 3 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    [InlineData(HttpStatusCode.BadGateway)]
    [InlineData(null)]
    public async Task What_passes_is_asked_again_and_answered_once(HttpStatusCode? status)
    {
        var faults = new Faults(status, count: 2);
        await using var grid = await OpenAsync(faults, TimeSpan.FromMinutes(1));
        var answer = await grid.FindSimilarAsync(s_query, Token);
        Assert.Equal(3, answer.Hits.Count);
        Assert.Equal(0, faults.Left);
        // The catalog twice in vain and once, then the search.
        Assert.Equal(4, faults.Sent);
    }

    [Fact]
    public async Task What_lasts_is_a_fault_that_a_retry_can_help()
    {
        var faults = new Faults(null, count: 0);
        await using var grid = await OpenAsync(faults, TimeSpan.FromMilliseconds(50));
        faults.Left = int.MaxValue;
        Assert.True((await Assert.ThrowsAsync<GridFaultException>(() => grid.FindSimilarAsync(s_query, Token))).CanRetry);
    }

    [Fact]
    public async Task What_the_server_refuses_is_not_asked_again()
    {
        var faults = new Faults(null, count: 0);
        await using var grid = await OpenAsync(faults, TimeSpan.FromMinutes(1));
        await Assert.ThrowsAsync<NotFoundException>(() => grid.FindSimilarAsync(s_query with { ModelId = "joint-nothing-v9" }, Token));
        Assert.Equal(2, faults.Sent);
    }

    [Fact]
    public async Task A_backfill_whose_start_was_answered_in_vain_is_one_job()
    {
        var faults = new Faults(null, count: 0) { LosesAnswers = true };
        await using var grid = await OpenAsync(faults, TimeSpan.FromMinutes(1));
        int before = await JobsAsync();
        faults.Left = 1;
        var report = await grid.BackfillAsync(new TextBackfill { ModelId = "text-hash-v1", Dates = Core.DateRange.On(s_query.AsOf) }, null, Token);
        Assert.True(report.Written + report.Unchanged > 400);
        Assert.Equal(before + 1, await JobsAsync());

        async Task<int> JobsAsync() => (await demo.GetAsync("/v1/backfills"))["backfills"]!.AsArray().Count;
    }

    private Task<HttpGrid> OpenAsync(Faults faults, TimeSpan retryFor) => HttpGrid.OpenAsync(
        demo.Http.BaseAddress!, new HttpGridOptions { Handler = faults, RetryFor = retryFor, FirstPause = TimeSpan.FromMilliseconds(1), LongestPause = TimeSpan.FromMilliseconds(5) }, Token);

    /// <summary>A way to the server that fails some times: with a status, or, without one, as a connection that breaks.</summary>
    private sealed class Faults(HttpStatusCode? status, int count) : DelegatingHandler(new SocketsHttpHandler())
    {
        public int Left { get; set; } = count;

        public int Sent { get; private set; }

        /// <summary>The server gets the request, and its answer is lost.</summary>
        public bool LosesAnswers { get; init; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Sent++;
            if (Left == 0)
                return await base.SendAsync(request, cancellationToken);
            Left--;
            if (LosesAnswers)
                (await base.SendAsync(request, cancellationToken)).Dispose();
            if (status is null)
                throw new HttpRequestException("the connection broke");
            var problem = new GridFaultException("busy", canRetry: true).ToProblem() with { Status = (int)status };
            return status == HttpStatusCode.BadGateway
                ? new HttpResponseMessage(status.Value) { Content = new StringContent("<html>a proxy</html>") }
                : new HttpResponseMessage(status.Value) { Content = new StringContent(JsonSerializer.Serialize(problem, GridJson.Readable.ProblemMessage), null, "application/problem+json") };
        }
    }
}
