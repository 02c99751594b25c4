using Npgsql;
using NpgsqlTypes;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Storage.Postgres;

namespace Prometheus.Grid.Hosting.Silos;

/// <summary>
/// Keeps a silo that its cluster took for dead from writing. It may have stood still for a minute, with a put half done that a client has long
/// made again elsewhere, and newer ones after it: what it still has to write is out of date, and the table of members says so.
/// </summary>
internal sealed class WriteFence(string clusterId) : IWriteFence
{
    private const string IsAlive = """
        SELECT EXISTS (
            SELECT FROM grid_silos
            WHERE cluster_id = @cluster AND address = @address AND port = @port AND generation = @generation AND status <> @dead)
        """;

    /// <summary>Who this silo is; null before it joins, when it has nothing to write.</summary>
    public ILocalSiloDetails? Silo { get; set; }

    public NpgsqlBatchCommand? Question()
    {
        if (Silo?.SiloAddress is not { } silo)
            return null;
        var question = new NpgsqlBatchCommand(IsAlive);
        question.Parameters.AddWithValue("cluster", NpgsqlDbType.Text, clusterId);
        question.Parameters.AddWithValue("address", NpgsqlDbType.Text, silo.Endpoint.Address.ToString());
        question.Parameters.AddWithValue("port", NpgsqlDbType.Integer, silo.Endpoint.Port);
        question.Parameters.AddWithValue("generation", NpgsqlDbType.Integer, silo.Generation);
        question.Parameters.AddWithValue("dead", NpgsqlDbType.Integer, (int)SiloStatus.Dead);
        return question;
    }

    public GridFaultException Refusal() => new($"silo {Silo?.SiloAddress} was taken for dead by its cluster and writes no more", canRetry: true);
}
