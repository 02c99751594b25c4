using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Prometheus.Grid.Http.Messages;

namespace Prometheus.Grid.Http.Endpoints;

/// <summary>
/// A job as server-sent events, with a comment every 15 s: what stands between server and reader takes a connection that is silent for long as dead, and
/// only a write tells the server that its reader has gone.
/// </summary>
/// <param name="jobs">The job, each time that it has moved; ends with it.</param>
/// <param name="time">The clock of the comments.</param>
internal sealed class BackfillEvents(IAsyncEnumerable<BackfillJobMessage> jobs, TimeProvider time) : IResult
{
    public const string ContentType = "text/event-stream", EventType = "backfill";

    /// <summary>What proxies take for silence is 30 s and more.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    private static readonly byte[] s_comment = ": still here\n\n"u8.ToArray();

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-cache,no-store";
        // Gathered until there is something worth compressing, an event would come late.
        response.Headers.ContentEncoding = "identity";
        httpContext.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted);
        using var beats = new PeriodicTimer(Heartbeat, time);
        await using var moves = jobs.GetAsyncEnumerator(ends.Token);
        var next = moves.MoveNextAsync().AsTask();
        var beat = beats.WaitForNextTickAsync(ends.Token).AsTask();
        try
        {
            while (true)
            {
                await Task.WhenAny(next, beat);
                if (next.IsCompleted)
                {
                    if (!await next)
                        return;
                    await response.Body.WriteAsync(Event(moves.Current), ends.Token);
                    next = moves.MoveNextAsync().AsTask();
                }
                else
                {
                    await beat;
                    await response.Body.WriteAsync(s_comment, ends.Token);
                    beat = beats.WaitForNextTickAsync(ends.Token).AsTask();
                }
                await response.Body.FlushAsync(ends.Token);
            }
        }
        finally
        {
            // The enumerator may not be left while it moves.
            await ends.CancelAsync();
            await ((Task)Task.WhenAll(next, beat)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static byte[] Event(BackfillJobMessage job) =>
        Encoding.UTF8.GetBytes($"event: {EventType}\ndata: {JsonSerializer.Serialize(job, GridJson.Readable.BackfillJobMessage)}\n\n");
}
