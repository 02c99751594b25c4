namespace Prometheus.Grid.Client.Http;

/// <summary>How a client reaches a server, and how long it tries.</summary>
public sealed record HttpGridOptions
{
    /// <summary>The key, where the server asks for one.</summary>
    public string? ApiKey { get; init; }

    /// <summary>For how long a call is made again after an error that a retry can help.</summary>
    public TimeSpan RetryFor { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The pause before the second attempt; it doubles, with a random part, up to <see cref="LongestPause"/>.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest pause between attempts.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Rows in a page of a listing, at least 1.</summary>
    public int PageSize { get; init; } = 1_000;

    /// <summary>Sends the requests in place of a handler of the client's own, which keeps and reuses connections; disposed with the grid.</summary>
    public HttpMessageHandler? Handler { get; init; }
}
