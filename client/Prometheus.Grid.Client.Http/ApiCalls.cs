using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Http;
using Prometheus.Grid.Http.Translation;
using Prometheus.Grid.Storage.Postgres.Connections;

namespace Prometheus.Grid.Client.Http;

/// <summary>
/// Makes requests and makes them again where that can help. Every request of the API may be made twice with the effect of once: puts name what they put,
/// and the start of a backfill carries a name of its own. Nothing but the grid's errors gets out.
/// </summary>
internal sealed class ApiCalls : IDisposable
{
    private const string ProblemType = "application/problem+json";
    private readonly HttpClient _http;
    private readonly Retries _retries;

    public ApiCalls(Uri server, HttpGridOptions options)
    {
        _http = new HttpClient(options.Handler ?? new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.All, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
        {
            BaseAddress = server,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (options.ApiKey is not null)
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.ApiKey);
        _retries = new Retries(options.RetryFor, options.FirstPause, options.LongestPause, (error, _) => error is GridFaultException { CanRetry: true } || IsOfConnection(error));
    }

    /// <summary>Asks.</summary>
    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(() => new HttpRequestMessage(HttpMethod.Get, path), type, cancellationToken);

    /// <summary>Sends a message and reads the answer.</summary>
    public Task<TAnswer> SendAsync<TMessage, TAnswer>(
        HttpMethod method, string path, TMessage message, JsonTypeInfo<TMessage> messageType, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken,
        params (string Name, string Value)[] headers)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(message, messageType);
        return SendAsync(
            () =>
            {
                var request = new HttpRequestMessage(method, path) { Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } } };
                foreach (var (name, value) in headers)
                    request.Headers.Add(name, value);
                return request;
            },
            answerType,
            cancellationToken);
    }

    /// <summary>Sends a request without a body and reads the answer.</summary>
    public Task<T> SendAsync<T>(Func<HttpRequestMessage> request, JsonTypeInfo<T> type, CancellationToken cancellationToken) => RunAsync(
        request,
        async (response, token) =>
        {
            using var stream = await response.Content.ReadAsStreamAsync(token);
            return await JsonSerializer.DeserializeAsync(stream, type, token) ?? throw new GridFaultException($"{Describe(response)} answered null");
        },
        cancellationToken);

    /// <summary>The body of an answer as text.</summary>
    public Task<string> GetTextAsync(string path, CancellationToken cancellationToken) =>
        RunAsync(() => new HttpRequestMessage(HttpMethod.Get, path), (response, token) => response.Content.ReadAsStringAsync(token), cancellationToken);

    /// <summary>A stream that goes on as long as it is read; errors within it are the reader's.</summary>
    public async Task<HttpResponseMessage> OpenAsync(string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await CheckAsync(response, cancellationToken);
        return response;
    }

    public void Dispose() => _http.Dispose();

    private async Task<T> RunAsync<T>(Func<HttpRequestMessage> make, Func<HttpResponseMessage, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await _retries.RunAsync(
                async token =>
                {
                    using var request = make();
                    using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token);
                    await CheckAsync(response, token);
                    return await read(response, token);
                },
                cancellationToken);
        }
        catch (Exception error) when (IsOfConnection(error))
        {
            throw new GridFaultException($"no answer from {_http.BaseAddress}: {error.Message}", canRetry: true, error);
        }
        catch (JsonException error)
        {
            throw new GridFaultException($"{_http.BaseAddress} answers with something else than this API: {error.Message}", innerException: error);
        }
    }

    private static async Task CheckAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
            return;
        if (response.Content.Headers.ContentType?.MediaType != ProblemType)
            throw new GridFaultException($"{Describe(response)} answered {(int)response.StatusCode} {response.ReasonPhrase}", (int)response.StatusCode is 429 or 502 or 503 or 504);
        using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var problem = await JsonSerializer.DeserializeAsync(stream, GridJson.Readable.ProblemMessage, cancellationToken);
        throw problem!.ToException();
    }

    private static string Describe(HttpResponseMessage response) => $"{response.RequestMessage?.Method} {response.RequestMessage?.RequestUri}";

    private static bool IsOfConnection(Exception error) => error is HttpRequestException or IOException;
}
