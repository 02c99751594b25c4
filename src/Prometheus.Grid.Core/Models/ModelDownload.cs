using System.Net;
using System.Net.Http.Headers;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Core.Models;

/// <summary>Brings a partial file up to what its server has, from where an earlier download stopped.</summary>
internal sealed class ModelDownload(HttpClient client, TimeSpan stallLimit, ModelManifest model, ModelFile file)
{
    private static readonly HttpStatusCode[] s_passing =
        [HttpStatusCode.RequestTimeout, HttpStatusCode.TooManyRequests, HttpStatusCode.BadGateway, HttpStatusCode.ServiceUnavailable, HttpStatusCode.GatewayTimeout];

    /// <exception cref="GridFaultException">The server cannot be reached, refuses, or stops in the middle; what has arrived is kept.</exception>
    public async Task RunAsync(PartialFile partial, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        if (partial.Length > file.Size)
            partial.Restart();
        if (partial.Length == file.Size)
            return;
        using var stalled = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var response = await AskAsync(partial.Length, stalled.Token, cancellationToken);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            partial.Restart();
            await RunAsync(partial, progress, cancellationToken);
            return;
        }
        if (!response.IsSuccessStatusCode)
        {
            throw new GridFaultException(
                $"{file.Url} answers {(int)response.StatusCode} {response.ReasonPhrase}; {Elsewhere}", canRetry: s_passing.Contains(response.StatusCode));
        }
        // A server that does not know ranges begins again.
        if (response.StatusCode != HttpStatusCode.PartialContent || response.Content.Headers.ContentRange?.From != partial.Length)
            partial.Restart();

        long expected = response.Content.Headers.ContentLength is { } rest ? partial.Length + rest : file.Size;
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(stalled.Token);
            await partial.AppendAsync(new Watched(body, stalled, stallLimit), progress, stalled.Token);
        }
        catch (Exception error) when (error is IOException or HttpRequestException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Interrupted(partial, error is OperationCanceledException ? $"nothing came for {stallLimit.TotalSeconds} s" : error.Message, error);
        }
        // What is longer than the file is not read to its end, and refused by its size.
        if (partial.Length < Math.Min(expected, file.Size))
            throw Interrupted(partial, "the server ended it", null);
    }

    private string Elsewhere =>
        $"where there is no way to it, fetch {file.Url} elsewhere and install it with grid models pull {model.ModelId} --from FILE";

    private async Task<HttpResponseMessage> AskAsync(long from, CancellationToken stalled, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, file.Url);
        if (from > 0)
            request.Headers.Range = new RangeHeaderValue(from, null);
        try
        {
            return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stalled);
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new GridFaultException($"no connection to {new Uri(file.Url!).Host}: {error.Message}; {Elsewhere}", canRetry: true, error);
        }
    }

    private GridFaultException Interrupted(PartialFile partial, string why, Exception? error) =>
        new($"the download of {file.Url} was interrupted after {partial.Length} of {file.Size} bytes: {why}; the same command goes on from there", canRetry: true, error);

    /// <summary>A stream whose every read has the same time to bring something.</summary>
    private sealed class Watched(Stream inner, CancellationTokenSource stalled, TimeSpan limit) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            stalled.CancelAfter(limit);
            int read = await inner.ReadAsync(buffer, cancellationToken);
            stalled.CancelAfter(Timeout.InfiniteTimeSpan);
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
