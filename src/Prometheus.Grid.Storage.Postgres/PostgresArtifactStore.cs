using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Npgsql;
using NpgsqlTypes;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Postgres.Connections;

namespace Prometheus.Grid.Storage.Postgres;

/// <summary>Artifacts as rows with their SHA-256.</summary>
internal sealed class PostgresArtifactStore(Database database) : IArtifactStore
{
    /// <inheritdoc/>
    public Task<ReadOnlyMemory<byte>?> ReadAsync(string modelId, DateOnly asOf, string name, CancellationToken cancellationToken) =>
        database.RunAsync<ReadOnlyMemory<byte>?>(
            $"cannot read {name} of {modelId}",
            async (connection, token) =>
            {
                await using var command = new NpgsqlCommand(
                    "SELECT content, sha256 FROM grid_artifacts WHERE model_id = @model AND as_of_date = @as_of AND name = @name", connection);
                AddKey(command, modelId, name, asOf);
                await using var reader = await command.ExecuteReaderAsync(token);
                if (!await reader.ReadAsync(token))
                    return null;
                byte[] content = reader.GetFieldValue<byte[]>(0);
                bool isIntact = SHA256.HashData(content).AsSpan().SequenceEqual(reader.GetFieldValue<byte[]>(1));
                return isIntact ? content : throw new GridFaultException(
                    $"{name} of {modelId} on {DateRange.Text(asOf)} in grid_artifacts is damaged: its checksum does not match; fit the model again");
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task WriteAsync(string modelId, DateOnly asOf, string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        database.RunAsync(
            $"cannot write {name} of {modelId}",
            async (connection, token) =>
            {
                await using var command = new NpgsqlCommand(
                    """
                    INSERT INTO grid_artifacts (model_id, as_of_date, name, content, sha256) VALUES (@model, @as_of, @name, @content, @sha256)
                    ON CONFLICT (model_id, name, as_of_date) DO UPDATE SET content = EXCLUDED.content, sha256 = EXCLUDED.sha256, written_at = now()
                    """,
                    connection);
                AddKey(command, modelId, name, asOf);
                command.Parameters.AddWithValue("content", NpgsqlDbType.Bytea, content);
                command.Parameters.AddWithValue("sha256", NpgsqlDbType.Bytea, SHA256.HashData(content.Span));
                return await command.ExecuteNonQueryAsync(token);
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<DateOnly>> DatesAsync(string modelId, string name, CancellationToken cancellationToken) =>
        database.RunAsync<IReadOnlyList<DateOnly>>(
            $"cannot list {name} of {modelId}",
            async (connection, token) =>
            {
                await using var command = new NpgsqlCommand(
                    "SELECT as_of_date FROM grid_artifacts WHERE model_id = @model AND name = @name ORDER BY as_of_date", connection);
                AddKey(command, modelId, name, null);
                await using var reader = await command.ExecuteReaderAsync(token);
                var dates = new List<DateOnly>();
                while (await reader.ReadAsync(token))
                    dates.Add(reader.GetFieldValue<DateOnly>(0));
                return dates;
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ArtifactName>> ListAsync(string modelId, CancellationToken cancellationToken) =>
        database.RunAsync<IReadOnlyList<ArtifactName>>(
            $"cannot list the artifacts of {modelId}",
            async (connection, token) =>
            {
                await using var command = new NpgsqlCommand(
                    "SELECT as_of_date, name FROM grid_artifacts WHERE model_id = @model ORDER BY as_of_date, name COLLATE \"C\"", connection);
                command.Parameters.AddWithValue("model", NpgsqlDbType.Text, modelId);
                await using var reader = await command.ExecuteReaderAsync(token);
                var names = new List<ArtifactName>();
                while (await reader.ReadAsync(token))
                    names.Add(new ArtifactName(reader.GetFieldValue<DateOnly>(0), reader.GetString(1)));
                return names;
            },
            cancellationToken);

    /// <summary>Checks every artifact of every model, by model, date and name.</summary>
    public async IAsyncEnumerable<KeptFinding> VerifyAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (string modelId in await ModelsAsync(cancellationToken))
        {
            foreach (var (asOf, name) in await ListAsync(modelId, cancellationToken))
                yield return new KeptFinding(KeptKind.Artifact, modelId, asOf, name, await ProblemOfAsync(modelId, asOf, name, cancellationToken));
        }
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string modelId, DateOnly asOf, string name, CancellationToken cancellationToken) =>
        database.RunAsync(
            $"cannot delete {name} of {modelId}",
            async (connection, token) =>
            {
                await using var command = new NpgsqlCommand(
                    "DELETE FROM grid_artifacts WHERE model_id = @model AND as_of_date = @as_of AND name = @name", connection);
                AddKey(command, modelId, name, asOf);
                return await command.ExecuteNonQueryAsync(token);
            },
            cancellationToken);

    private async Task<string?> ProblemOfAsync(string modelId, DateOnly asOf, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(modelId, asOf, name, cancellationToken) is null ? "it has gone" : null;
        }
        catch (GridException error)
        {
            return error.Message;
        }
    }

    private Task<List<string>> ModelsAsync(CancellationToken cancellationToken) => database.RunAsync(
        "cannot list the models that have artifacts",
        async (connection, token) =>
        {
            await using var command = new NpgsqlCommand("SELECT DISTINCT model_id COLLATE \"C\" FROM grid_artifacts ORDER BY 1", connection);
            await using var reader = await command.ExecuteReaderAsync(token);
            var models = new List<string>();
            while (await reader.ReadAsync(token))
                models.Add(reader.GetString(0));
            return models;
        },
        cancellationToken);

    private static void AddKey(NpgsqlCommand command, string modelId, string name, DateOnly? asOf)
    {
        command.Parameters.AddWithValue("model", NpgsqlDbType.Text, modelId);
        command.Parameters.AddWithValue("name", NpgsqlDbType.Text, name);
        if (asOf is { } date)
            command.Parameters.AddWithValue("as_of", NpgsqlDbType.Date, date);
    }
}
