using System.Globalization;
using Npgsql;
using Prometheus.Grid.Core.Diagnosis;
using Prometheus.Grid.Storage.Postgres.Schema;

namespace Prometheus.Grid.Storage.Postgres.Diagnosis;

/// <summary>What an operator would look for in the database of a grid: versions, members, settings that put data at risk, room, and what stands in the way.</summary>
internal static class PostgresDiagnosis
{
    private const int OldestServer = 150_000, ConnectionsOfMember = 20;

    private const string Server = """
        SELECT current_setting('server_version_num')::integer, current_setting('server_version'), pg_is_in_recovery(), clock_timestamp(),
            pg_database_size(current_database()), current_setting('max_connections')::integer, (SELECT count(*)::integer FROM pg_stat_activity WHERE backend_type = 'client backend'),
            coalesce((SELECT rolsuper FROM pg_roles WHERE rolname = current_user), false), coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false),
            coalesce(inet_server_addr() IS NULL OR inet_server_addr() = inet_client_addr(), true), current_user::text,
            coalesce((SELECT extract(epoch FROM max(now() - xact_start))::integer FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()), 0)
        """;

    private const string Members = """
        SELECT cluster_id, address, port, host_name, extract(epoch FROM now() - alive_at)::integer, extract(epoch FROM now() - started_at)::integer
        FROM grid_silos WHERE status = 3 ORDER BY cluster_id, address, port
        """;

    /// <summary>Settings that a grid should not run with, by the value that is wrong.</summary>
    private static readonly (string Name, string Wrong, FindingState State, string Why)[] s_settings =
    [
        ("fsync", "off", FindingState.Fault, "a crash of the machine breaks the database"),
        ("full_page_writes", "off", FindingState.Fault, "a crash of the machine breaks the database"),
        ("synchronous_commit", "off", FindingState.Fault, "what was acknowledged a moment before a crash is lost"),
        ("autovacuum", "off", FindingState.Warning, "what updates leave behind is never given back, and plans go wrong"),
        ("data_checksums", "off", FindingState.Warning, "Postgres does not see bytes that flip on its disk; rows of vectors have checksums of the grid's own"),
        ("default_transaction_read_only", "on", FindingState.Fault, "nothing can be written"),
    ];

    public static async Task<IReadOnlyList<Finding>> ExamineAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        int most;
        var before = TimeProvider.System.GetUtcNow();
        await using (var command = new NpgsqlCommand(Server, connection))
        await using (var row = await command.ExecuteReaderAsync(cancellationToken))
        {
            await row.ReadAsync(cancellationToken);
            var theirs = await row.GetFieldValueAsync<DateTimeOffset>(3, cancellationToken);
            findings.Add(Version(row.GetInt32(0), row.GetString(1)));
            findings.Add(new Finding("schema", FindingState.Ok, Invariant($"version {SchemaMigrator.CurrentVersion}, that of this program")));
            findings.Add(row.GetBoolean(2)
                ? new Finding("primary", FindingState.Fault, "it is a standby, which takes no writes", "name the primary in the connection string")
                : new Finding("primary", FindingState.Ok, "it takes writes"));
            findings.Add(StoreDiagnosis.Clock("Postgres", before, theirs, TimeProvider.System.GetUtcNow()));
            findings.Add(new Finding("size", FindingState.Ok, Invariant($"{row.GetInt64(4) >> 20} MB; how much its disk has left only its machine can say")));
            most = row.GetInt32(5);
            findings.Add(Connections(row.GetInt32(6), most));
            if (row.GetBoolean(7))
                findings.Add(new Finding("account", FindingState.Warning, $"{row.GetString(10)} is a superuser", "give the grid an account that owns its tables and nothing else"));
            if (!row.GetBoolean(8) && !row.GetBoolean(9))
                findings.Add(new Finding("encryption", FindingState.Warning, "this connection goes over the network unencrypted", "SSL Mode=VerifyFull in the connection string"));
            if (row.GetInt32(11) > 3600)
                findings.Add(new Finding("transactions", FindingState.Warning, Invariant($"one is open for {row.GetInt32(11) / 60} minutes, and nothing that it may still see is cleaned up"), "look for it in pg_stat_activity"));
        }
        findings.AddRange(await SettingsAsync(connection, cancellationToken));
        var members = await MembersAsync(connection, cancellationToken);
        findings.AddRange(members);
        if (members.Count * ConnectionsOfMember > most)
        {
            findings.Add(new Finding(
                "connections", FindingState.Warning, Invariant($"{members.Count} members may take {ConnectionsOfMember} each, and max_connections is {most}"),
                "raise max_connections, or set Maximum Pool Size in the members' connection string"));
        }
        return findings;
    }

    private static Finding Version(int number, string name) => number < OldestServer
        ? new Finding("Postgres", FindingState.Fault, name, "Postgres 15 or later")
        : new Finding("Postgres", FindingState.Ok, name);

    private static Finding Connections(int used, int most) => used > most * 9 / 10
        ? new Finding("connections", FindingState.Warning, Invariant($"{used} of {most} in use"), "raise max_connections, or have clients keep fewer")
        : new Finding("connections", FindingState.Ok, Invariant($"{used} of {most} in use"));

    private static async Task<IReadOnlyList<Finding>> SettingsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        await using var command = new NpgsqlCommand("SELECT name, setting FROM pg_settings WHERE name = ANY(@names)", connection);
        command.Parameters.AddWithValue("names", (string[])[.. s_settings.Select(setting => setting.Name)]);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            var (name, value) = (rows.GetString(0), rows.GetString(1));
            var known = s_settings.Single(setting => setting.Name == name);
            if (value == known.Wrong)
                findings.Add(new Finding($"setting {name}", known.State, $"{value}: {known.Why}", known.Wrong == "off" ? $"{name} = on" : $"{name} = off"));
        }
        if (findings.Count == 0)
            findings.Add(new Finding("settings", FindingState.Ok, "none of Postgres' puts data at risk"));
        return findings;
    }

    private static async Task<IReadOnlyList<Finding>> MembersAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // Members say every ten seconds that they are alive.
        const int LongSilence = 60;
        var findings = new List<Finding>();
        await using var command = new NpgsqlCommand(Members, connection);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            string who = Invariant($"member {rows.GetString(1)}:{rows.GetInt32(2)}");
            int silent = rows.GetInt32(4);
            string detail = Invariant($"of cluster '{rows.GetString(0)}' on {rows.GetString(3)}, started {rows.GetInt32(5)} s ago, heard of {silent} s ago");
            findings.Add(silent > LongSilence
                ? new Finding(who, FindingState.Warning, detail, "if it is gone, members that start or probe it will find out; if it stands still, end it")
                : new Finding(who, FindingState.Ok, detail));
        }
        if (findings.Count == 0)
            findings.Add(new Finding("members", FindingState.Ok, "none is active; commands work on the database without any"));
        return findings;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
