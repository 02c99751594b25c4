using Npgsql;

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

    /// <summary>
    /// Asked in every transaction that publishes rows, once it holds the lock of their partition; throws to refuse. A process that stood still
    /// until others took it for dead learns of it here, before it overwrites what they wrote since. Null asks nothing.
    /// </summary>
    public Func<NpgsqlConnection, CancellationToken, Task>? MayWrite { get; init; }
}
