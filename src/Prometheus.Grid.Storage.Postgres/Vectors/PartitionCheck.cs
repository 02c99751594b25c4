using Npgsql;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Storage.Postgres.Vectors;

/// <summary>Checks every row of a partition, its history included.</summary>
internal static class PartitionCheck
{
    private const int MostNamed = 5;

    /// <summary>Reads the partition and says what is wrong with it.</summary>
    public static async Task<StoreFinding> RunAsync(NpgsqlConnection connection, PartitionKey key, CancellationToken cancellationToken)
    {
        var table = VectorTable.Of(key.Kind);
        await using var command = new NpgsqlCommand(
            $"""
            WITH p AS (SELECT * FROM grid_partitions WHERE kind = @kind AND model_id = @model AND as_of_date = @as_of)
            SELECT true, {table.EntityId}, t.vector, t.vector_crc32c, p.dimension, '' FROM p JOIN {table.Name} t ON {table.OfPartition}
            UNION ALL
            SELECT false, s.entity_id, s.vector, s.vector_crc32c, NULL, ' as known at ' || s.known_at FROM p JOIN grid_superseded_vectors s
            ON s.kind = p.kind AND s.model_id = p.model_id AND s.as_of_date = p.as_of_date AND s.scope = p.scope
            """,
            connection)
        { CommandTimeout = 0 };
        PartitionReader.AddKey(command, key);
        int rows = 0;
        var problems = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows += reader.GetBoolean(0) ? 1 : 0;
            if (Problem(reader) is { } problem)
                problems.Add($"'{reader.GetString(1)}'{reader.GetString(5)}: {problem}");
        }
        string? summary = problems.Count == 0 ? null
            : $"{problems.Count} damaged rows: {string.Join("; ", problems.Order(StringComparer.Ordinal).Take(MostNamed))}{(problems.Count > MostNamed ? "; …" : "")}";
        return new StoreFinding(key, rows, summary);
    }

    private static string? Problem(NpgsqlDataReader reader)
    {
        if (reader.IsDBNull(2))
            return "it has no vector";
        byte[] bytes = reader.GetFieldValue<byte[]>(2);
        int expected = reader.IsDBNull(4) ? bytes.Length / sizeof(float) * sizeof(float) : reader.GetInt32(4) * sizeof(float);
        if (bytes.Length != expected || bytes.Length == 0)
            return $"it has {bytes.Length} bytes instead of {expected}";
        if (!reader.IsDBNull(3) && reader.GetInt64(3) != Crc32C.Of(bytes))
            return "its checksum does not match";
        return VectorCodec.TryRead(bytes, new float[bytes.Length / sizeof(float)]) ? null : "it holds values that are not finite";
    }
}
