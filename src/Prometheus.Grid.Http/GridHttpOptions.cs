using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Http;

/// <summary>What a server allows.</summary>
public sealed record GridHttpOptions
{
    /// <summary>False for a member that answers health checks alone, and leaves the API and the page to others.</summary>
    public bool Serve { get; init; } = true;

    /// <summary>The file of hashed keys (<see cref="Security.ApiKeys"/>); null lets anyone in who reaches the server from this machine.</summary>
    public string? ApiKeyFile { get; init; }

    /// <summary>Origins of pages elsewhere that may call the API, such as <c>https://desk.example.com</c>; none unless named.</summary>
    public IReadOnlyList<string> CorsOrigins { get; init; } = [];

    /// <summary>Bytes of a request's body; a larger one is refused with 413.</summary>
    public long MaxBodyBytes { get; init; } = 16 << 20;

    /// <summary>Searches in one request; more are refused with 422.</summary>
    public int MaxSearches { get; init; } = 1_000;

    /// <summary>Neighbours that a search may ask for, its k times the searches of the request; more are refused with 422.</summary>
    public int MaxHits { get; init; } = 100_000;

    /// <summary>Rows of a page; more are refused with 422.</summary>
    public int MaxPage { get; init; } = 10_000;

    /// <summary>Searches that run at once; others wait.</summary>
    public int ConcurrentSearches { get; init; } = 8 * Environment.ProcessorCount;

    /// <summary>
    /// Searches that wait; with one more, that which has waited longest is refused with 503. Few by default for each that runs: whoever is served has waited
    /// no longer than a few searches take.
    /// </summary>
    public int WaitingSearches { get; init; } = 32 * Environment.ProcessorCount;

    /// <summary>Maps, evaluations and other questions about whole dates that run at once.</summary>
    public int ConcurrentStudies { get; init; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>Those that wait; one more is refused with 503.</summary>
    public int WaitingStudies { get; init; } = 8;

    /// <summary>Requests a second that one key may make over time; more are refused with 429. Null for any number.</summary>
    public int? RequestsPerSecond { get; init; }

    /// <summary>How long a request may take unless it says less in the header <c>Grid-Timeout</c> (seconds).</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The same for maps, evaluations and histories.</summary>
    public TimeSpan StudyDeadline { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Refuses settings that no server can run with, before anything is started.</summary>
    /// <returns>These settings.</returns>
    /// <exception cref="BadInputException">One cannot be used; it is named.</exception>
    public GridHttpOptions Checked()
    {
        Check(nameof(MaxBodyBytes), MaxBodyBytes, 1);
        Check(nameof(MaxSearches), MaxSearches, 1);
        Check(nameof(MaxHits), MaxHits, 1);
        Check(nameof(MaxPage), MaxPage, 1);
        Check(nameof(ConcurrentSearches), ConcurrentSearches, 1);
        Check(nameof(WaitingSearches), WaitingSearches, 0);
        Check(nameof(ConcurrentStudies), ConcurrentStudies, 1);
        Check(nameof(WaitingStudies), WaitingStudies, 0);
        Check(nameof(RequestsPerSecond), RequestsPerSecond ?? 1, 1);
        Check(nameof(Deadline), (long)Deadline.TotalMilliseconds, 1);
        Check(nameof(StudyDeadline), (long)StudyDeadline.TotalMilliseconds, 1);
        return this;

        static void Check(string name, long value, long least)
        {
            if (value < least)
                throw new BadInputException($"Http:{name}", value, $"{least} or more");
        }
    }
}
