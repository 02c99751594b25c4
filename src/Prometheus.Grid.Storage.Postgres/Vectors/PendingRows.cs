using Npgsql;
using NpgsqlTypes;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Storage.Postgres.Vectors;

/// <summary>The staging table: rows that are durable and not yet visible.</summary>
internal static class PendingRows
{
    /// <summary>Refuses rows that no partition may hold.</summary>
    public static void Check(VectorBatch rows, int dimension)
    {
        if (rows.Dimension != dimension)
            throw new BadInputException("vector dimension", rows.Dimension, $"{dimension}, as the partition has");
        var values = rows.Values.Span;
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
                throw new BadInputException($"vector of '{rows.Headers[i / dimension].EntityId}' value {i % dimension}", values[i], "a finite float32");
        }
    }

    /// <summary>Copies rows into the staging table under a job, in the transaction of the connection.</summary>
    public static async Task CopyAsync(NpgsqlConnection connection, int jobId, VectorBatch rows, CancellationToken cancellationToken)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            "COPY grid_pending_vectors (job_id, entity_id, instrument_id, region, source, vector, vector_crc32c) FROM STDIN (FORMAT binary)",
            cancellationToken);
        byte[] bytes = new byte[rows.Dimension * sizeof(float)];
        for (int i = 0; i < rows.Count; i++)
        {
            var header = rows.Headers[i];
            VectorCodec.Write(rows.Row(i).Span, bytes);
            await copy.StartRowAsync(cancellationToken);
            await copy.WriteAsync(jobId, NpgsqlDbType.Integer, cancellationToken);
            await copy.WriteAsync(header.EntityId, NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(header.InstrumentId, NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(header.Region, NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(header.Source, NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(bytes, NpgsqlDbType.Bytea, cancellationToken);
            await copy.WriteAsync((long)Crc32C.Of(bytes), NpgsqlDbType.Bigint, cancellationToken);
        }
        await copy.CompleteAsync(cancellationToken);
    }
}
