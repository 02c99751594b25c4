using System.Globalization;
using System.Reflection;
using Npgsql;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Storage.Postgres.Schema;

/// <summary>
/// Brings the schema of a database to this version's by numbered SQL files, all in one transaction, so that it is done or not. Processes
/// that start at once queue at an advisory lock, and the second finds nothing to do.
/// </summary>
internal static class SchemaMigrator
{
    // "GRID" in ASCII; job locks take the same class with numbers from 1 on.
    internal const int LockClass = 0x47524944;
    private const int MigrationLock = 0;
    private const string NoticePrefix = "grid: ";

    /// <summary>The migrations of this version, ascending.</summary>
    private static readonly (int Version, string Name)[] s_migrations =
    [
        .. Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(name => char.IsAsciiDigit(name[0]))
            .Order(StringComparer.Ordinal)
            .Select(name => (int.Parse(name.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture), name)),
    ];

    /// <summary>The schema version that this program reads and writes.</summary>
    public static int CurrentVersion => s_migrations[^1].Version;

    /// <summary>Migrates, or with <paramref name="isDryRun"/> does the same and rolls it back.</summary>
    public static async Task<MigrationReport> MigrateAsync(NpgsqlConnection connection, bool isDryRun, CancellationToken cancellationToken)
    {
        var steps = new List<string>();
        void Note(object sender, NpgsqlNoticeEventArgs e)
        {
            if (e.Notice.MessageText.StartsWith(NoticePrefix, StringComparison.Ordinal))
                steps.Add(e.Notice.MessageText[NoticePrefix.Length..]);
        }

        connection.Notice += Note;
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await ExecuteAsync(connection, "SET LOCAL client_min_messages = notice", cancellationToken);
            await ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({LockClass}, {MigrationLock})", cancellationToken);
            var before = await SchemaObjects.ReadAsync(connection, cancellationToken);
            await ExecuteAsync(connection, VersionTable, cancellationToken);
            int from = await ReadVersionAsync(connection, cancellationToken);
            ThrowIfNewer(from);
            foreach ((int version, string name) in s_migrations.Where(migration => migration.Version > from))
            {
                await ExecuteAsync(connection, Read(name), cancellationToken);
                await ExecuteAsync(
                    connection,
                    string.Create(CultureInfo.InvariantCulture, $"INSERT INTO grid_schema_versions (version, name) VALUES ({version}, '{name}')"),
                    cancellationToken);
            }
            int adopted = await AdoptAsync(connection, cancellationToken);
            if (adopted > 0)
                steps.Add($"enter {adopted} partitions of vectors that others have written");
            var after = await SchemaObjects.ReadAsync(connection, cancellationToken);
            steps.InsertRange(0, after.Except(before).Order(StringComparer.Ordinal).Select(name => $"create {name}"));
            if (isDryRun)
                await transaction.RollbackAsync(cancellationToken);
            else
                await transaction.CommitAsync(cancellationToken);
            return new MigrationReport(from, CurrentVersion, steps);
        }
        finally
        {
            connection.Notice -= Note;
        }
    }

    /// <summary>Refuses a database whose schema is not this program's.</summary>
    /// <exception cref="GridFaultException">It was never migrated, or by an older or newer version.</exception>
    public static async Task CheckAsync(NpgsqlConnection connection, string server, CancellationToken cancellationToken)
    {
        await using var exists = new NpgsqlCommand("SELECT to_regclass('grid_schema_versions') IS NOT NULL", connection);
        int version = (bool)(await exists.ExecuteScalarAsync(cancellationToken))! ? await ReadVersionAsync(connection, cancellationToken) : 0;
        ThrowIfNewer(version);
        if (version < CurrentVersion)
        {
            throw new GridFaultException(version == 0
                ? $"Postgres {server} has no grid schema; `grid migrate` creates it, and opens a database of the seed"
                : $"the schema of Postgres {server} is version {version}, this grid needs {CurrentVersion}; `grid migrate` upgrades it");
        }
    }

    private const string VersionTable =
        "CREATE TABLE IF NOT EXISTS grid_schema_versions (version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())";

    private static async Task<int> ReadVersionAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT coalesce(max(version), 0) FROM grid_schema_versions", connection);
        return (int)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static void ThrowIfNewer(int version)
    {
        if (version > CurrentVersion)
            throw new GridFaultException($"the schema is version {version}, written by a newer grid; this one knows versions up to {CurrentVersion}");
    }

    private static async Task<int> AdoptAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        Math.Max(0, await ExecuteAsync(connection, Read("adopt.sql"), cancellationToken));

    private static async Task<int> ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        // Collapsing and indexing a large database takes as long as it takes.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
