namespace Prometheus.Grid.Storage.Postgres;

/// <summary>How a <see cref="PostgresStore"/> behaves beyond its connection string.</summary>
public sealed record PostgresOptions
{
    /// <summary>
    /// For how long a call that met a transient fault (lost connection, deadlock, server starting) is tried again before it fails. Long
    /// enough by default for a server to restart and recover.
    /// </summary>
    public TimeSpan RetryFor { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gives the time at which rows become known; null takes the server's clock, the one that all processes share.</summary>
    public TimeProvider? Clock { get; init; }

    /// <summary>Asked before rows are published; null asks nothing.</summary>
    public IWriteFence? Fence { get; init; }
}
