using System.Net.ServerSentEvents;
using System.Text.Json;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Http;
using Prometheus.Grid.Http.Messages;
using Prometheus.Grid.Http.Translation;

namespace Prometheus.Grid.Client.Http;

/// <summary>A backfill as a job of the server: started under a name, watched through its events, and looked up where the events break off.</summary>
internal sealed class BackfillCall(ApiCalls calls, BackfillRequest request, BranchKind kind)
{
    private readonly string _id = Guid.NewGuid().ToString();

    private string Address => $"/v1/backfills/{_id}";

    public async Task<BackfillOutcome> RunAsync(IProgress<BackfillProgress>? progress, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            // The name makes a start that is sent twice one start.
            var job = await calls.SendAsync(
                HttpMethod.Post, "/v1/backfills", request.ToMessage(), GridJson.Readable.BackfillMessage, GridJson.Readable.BackfillJobMessage, cancellationToken, ("Idempotency-Key", _id));
            while (job.Status == JobStatus.Running)
            {
                await WatchAsync(progress, cancellationToken);
                job = await calls.GetAsync(Address, GridJson.Readable.BackfillJobMessage, cancellationToken);
            }
            return job switch
            {
                { Status: JobStatus.Succeeded, Report: { } report } => new BackfillOutcome(report.ToReport(request.ModelId, kind), report.ToNotes()),
                { Problem: { } problem } => throw problem.ToException(),
                _ => throw new GridFaultException($"backfill {_id} was cancelled by somebody else; what it committed stays"),
            };
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await CancelAsync();
            throw;
        }
    }

    /// <summary>Passes progress on until the job or the connection ends.</summary>
    private async Task WatchAsync(IProgress<BackfillProgress>? progress, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await calls.OpenAsync($"{Address}/events", cancellationToken);
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            BackfillProgressMessage? told = null;
            await foreach (var item in SseParser.Create(stream, (_, data) => JsonSerializer.Deserialize(data, GridJson.Readable.BackfillJobMessage)).EnumerateAsync(cancellationToken))
            {
                if (item.Data?.Progress is not { } latest || latest == told)
                    continue;
                told = latest;
                progress?.Report(latest.ToProgress(kind));
            }
        }
        catch (Exception error) when (error is HttpRequestException or IOException or GridFaultException { CanRetry: true })
        {
            // A connection that broke says nothing of the job: its caller looks it up, with all patience for a server that is away.
        }
    }

    /// <summary>Has the server end the job. One that cannot be told goes on to its end, which harms nothing.</summary>
    private async Task CancelAsync()
    {
        try
        {
            await calls.SendAsync(() => new HttpRequestMessage(HttpMethod.Delete, Address), GridJson.Readable.BackfillJobMessage, CancellationToken.None);
        }
        catch (GridException error) when (error.Kind != ErrorKind.BadInput)
        {
        }
    }
}
