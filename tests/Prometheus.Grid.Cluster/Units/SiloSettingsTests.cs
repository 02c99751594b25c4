using Npgsql;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Hosting.Silos;

namespace Prometheus.Grid.Cluster.Units;

public sealed class SiloSettingsTests
{
    [Fact]
    public void A_silo_leaves_connections_to_others_and_lets_the_server_end_its_frozen_transactions()
    {
        var connection = new NpgsqlConnectionStringBuilder(new SiloSettings { Postgres = "Host=db;Username=grid;Options=-c work_mem=8MB" }.PostgresConnection);
        Assert.Equal((20, "-c work_mem=8MB -c idle_in_transaction_session_timeout=10s"), (connection.MaxPoolSize, connection.Options));
        Assert.Equal(7, new NpgsqlConnectionStringBuilder(new SiloSettings { Postgres = "Host=db;Maximum Pool Size=7" }.PostgresConnection).MaxPoolSize);
    }

    [Fact]
    public void A_password_in_an_unreadable_connection_string_is_not_repeated()
    {
        var error = Assert.Throws<BadInputException>(() => new SiloSettings { Postgres = "Host=db;Pasword=secret" }.PostgresConnection);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 2, 1024, "Grid:Shards")]
    [InlineData(16, 0, 1024, "Grid:ProbeSeconds")]
    [InlineData(16, 2, 0, "Grid:ChunkSize")]
    public void A_number_out_of_range_is_refused_by_name(int shards, int probeSeconds, int chunkSize, string field)
    {
        var error = Assert.Throws<BadInputException>(() => new SiloSettings { Shards = shards, ProbeSeconds = probeSeconds, ChunkSize = chunkSize }.Checked());
        Assert.Equal(field, error.Field);
    }

    [Fact]
    public void An_address_that_is_none_is_refused_by_name()
    {
        var error = Assert.Throws<BadInputException>(() => new SiloSettings { Address = "my-host" }.AdvertisedAddress);
        Assert.Equal("Grid:Address", error.Field);
    }
}
