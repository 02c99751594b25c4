using Npgsql;
using Prometheus.Grid.Core.Diagnosis;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Postgres.Connections;
using Prometheus.Grid.Storage.Postgres.Diagnosis;
using Prometheus.Grid.Storage.Postgres.Import;
using Prometheus.Grid.Storage.Postgres.Inputs;
using Prometheus.Grid.Storage.Postgres.Schema;
using Prometheus.Grid.Storage.Postgres.Vectors;
using Prometheus.Grid.Tables;

namespace Prometheus.Grid.Storage.Postgres;

/// <summary>
/// The grid's store in Postgres: the tables that a user of the seed already has, and beside them what the grid needs to share them safely
/// among many processes. docs/postgres.md describes both.
/// </summary>
public sealed class PostgresStore : IGridStore
{
    private readonly Database _database;
    private readonly PostgresArtifactStore _artifacts;

    private PostgresStore(Database database, ModelCatalog catalog)
    {
        _database = database;
        Inputs = new PostgresInputs(database);
        Vectors = new PostgresVectorStore(database, catalog);
        _artifacts = new PostgresArtifactStore(database);
    }

    /// <inheritdoc/>
    public string Description => $"Postgres {_database.Name}";

    /// <inheritdoc/>
    public IGridInputs Inputs { get; }

    /// <inheritdoc/>
    public IVectorStore Vectors { get; }

    /// <inheritdoc/>
    public IArtifactStore Artifacts => _artifacts;

    /// <inheritdoc/>
    public IAsyncEnumerable<KeptFinding> VerifyKeptAsync(CancellationToken cancellationToken) => _artifacts.VerifyAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken) =>
        _database.RunAsync("looking at the database", PostgresDiagnosis.ExamineAsync, cancellationToken);

    /// <summary>Opens the store of a migrated database.</summary>
    /// <param name="connectionString">An Npgsql connection string with a host.</param>
    /// <param name="catalog">Says whose vectors the models make, which decides the tables and keys of their rows.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Ends the call early.</param>
    /// <exception cref="BadInputException">The connection string is none.</exception>
    /// <exception cref="GridFaultException">The server cannot be reached, or the schema is not this version's.</exception>
    public static async Task<PostgresStore> OpenAsync(
        string connectionString, ModelCatalog catalog, PostgresOptions? options, CancellationToken cancellationToken)
    {
        options ??= new PostgresOptions();
        var database = new Database(connectionString, options);
        try
        {
            await ConnectAsync(
                database,
                async connection =>
                {
                    await SchemaMigrator.CheckAsync(connection, database.Name, cancellationToken);
                    return true;
                },
                cancellationToken);
            return new PostgresStore(database, catalog);
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Creates the schema in an empty database, upgrades that of an older version, or opens a database of the seed: repeated keys collapse
    /// to the row with the highest id, the others become its history, and nothing else of theirs is touched.
    /// </summary>
    /// <param name="connectionString">An Npgsql connection string of a user who may create tables, and owns those of the seed.</param>
    /// <param name="isDryRun">Does it all, reports it and rolls it back.</param>
    /// <param name="cancellationToken">Ends the call early; nothing is changed then.</param>
    /// <exception cref="GridFaultException">The server cannot be reached, or the schema is of a newer version.</exception>
    public static async Task<MigrationReport> MigrateAsync(string connectionString, bool isDryRun, CancellationToken cancellationToken)
    {
        await using var database = new Database(connectionString, new PostgresOptions());
        return await ConnectAsync(database, connection => SchemaMigrator.MigrateAsync(connection, isDryRun, cancellationToken), cancellationToken);
    }

    /// <summary>
    /// Loads the CSV files of a data folder into the tables, all of them or none. Rows of a key that is there already are replaced, rows that
    /// the files do not mention stay.
    /// </summary>
    /// <param name="folder">A folder with files such as <c>prices_daily.csv</c> or <c>prices_daily.csv.gz</c>; those that are missing are left out.</param>
    /// <param name="cancellationToken">Ends the call early; nothing is changed then.</param>
    /// <exception cref="BadInputException">A row is refused; file, line or key, column and value are named.</exception>
    /// <exception cref="NotFoundException">The folder does not exist or has none of the files.</exception>
    public Task<IReadOnlyList<TableImport>> ImportTablesAsync(string folder, CancellationToken cancellationToken) =>
        ImportTablesAsync(folder, BadRowPolicy.Refuse, cancellationToken);

    /// <inheritdoc cref="ImportTablesAsync(string, CancellationToken)"/>
    /// <param name="folder">A folder with files such as <c>prices_daily.csv</c> or <c>prices_daily.csv.gz</c>; those that are missing are left out.</param>
    /// <param name="badRows">What is done with a row that has a bad value.</param>
    /// <param name="cancellationToken">Ends the call early; nothing is changed then.</param>
    public Task<IReadOnlyList<TableImport>> ImportTablesAsync(string folder, BadRowPolicy badRows, CancellationToken cancellationToken)
    {
        var files = CsvTableSpec.All.Select(spec => (Spec: spec, File: new InputFile(folder, spec.Name))).Where(file => file.File.Exists).ToList();
        if (files.Count == 0)
            throw new NotFoundException("folder with input tables", folder, "it has no prices_daily.csv, issuers.csv or other table of docs/data-folder.md");
        return _database.RunAsync<IReadOnlyList<TableImport>>(
            $"cannot import {folder}",
            async (connection, token) =>
            {
                await using var transaction = await connection.BeginTransactionAsync(token);
                var imports = new List<TableImport>();
                foreach ((var spec, var file) in files)
                    imports.Add(await new CsvImport(connection, spec, file, badRows).RunAsync(token));
                await transaction.CommitAsync(token);
                return imports;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _database.DisposeAsync();

    // At the first connection a server that does not answer is more likely misnamed than restarting: no second attempt.
    private static async Task<T> ConnectAsync<T>(Database database, Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await database.ConnectAsync(cancellationToken);
            return await work(connection);
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException)
        {
            throw PostgresFault.From("cannot open the store", database.Name, error);
        }
    }
}
