using Npgsql;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Tests;

[assembly: AssemblyFixture(typeof(Prometheus.Grid.Storage.Postgres.Tests.ServerFixture))]

namespace Prometheus.Grid.Storage.Postgres.Tests;

/// <summary>One server for all tests that do not stop it; each test has a database of its own.</summary>
public sealed class ServerFixture : IAsyncLifetime
{
    private PrivatePostgres? _server;

    /// <summary>The models that ship with the product.</summary>
    public static ModelCatalog Catalog { get; } = ModelCatalog.Load(Path.Combine(TestData.RepositoryRoot, "models"));

    public async ValueTask InitializeAsync()
    {
        if (PrivatePostgres.WhyNot is null)
            _server = await PrivatePostgres.StartAsync();
    }

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>Creates an empty database, or skips the test with the reason why it cannot be.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        Assert.SkipWhen(_server is null, PrivatePostgres.WhyNot ?? "");
        return await _server!.CreateDatabaseAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Creates a migrated database and opens its store.</summary>
    public async Task<(PostgresStore Store, string ConnectionString)> OpenAsync(PostgresOptions? options = null)
    {
        string connectionString = await CreateDatabaseAsync();
        await PostgresStore.MigrateAsync(connectionString, isDryRun: false, TestContext.Current.CancellationToken);
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
