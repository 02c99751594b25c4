using System.Net.ServerSentEvents;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Prometheus.Grid.Client.Http;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Http.Messages;

namespace Prometheus.Grid.Http.Tests;

/// <summary>Backfills as jobs.</summary>
public sealed class JobTests(DemoServer demo)
{
    private const string Text = """{"kind":"text","model_id":"text-hash-v1","start":"2023-09-29","end":"2024-03-28"}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_is_told_of_until_it_has_ended()
    {
        string id = (string)(await demo.PostAsync("/v1/backfills", Text, 202))["backfill_id"]!;
        using var stream = await demo.Http.GetStreamAsync($"/v1/backfills/{id}/events", Token);
        var events = await SseParser.Create(stream, (_, data) => JsonSerializer.Deserialize(data, GridJson.Readable.BackfillJobMessage)!).EnumerateAsync(Token).ToListAsync(Token);
        Assert.All(events, item => Assert.Equal("backfill", item.EventType));
        var ended = events[^1].Data;
        Assert.Equal(JobStatus.Succeeded, ended.Status);
        Assert.Equal(3, ended.Report!.Days.Count);
        Assert.True(ended.Report.Written + ended.Report.Unchanged > 1_000);
        Assert.Equal(ended.BackfillId, (string)(await demo.GetAsync($"/v1/backfills/{id}"))["backfill_id"]!);
        Assert.Contains(id, (await demo.GetAsync("/v1/backfills"))["backfills"]!.AsArray().Select(job => (string)job!["backfill_id"]!));
    }

    [Fact]
    public async Task A_start_that_is_sent_twice_is_one_job()
    {
        var ids = new HashSet<string>();
        string key = Guid.NewGuid().ToString();
        for (int i = 0; i < 2; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/backfills") { Content = new StringContent(Text, null, "application/json") };
            request.Headers.Add("Idempotency-Key", key);
            using var response = await demo.Http.SendAsync(request, Token);
            ids.Add(response.Headers.Location!.ToString());
        }
        Assert.Equal([$"/v1/backfills/{key}"], ids);
    }

    [Fact]
    public async Task A_job_that_fails_says_why()
    {
        string id = (string)(await demo.PostAsync("/v1/backfills", """{"kind":"numeric","model_id":"num-profile-core-v1","start":"2024-03-28","end":"2024-03-28","market_id":"MARS"}""", 202))["backfill_id"]!;
        var job = await EndOfAsync(id);
        Assert.Equal("failed", (string)job["status"]!);
        Assert.Equal("not_found", (string)job["problem"]!["kind"]!);
        Assert.Contains("MARS", (string)job["problem"]!["detail"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"kind":"text","model_id":"text-nothing-v9","start":"2024-03-28","end":"2024-03-28"}""", 404)]
    [InlineData("""{"kind":"text","model_id":"text-hash-v1","start":"2024-03-28","end":"2024-03-27"}""", 400)]
    [InlineData("""{"kind":"text","model_id":"text-hash-v1","start":"2024-03-28","end":"2024-03-28","window_days":5}""", 400)]
    [InlineData("""{"kind":"tones","model_id":"text-hash-v1","start":"2024-03-28","end":"2024-03-28"}""", 400)]
    public async Task What_no_job_can_do_is_refused_at_once(string body, int status) => await demo.PostAsync("/v1/backfills", body, status);

    [Fact]
    public async Task A_job_that_its_server_did_not_end_is_taken_up_by_the_next()
    {
        string folder = Directory.CreateTempSubdirectory("grid-jobs-").FullName;
        foreach (string table in Directory.EnumerateFiles(demo.Folder, "*.csv*"))
            File.Copy(table, Path.Combine(folder, Path.GetFileName(table)));
        string id = Guid.NewGuid().ToString();
        await using (var server = await DemoServer.StartAsync(folder, new GridHttpOptions()))
        {
            // As a server leaves it that is killed between its answer and the first chunk.
            var job = new BackfillJobMessage(id, JobStatus.Running, JsonSerializer.Deserialize(Text, GridJson.Readable.BackfillMessage)!, DateTimeOffset.UtcNow);
            await server.Services.GetRequiredService<IGridStore>().Artifacts.WriteAsync(
                "backfill-jobs", DateOnly.FromDateTime(job.CreatedAt.UtcDateTime), $"{id}.json", JsonSerializer.SerializeToUtf8Bytes(job, GridJson.Readable.BackfillJobMessage), Token);
        }
        await using var next = await DemoServer.StartAsync(folder, new GridHttpOptions());
        using var http = DemoServer.ClientOf(next);
        using var events = await http.GetStreamAsync($"/v1/backfills/{id}/events", Token);
        var ended = (await SseParser.Create(events, (_, data) => JsonSerializer.Deserialize(data, GridJson.Readable.BackfillJobMessage)!).EnumerateAsync(Token).ToListAsync(Token))[^1].Data;
        Assert.Equal(JobStatus.Succeeded, ended.Status);
        Assert.True(ended.Report!.Written > 1_000);
    }

    [Fact]
    public async Task A_job_says_what_it_did_not_use_of_its_tables()
    {
        string folder = Directory.CreateTempSubdirectory("grid-notes-").FullName;
        foreach (string table in Directory.EnumerateFiles(demo.Folder, "*.csv*"))
            File.Copy(table, Path.Combine(folder, Path.GetFileName(table)));
        await File.AppendAllTextAsync(Path.Combine(folder, "profiles.csv"), "ISS_NOBODY,2024-03-28,makes nothing,,\n", Token);
        await using var server = await DemoServer.StartAsync(folder, new GridHttpOptions());
        using var http = DemoServer.ClientOf(server);
        await using var grid = await HttpGrid.OpenAsync(http.BaseAddress!, null, Token);
        var day = DateRange.On(new DateOnly(2024, 3, 28));
        var text = await grid.RunBackfillAsync(new TextBackfill { ModelId = "text-hash-v1", Dates = day }, null, Token);
        var note = Assert.Single(text.Notes);
        Assert.Equal(("profiles", 1), (note.Table, note.Count));
        Assert.Contains("ISS_NOBODY", note.Examples[0], StringComparison.Ordinal);
        // The server has read profiles, the job that follows has not.
        var joint = await grid.RunBackfillAsync(new NumericBackfill { ModelId = "num-regime-core-v2", Dates = day }, null, Token);
        Assert.Empty(joint.Notes);
        var jobs = (await DemoServer.SendAsync(http, HttpMethod.Get, "/v1/backfills"))["backfills"]!.AsArray();
        Assert.Equal(["profiles"], jobs.SelectMany(job => job!["report"]!["notes"]?.AsArray() ?? []).Select(told => (string)told!["table"]!));
    }

    private async Task<System.Text.Json.Nodes.JsonObject> EndOfAsync(string id)
    {
        using var stream = await demo.Http.GetStreamAsync($"/v1/backfills/{id}/events", Token);
        await foreach (var _ in SseParser.Create(stream).EnumerateAsync(Token))
        {
        }
        return await demo.GetAsync($"/v1/backfills/{id}");
    }
}
