using Npgsql;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Tests;

[assembly: AssemblyFixture(typeof(Prometheus.Grid.Storage.Postgres.Tests.ServerFixture))]

namespace Prometheus.Grid.Storage.Postgres.Tests;

/// <summary>Databases and stores for tests that do not stop the server.</summary>
public sealed class ServerFixture : IAsyncLifetime
{
    private readonly SharedPostgres _server = new();

    /// <summary>The models that ship with the product.</summary>
    public static ModelCatalog Catalog { get; } = ModelCatalog.Load(Path.Combine(TestData.RepositoryRoot, "models"));

    public ValueTask InitializeAsync() => _server.InitializeAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    /// <summary>Creates an empty database.</summary>
    public Task<string> CreateDatabaseAsync() => _server.CreateDatabaseAsync();

    /// <summary>Creates a migrated database and opens its store.</summary>
    public async Task<(PostgresStore Store, string ConnectionString)> OpenAsync(PostgresOptions? options = null)
    {
        string connectionString = await _server.CreateDatabaseAsync(
            database => PostgresStore.MigrateAsync(database, isDryRun: false, TestContext.Current.CancellationToken));
        return (await PostgresStore.OpenAsync(connectionString, Catalog, options, TestContext.Current.CancellationToken), connectionString);
    }

    /// <summary>Runs SQL of a test's own.</summary>
    public static async Task<object?> SqlAsync(string connectionString, string sql, params object[] parameters)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (object parameter in parameters)
            command.Parameters.AddWithValue(parameter);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }
}
