using Npgsql;

namespace Prometheus.Grid.Hosting.Silos;

/// <summary>Connections to Postgres for what Orleans keeps there: the table of members and the state of grains.</summary>
internal static class MemberPool
{
    /// <summary>Opens a pool with a name: telemetry would call it by its connection string otherwise.</summary>
    public static NpgsqlDataSource Open(string connectionString) => new NpgsqlDataSourceBuilder(connectionString) { Name = "orleans" }.Build();
}
