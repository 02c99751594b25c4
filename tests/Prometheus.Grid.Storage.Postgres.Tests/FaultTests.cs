using Npgsql;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Storage.Postgres.Connections;

namespace Prometheus.Grid.Storage.Postgres.Tests;

/// <summary>Each fault of a server has words of its own, and says whether a retry can help.</summary>
public sealed class FaultTests(ServerFixture server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(PostgresErrorCodes.DeadlockDetected, "deadlock", true)]
    [InlineData(PostgresErrorCodes.SerializationFailure, "deadlock", true)]
    [InlineData(PostgresErrorCodes.QueryCanceled, "time limit", true)]
    [InlineData(PostgresErrorCodes.DiskFull, "disk of Postgres", true)]
    [InlineData(PostgresErrorCodes.ReadOnlySqlTransaction, "read-only", false)]
    [InlineData(PostgresErrorCodes.AdminShutdown, "ended the connection", true)]
    [InlineData(PostgresErrorCodes.CannotConnectNow, "ended the connection", true)]
    [InlineData(PostgresErrorCodes.TooManyConnections, "max_connections", true)]
    [InlineData(PostgresErrorCodes.InvalidPassword, "refuses the user", false)]
    [InlineData(PostgresErrorCodes.InsufficientPrivilege, "grant it", false)]
    [InlineData(PostgresErrorCodes.UndefinedTable, "grid migrate", false)]
    public void A_fault_is_told_from_the_others(string code, string words, bool canRetry)
    {
        var error = (GridFaultException)PostgresFault.From("cannot write x", "grid at host:5432", new PostgresException("the server's words", "ERROR", "ERROR", code));
        Assert.StartsWith("cannot write x: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.Equal(canRetry, error.CanRetry);
    }

    [Fact]
    public void Timeouts_and_lost_links_differ()
    {
        var timeout = PostgresFault.From("d", "s", new NpgsqlException("x", new TimeoutException()));
        Assert.Contains("in time", timeout.Message, StringComparison.Ordinal);
        Assert.False(PostgresFault.IsTransient(new NpgsqlException("x", new TimeoutException())));
        var lost = PostgresFault.From("d", "s", new NpgsqlException("x", new IOException("broken pipe")));
        Assert.Contains("no connection", lost.Message, StringComparison.Ordinal);
        Assert.True(PostgresFault.IsTransient(new NpgsqlException("x", new IOException())));
    }

    [Fact]
    public async Task A_read_only_server_is_named()
    {
        (var store, string database) = await server.OpenAsync();
        await store.DisposeAsync();
        await using var readOnly = await PostgresStore.OpenAsync(database + ";Options=-c default_transaction_read_only=on", ServerFixture.Catalog, null, Token);
        var error = await Assert.ThrowsAsync<GridFaultException>(() => readOnly.Vectors.PutAsync(Samples.Numeric, Samples.Rows(Samples.Numeric, 0, 1), "o", Token));
        Assert.Contains("read-only", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_statement_that_waits_too_long_is_named()
    {
        (var store, string database) = await server.OpenAsync();
        await store.Vectors.PutAsync(Samples.Numeric, Samples.Rows(Samples.Numeric, 0, 1), "o", Token);
        await store.DisposeAsync();
        await using var other = new NpgsqlConnection(database + ";Pooling=false");
        await other.OpenAsync(Token);
        await using var holding = await other.BeginTransactionAsync(Token);
        await using (var take = new NpgsqlCommand("SELECT FROM grid_partitions FOR UPDATE", other))
            await take.ExecuteNonQueryAsync(Token);
        await using var hurried = await PostgresStore.OpenAsync(database + ";Options=-c lock_timeout=50", ServerFixture.Catalog, null, Token);
        var error = await Assert.ThrowsAsync<GridFaultException>(() => hurried.Vectors.PutAsync(Samples.Numeric, Samples.Rows(Samples.Numeric, 0, 1, 2), "o", Token));
        Assert.Contains("time limit", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(30)]
    public async Task A_deadlock_with_another_program_is_named_or_tried_again(int retrySeconds)
    {
        (var first, string database) = await server.OpenAsync();
        await first.Vectors.PutAsync(Samples.Numeric, Samples.Rows(Samples.Numeric, 0, 1), "o", Token);
        await first.DisposeAsync();
        // The other program locks a row first and then wants the partition, the grid the other way round; the one that looks for a
        // deadlock is the one to go, and the grid looks two seconds after it began to wait.
        await using var other = new NpgsqlConnection(database + ";Pooling=false;Options=-c deadlock_timeout=1h");
        await other.OpenAsync(Token);
        await using var holding = await other.BeginTransactionAsync(Token);
        await using (var take = new NpgsqlCommand("SELECT FROM numeric_window_embeddings FOR UPDATE", other))
            await take.ExecuteNonQueryAsync(Token);
        await using var store = await PostgresStore.OpenAsync(
            database + ";Options=-c deadlock_timeout=2s", ServerFixture.Catalog, new PostgresOptions { RetryFor = TimeSpan.FromSeconds(retrySeconds) }, Token);
        var put = store.Vectors.PutAsync(Samples.Numeric, Samples.Rows(Samples.Numeric, 0, 1, seed: 2), "o", Token);
        while (await ServerFixture.SqlAsync(database, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") is 0L)
            await Task.Yield();
        await using (var want = new NpgsqlCommand("SELECT FROM grid_partitions FOR UPDATE", other))
        {
            var wanting = want.ExecuteNonQueryAsync(Token);
            if (retrySeconds == 0)
            {
                var error = await Assert.ThrowsAsync<GridFaultException>(() => put);
                Assert.Contains("deadlock", error.Message, StringComparison.Ordinal);
                Assert.True(error.CanRetry);
            }
            await wanting;
        }
        await holding.RollbackAsync(Token);
        if (retrySeconds > 0)
            Assert.Equal(1, (await put).Written);
    }

    [Theory]
    [InlineData("Host=;Database=x")]
    [InlineData("nonsense")]
    [InlineData("Host=h;Password=secret;Bogus=1")]
    public async Task A_connection_string_that_is_none_is_bad_input_and_never_repeated(string connectionString)
    {
        var error = await Assert.ThrowsAsync<BadInputException>(() => PostgresStore.OpenAsync(connectionString, ServerFixture.Catalog, null, Token));
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_does_not_exist_is_named()
    {
        string database = await server.CreateDatabaseAsync();
        var other = new NpgsqlConnectionStringBuilder(database) { Database = "nowhere" };
        var error = await Assert.ThrowsAsync<GridFaultException>(() => PostgresStore.OpenAsync(other.ConnectionString, ServerFixture.Catalog, null, Token));
        Assert.Contains("nowhere", error.Message, StringComparison.Ordinal);
    }
}
