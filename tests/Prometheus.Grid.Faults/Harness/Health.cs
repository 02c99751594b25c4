using System.Net;

namespace Prometheus.Grid.Faults.Harness;

/// <summary>The health of a silo as a load balancer sees it.</summary>
internal sealed class Health(Uri server) : IDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);
    private readonly HttpClient _http = new() { BaseAddress = server };

    /// <summary>Asks whether the process answers.</summary>
    public Task<HttpStatusCode> LiveAsync(CancellationToken cancellationToken) => AskAsync("/health/live", cancellationToken);

    /// <summary>Asks whether it can serve.</summary>
    public Task<HttpStatusCode> ReadyAsync(CancellationToken cancellationToken) => AskAsync("/health/ready", cancellationToken);

    /// <summary>Waits until readiness is so.</summary>
    public async Task UntilReadyIsAsync(HttpStatusCode status, CancellationToken cancellationToken)
    {
        while (await ReadyAsync(cancellationToken) != status)
            await Task.Delay(s_pause, cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpStatusCode> AskAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await _http.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
        return response.StatusCode;
    }
}
