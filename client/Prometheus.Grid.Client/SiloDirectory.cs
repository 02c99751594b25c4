using Npgsql;
using NpgsqlTypes;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Storage.Postgres.Connections;

namespace Prometheus.Grid.Client;

/// <summary>The database where silos write down that they are there. Asked by itself, it says in words what Orleans would try again for ever.</summary>
internal sealed class SiloDirectory
{
    private const string Gateways = "SELECT address, gateway_port FROM grid_silos WHERE cluster_id = @cluster AND status = 3 AND gateway_port > 0";

    private readonly string _clusterId;

    public SiloDirectory(string postgres, string clusterId)
    {
        var settings = ConnectionText.Read(postgres, "connection string of the cluster");
        ConnectionString = settings.ConnectionString;
        Name = ConnectionText.NameOf(settings);
        _clusterId = clusterId;
    }

    public string ConnectionString { get; }

    /// <summary>Server and database without credentials.</summary>
    public string Name { get; }

    /// <summary>Looks whether the database can be asked.</summary>
    /// <exception cref="GridException">It cannot; the message says what to correct.</exception>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            await GatewaysAsync(cancellationToken);
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException)
        {
            throw PostgresFault.From("cannot find the cluster", Name, error);
        }
    }

    /// <summary>Which silos the database names, as the rest of a sentence.</summary>
    public async Task<string> DescribeAsync(CancellationToken cancellationToken)
    {
        try
        {
            var gateways = await GatewaysAsync(cancellationToken);
            return gateways.Count == 0 ? ", which names none" : $", which names {string.Join(", ", gateways)}";
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException)
        {
            return $" ({error.Message})";
        }
    }

    private async Task<List<string>> GatewaysAsync(CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(Gateways, connection);
        command.Parameters.AddWithValue("cluster", NpgsqlDbType.Text, _clusterId);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var gateways = new List<string>();
        while (await rows.ReadAsync(cancellationToken))
            gateways.Add($"{rows.GetString(0)}:{rows.GetInt32(1)}");
        return gateways;
    }
}
