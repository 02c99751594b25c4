using Npgsql;
using NpgsqlTypes;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Silo;

/// <summary>
/// Keeps a silo that its cluster took for dead from writing. It may have stood still for a minute, with a put half done that a client has long
/// made again elsewhere, and newer ones after it: what it still has to write is out of date, and the table of members says so.
/// </summary>
internal sealed class WriteFence(string clusterId)
{
    /// <summary>Who this silo is; null before it joins, when it has nothing to write.</summary>
    public ILocalSiloDetails? Silo { get; set; }

    /// <summary>Refuses when this silo is dead to the others.</summary>
    /// <exception cref="GridFaultException">It is; another silo can do what is asked.</exception>
    public async Task CheckAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (Silo?.SiloAddress is not { } silo)
            return;
        await using var command = new NpgsqlCommand(
            "SELECT EXISTS (SELECT FROM grid_silos WHERE cluster_id = @cluster AND address = @address AND port = @port AND generation = @generation AND status <> @dead)",
            connection);
        command.Parameters.AddWithValue("cluster", NpgsqlDbType.Text, clusterId);
        command.Parameters.AddWithValue("address", NpgsqlDbType.Text, silo.Endpoint.Address.ToString());
        command.Parameters.AddWithValue("port", NpgsqlDbType.Integer, silo.Endpoint.Port);
        command.Parameters.AddWithValue("generation", NpgsqlDbType.Integer, silo.Generation);
        command.Parameters.AddWithValue("dead", NpgsqlDbType.Integer, (int)SiloStatus.Dead);
        if (!(bool)(await command.ExecuteScalarAsync(cancellationToken))!)
            throw new GridFaultException($"silo {silo} was taken for dead by its cluster and writes no more", canRetry: true);
    }
}
