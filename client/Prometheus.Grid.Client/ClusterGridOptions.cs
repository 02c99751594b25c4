namespace Prometheus.Grid.Client;

/// <summary>How long a client of a cluster tries.</summary>
public sealed record ClusterGridOptions
{
    /// <summary>
    /// For how long a call is tried again after a fault that a retry can help. Longer by default than a cluster takes to notice that a
    /// silo is gone.
    /// </summary>
    public TimeSpan RetryFor { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The pause before the second attempt; it doubles up to <see cref="LongestPause"/>.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest pause between attempts, and between two looks at a backfill.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(1);
}
