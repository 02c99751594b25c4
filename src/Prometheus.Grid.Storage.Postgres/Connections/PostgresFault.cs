using System.Net.Sockets;
using Npgsql;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Storage.Postgres.Connections;

/// <summary>Tells the faults of a server apart, and says each in words that tell the user what to do.</summary>
internal static class PostgresFault
{
    /// <summary>True when the same work may succeed in a moment without anybody doing anything.</summary>
    public static bool IsTransient(Exception error) => IsConnectionLoss(error) || error is PostgresException
    {
        SqlState: PostgresErrorCodes.DeadlockDetected
            or PostgresErrorCodes.SerializationFailure
            or PostgresErrorCodes.TooManyConnections
    };

    /// <summary>True when the connection is gone or was never made; whether work in it was committed is unknown.</summary>
    public static bool IsConnectionLoss(Exception error) => error switch
    {
        PostgresException { SqlState: var state } => state
            is PostgresErrorCodes.AdminShutdown
            or PostgresErrorCodes.CrashShutdown
            or PostgresErrorCodes.CannotConnectNow
            || state.StartsWith("08", StringComparison.Ordinal),
        NpgsqlException { InnerException: TimeoutException } => false,
        NpgsqlException { InnerException: SocketException or IOException } => true,
        // "Exception while reading from stream" and kin: the driver marks what broke the wire as transient.
        NpgsqlException { IsTransient: true } => true,
        _ => false,
    };

    /// <summary>The error to report.</summary>
    /// <param name="doing">What was being done.</param>
    /// <param name="server">Server and database.</param>
    /// <param name="error">What the driver threw.</param>
    public static GridException From(string doing, string server, Exception error)
    {
        GridFaultException Fault(string message, bool canRetry) => new($"{doing}: {message}", canRetry, error);
        return error switch
        {
            PostgresException fault => From(doing, server, fault),
            TimeoutException or NpgsqlException { InnerException: TimeoutException } => Fault(
                $"no answer from Postgres {server} in time; it is overloaded, waits for a lock, or the network is cut. Command Timeout in the connection string sets the time", true),
            _ when IsConnectionLoss(error) => Fault($"no connection to Postgres {server} ({Innermost(error)}); start the server or correct the connection string", true),
            _ => Fault(error.Message, false),
        };
    }

    private static GridException From(string doing, string server, PostgresException error)
    {
        GridFaultException Fault(string message, bool canRetry) => new($"{doing}: {message}", canRetry, error);
        return error.SqlState switch
        {
            _ when IsConnectionLoss(error) => Fault($"Postgres {server} ended the connection ({error.MessageText}); what was committed is kept", true),
            PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure => Fault(
                $"Postgres {server} chose this transaction to end a deadlock; run the command again", true),
            PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.LockNotAvailable => Fault(
                $"Postgres {server} ended the statement after its time limit (statement_timeout or lock_timeout)", true),
            PostgresErrorCodes.DiskFull => Fault(
                $"the disk of Postgres {server} is full; free space and run the command again, committed work is kept", true),
            PostgresErrorCodes.ReadOnlySqlTransaction => Fault(
                $"Postgres {server} is read-only: a standby, or default_transaction_read_only is on; name the primary in the connection string", false),
            PostgresErrorCodes.TooManyConnections => Fault(
                $"Postgres {server} has no free connection; raise max_connections or lower Maximum Pool Size in the connection string", true),
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => Fault(
                $"Postgres {server} refuses the user ({error.MessageText}); correct user and password in the connection string", false),
            PostgresErrorCodes.InvalidCatalogName => Fault($"{error.MessageText} at Postgres {server}; create it, or correct the connection string", false),
            PostgresErrorCodes.InsufficientPrivilege => Fault($"Postgres {server} forbids it ({error.MessageText}); grant it to the user", false),
            PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn or PostgresErrorCodes.UndefinedFunction => Fault(
                $"the schema of Postgres {server} is not as `grid migrate` leaves it ({error.MessageText})", false),
            PostgresErrorCodes.StringDataRightTruncation => new BadInputException(
                "id", error.MessageText, "an id as long as its column", error),
            PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.UntranslatableCharacter => new BadInputException(
                "text", error.MessageText, "UTF-8 text without zero characters", error),
            _ => Fault($"Postgres {server}: {error.MessageText} ({error.SqlState})", false),
        };
    }

    private static string Innermost(Exception error)
    {
        while (error.InnerException is { } inner)
            error = inner;
        return error.Message;
    }
}
