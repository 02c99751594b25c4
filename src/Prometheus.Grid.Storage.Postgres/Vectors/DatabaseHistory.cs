using Npgsql;
using Prometheus.Grid.Storage.Postgres.Connections;

namespace Prometheus.Grid.Storage.Postgres.Vectors;

/// <summary>
/// Names a database: the identity of its server's data, and its number there. A copy of the files has the same name; whether a version is one of its past, the log
/// of changes says.
/// </summary>
internal static class DatabaseHistory
{
    private const string Name = "SELECT (SELECT system_identifier FROM pg_control_system()) || '-' || (SELECT oid FROM pg_database WHERE datname = current_database())";

    public static Task<string> ReadAsync(Database database, CancellationToken cancellationToken) => database.RunAsync(
        "cannot tell which database this is",
        async (connection, token) =>
        {
            await using var command = new NpgsqlCommand(Name, connection);
            return (string)(await command.ExecuteScalarAsync(token))!;
        },
        cancellationToken);
}
