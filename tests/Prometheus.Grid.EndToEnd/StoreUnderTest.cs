using Prometheus.Grid.Tests;

namespace Prometheus.Grid.EndToEnd;

/// <summary>The same commands on either store: a data folder, or a database that the folder's tables are loaded into.</summary>
internal sealed class StoreUnderTest(DataFolder folder, string? database)
{
    /// <summary>Connection string of the database; null for a folder.</summary>
    public string? Database => database;

    public static async Task<StoreUnderTest> CreateAsync(DataFolder folder, SharedPostgres? server)
    {
        if (server is null)
            return new StoreUnderTest(folder, null);
        var store = new StoreUnderTest(folder, await server.CreateDatabaseAsync());
        (await store.RunAsync("migrate")).Succeeded();
        await store.LoadTablesAsync();
        return store;
    }

    public Task<GridOutput> RunAsync(params string[] arguments) =>
        database is null ? folder.RunAsync(arguments) : GridProcess.RunWithModelsAsync(null, folder.Models, [.. arguments, "--postgres", database]);

    /// <summary>Takes over what has changed in the tables of the folder, which a folder store reads by itself.</summary>
    public async Task LoadTablesAsync()
    {
        if (database is not null)
            (await RunAsync("import", folder.Path)).Succeeded();
    }
}
