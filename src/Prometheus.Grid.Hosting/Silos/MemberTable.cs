using System.Net;
using Npgsql;
using NpgsqlTypes;

namespace Prometheus.Grid.Hosting.Silos;

/// <summary>A line of the table of members.</summary>
/// <param name="Silo">Where others reach it.</param>
/// <param name="Generation">Which of the silos that ran there it is.</param>
/// <param name="Status">What it was last known to be.</param>
/// <param name="SignedAt">When it last signed the table, by its own clock: a mark to compare with an earlier one, and no time of ours.</param>
internal sealed record Member(IPEndPoint Silo, int Generation, SiloStatus Status, DateTime SignedAt);

/// <summary>The members of a cluster as its table has them, for a silo that is not one of them yet.</summary>
internal sealed class MemberTable(NpgsqlDataSource source, string clusterId)
{
    private const string Members = "SELECT address, port, generation, status, alive_at FROM grid_silos WHERE cluster_id = @cluster AND status <> @dead";

    // In the order in which Orleans takes them: the version of the cluster, then the silo.
    private const string Lock = "SELECT FROM grid_clusters WHERE cluster_id = @cluster FOR UPDATE";
    private const string Strike = """
        WITH struck AS (
            UPDATE grid_silos SET status = @dead
            WHERE cluster_id = @cluster AND address = @address AND port = @port AND generation = @generation AND status <> @dead AND alive_at = @signed
            RETURNING 1)
        UPDATE grid_clusters SET version = version + 1, changed_at = now() WHERE cluster_id = @cluster AND EXISTS (SELECT FROM struck)
        """;

    /// <summary>All members that are not known to be dead.</summary>
    public async Task<IReadOnlyList<Member>> ReadAsync(CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(Members);
        command.Parameters.AddWithValue("cluster", NpgsqlDbType.Text, clusterId);
        command.Parameters.AddWithValue("dead", NpgsqlDbType.Integer, (int)SiloStatus.Dead);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var members = new List<Member>();
        while (await rows.ReadAsync(cancellationToken))
            members.Add(new Member(new IPEndPoint(IPAddress.Parse(rows.GetString(0)), rows.GetInt32(1)), rows.GetInt32(2), (SiloStatus)rows.GetInt32(3), rows.GetDateTime(4)));
        return members;
    }

    /// <summary>Enters a member as dead unless it has signed since it was read.</summary>
    public async Task StrikeAsync(Member member, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var take = new NpgsqlCommand(Lock, connection, transaction))
        {
            take.Parameters.AddWithValue("cluster", NpgsqlDbType.Text, clusterId);
            await take.ExecuteNonQueryAsync(cancellationToken);
        }
        await using (var strike = new NpgsqlCommand(Strike, connection, transaction))
        {
            strike.Parameters.AddWithValue("cluster", NpgsqlDbType.Text, clusterId);
            strike.Parameters.AddWithValue("dead", NpgsqlDbType.Integer, (int)SiloStatus.Dead);
            strike.Parameters.AddWithValue("address", NpgsqlDbType.Text, member.Silo.Address.ToString());
            strike.Parameters.AddWithValue("port", NpgsqlDbType.Integer, member.Silo.Port);
            strike.Parameters.AddWithValue("generation", NpgsqlDbType.Integer, member.Generation);
            strike.Parameters.AddWithValue("signed", NpgsqlDbType.TimestampTz, member.SignedAt);
            await strike.ExecuteNonQueryAsync(cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
    }
}
