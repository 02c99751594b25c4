using System.Net;
using System.Net.Http.Headers;
using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Models;

/// <summary>Brings a partial file up to what its server has, from where an earlier download stopped.</summary>
internal sealed class Download(HttpClient client, PullOptions options, ModelFile file)
{
    private static readonly HttpStatusCode[] s_passing =
        [HttpStatusCode.RequestTimeout, HttpStatusCode.TooManyRequests, HttpStatusCode.BadGateway, HttpStatusCode.ServiceUnavailable, HttpStatusCode.GatewayTimeout];

    /// <exception cref="SourceException">The server cannot be reached, refuses, or stops in the middle; what has arrived is kept.</exception>
    public async Task RunAsync(PartialFile partial, IProgress<double> progress, CancellationToken cancellationToken)
    {
        if (partial.Length > file.Size)
            partial.Restart();
        if (partial.Length == file.Size)
            return;
        using var stalled = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var response = await AskAsync(partial.Length, stalled, cancellationToken);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            partial.Restart();
            await RunAsync(partial, progress, cancellationToken);
            return;
        }
        if (!response.IsSuccessStatusCode)
        {
            throw new SourceException(
                $"{file.Url} answers {(int)response.StatusCode} {response.ReasonPhrase}", canRetry: s_passing.Contains(response.StatusCode));
        }
        // A server that does not know ranges begins again.
        if (response.StatusCode != HttpStatusCode.PartialContent || response.Content.Headers.ContentRange?.From != partial.Length)
            partial.Restart();

        long expected = response.Content.Headers.ContentLength is { } rest ? partial.Length + rest : file.Size;
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(stalled.Token);
            await partial.AppendAsync(new Watched(body, stalled, options.StallLimit), progress, stalled.Token);
        }
        catch (Exception error) when (error is IOException or HttpRequestException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Interrupted(partial, error is OperationCanceledException ? $"nothing came for {options.StallLimit.TotalSeconds} s" : error.Message, error);
        }
        // What is longer than the file is not read to its end, and refused by its size.
        if (partial.Length < Math.Min(expected, file.Size))
            throw Interrupted(partial, "the server ended it", null);
    }

    private async Task<HttpResponseMessage> AskAsync(long from, CancellationTokenSource stalled, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, file.Url);
        if (from > 0)
            request.Headers.Range = new RangeHeaderValue(from, null);
        try
        {
            stalled.CancelAfter(options.AnswerLimit);
            var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stalled.Token);
            stalled.CancelAfter(Timeout.InfiniteTimeSpan);
            return response;
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            string why = error is OperationCanceledException ? $"no answer within {options.AnswerLimit.TotalSeconds} s" : error.Message;
            throw new SourceException($"no connection to {new Uri(file.Url!).Host}: {why}", canRetry: true, error);
        }
    }

    private SourceException Interrupted(PartialFile partial, string why, Exception? error) =>
        new($"the download of {file.Url} was interrupted after {partial.Length} of {file.Size} bytes: {why}; the same command goes on from there", canRetry: true, error);
}
