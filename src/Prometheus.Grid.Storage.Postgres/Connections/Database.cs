using Npgsql;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Storage.Postgres.Connections;

/// <summary>The pool of connections to one database, and what to do when one of them fails.</summary>
internal sealed class Database : IAsyncDisposable
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(1);
    private const int ReadBufferBytes = 1 << 16;

    private readonly NpgsqlDataSource _source;
    private readonly Retries _retries;

    public Database(string connectionString, PostgresOptions options)
    {
        // With a name: telemetry would call the pool by its connection string otherwise.
        _source = new NpgsqlDataSourceBuilder(Settings(connectionString, out string name)) { Name = "grid" }.Build();
        _retries = new Retries(options.RetryFor, s_firstPause, s_longestPause, (error, _) => PostgresFault.IsTransient(error), OnRetry);
        Clock = options.Clock;
        Fence = options.Fence;
        Name = name;
    }

    /// <summary>Server and database without credentials, for messages.</summary>
    public string Name { get; }

    /// <summary>The time source of the options.</summary>
    public TimeProvider? Clock { get; }

    /// <summary>The fence of the options.</summary>
    public IWriteFence? Fence { get; }

    /// <summary>Opens a connection from the pool; its faults are those of the driver.</summary>
    public ValueTask<NpgsqlConnection> ConnectAsync(CancellationToken cancellationToken) => _source.OpenConnectionAsync(cancellationToken);

    /// <summary>Runs <paramref name="work"/> on a connection of its own; see the other overload.</summary>
    public Task<T> RunAsync<T>(string doing, Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken) =>
        RunAsync(
            doing,
            async token =>
            {
                await using var connection = await ConnectAsync(token);
                return await work(connection, token);
            },
            cancellationToken);

    /// <summary>Runs <paramref name="work"/>, and again after a transient fault, until <see cref="PostgresOptions.RetryFor"/> is over.</summary>
    /// <param name="doing">What is being done, to begin the message of a fault.</param>
    /// <param name="work">The work; run twice it must have the effect of once, since a commit may have succeeded before the connection was lost.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <exception cref="GridException">The fault, in words that say what to do.</exception>
    public async Task<T> RunAsync<T>(string doing, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await _retries.RunAsync(work, cancellationToken);
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException)
        {
            throw PostgresFault.From(doing, Name, error);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private void OnRetry(Exception error)
    {
        // The idle connections of the pool went down with the same server.
        if (PostgresFault.IsConnectionLoss(error))
            _source.Clear();
    }

    /// <summary>Checks a connection string and adds what the grid needs of a connection.</summary>
    private static string Settings(string connectionString, out string name)
    {
        var settings = ConnectionText.Read(connectionString, "--postgres");
        if (!settings.ContainsKey("Application Name"))
            settings.ApplicationName = "prometheus-grid";
        // A half-open link shows nothing by itself; probes end it after a minute instead of the kernel's two hours.
        if (!settings.ContainsKey("TCP Keepalive"))
        {
            settings.TcpKeepAlive = true;
            settings.TcpKeepAliveTime = 30;
            settings.TcpKeepAliveInterval = 10;
        }
        // The server sends 8 kB at a time; a reader that takes what has come by then is woken less often, which costs both as much as the copying.
        if (!settings.ContainsKey("Read Buffer Size"))
            settings.ReadBufferSize = ReadBufferBytes;
        name = ConnectionText.NameOf(settings);
        return settings.ConnectionString;
    }
}
