using System.Data;
using System.Globalization;
using Npgsql;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Postgres.Connections;

namespace Prometheus.Grid.Storage.Postgres.Vectors;

/// <summary>
/// Reads the joint vectors of one bucket as one binary COPY, which an index finds: the driver's reader takes several times as long for a row as the server does
/// to find and send it. Several buckets are read at once, but no more than keep the processors busy.
/// </summary>
internal sealed class BucketReader(Database database, PartitionScope scope)
{
    private const int HashBits = 16;

    // COPY takes no parameters. Settings of the transaction hand the key over as values, so that no text is ever part of the statement.
    private const string Model = "prometheus_grid.model_id", Scope = "prometheus_grid.scope";

    // A plan by statistics may be that of an empty table, or read all rows for a sixteenth of them.
    private const string Open = $"""
        SELECT p.origin, p.dimension, p.known_at, grid_places(p.scope, p.model_id, p.as_of_date),
            set_config('{Model}', p.model_id, true), set_config('{Scope}', p.scope, true), set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)
        FROM grid_partitions p WHERE p.kind = @kind AND p.model_id = @model AND p.as_of_date = @as_of AND p.known_at IS NOT NULL
        """;

    private SemaphoreSlim AtOnce { get; } = new(Math.Clamp(Environment.ProcessorCount, 2, 8));

    /// <summary>See <see cref="IBucketStore.ReadBucketAsync"/>. State and rows are of one snapshot of the database.</summary>
    public async Task<VectorPartition?> ReadAsync(PartitionKey key, int bucket, int of, IRowSink sink, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bucket);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(bucket, of);
        await AtOnce.WaitAsync(cancellationToken);
        try
        {
            return await database.RunAsync(
                $"cannot read {key}", (connection, token) => ReadAsync(connection, key, bucket, of, sink, token), cancellationToken);
        }
        finally
        {
            AtOnce.Release();
        }
    }

    private async Task<VectorPartition?> ReadAsync(
        NpgsqlConnection connection, PartitionKey key, int bucket, int of, IRowSink sink, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        if (await OpenAsync(connection, key, cancellationToken) is not var (partition, places))
            return null;
        int dimension = partition.Rows.Dimension;
        sink.Begin(dimension);
        var rows = new BucketRows(key, dimension, sink);
        await BinaryCopy.ReadAsync(connection, Statement(key, places, bucket, of), rows.Take, cancellationToken, rows.Most);
        await transaction.CommitAsync(cancellationToken);
        return partition;
    }

    private async Task<(VectorPartition Partition, long Places)?> OpenAsync(NpgsqlConnection connection, PartitionKey key, CancellationToken cancellationToken)
    {
        await using var open = new NpgsqlCommand(Open, connection);
        PartitionReader.AddKey(open, key);
        await using var reader = await open.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            return null;
        string origin = await reader.IsDBNullAsync(0, cancellationToken) ? scope.DefaultOrigin(key) : reader.GetString(0);
        var knownAt = reader.GetFieldValue<DateTimeOffset>(2);
        var partition = new VectorPartition(key, new VectorBatch([], default, reader.GetInt32(1)), origin, knownAt, PartitionReader.Version(knownAt));
        return (partition, reader.GetInt64(3));
    }

    // The index finds the range, and what it holds besides, of partitions of the same hash, is left out behind it: OFFSET keeps the two apart.
    private static string Statement(PartitionKey key, long places, int bucket, int of)
    {
        var table = VectorTable.Of(key.Kind);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            COPY (
                SELECT {table.EntityId}, {table.Header.InstrumentId}, {table.Header.Region}, {table.Header.Source}, t.vector, t.vector_crc32c
                FROM (SELECT * FROM {table.Name} t WHERE {table.Place} BETWEEN {places | First(bucket, of)} AND {places | (First(bucket + 1, of) - 1)} OFFSET 0) t
                WHERE t.joint_type = current_setting('{Scope}') AND t.model_id = current_setting('{Model}') AND t.as_of_date = '{DateRange.Text(key.AsOf)}' AND t.vector IS NOT NULL
            ) TO STDOUT (FORMAT binary)
            """);
    }

    /// <summary>The first hash of a bucket, as <see cref="EntityBuckets.BucketOf"/> divides them.</summary>
    private static long First(int bucket, int of) => (((long)bucket << HashBits) + of - 1) / of;
}
