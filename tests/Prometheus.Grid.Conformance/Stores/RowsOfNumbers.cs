using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Conformance.Stores;

/// <summary>Small rows to write and read.</summary>
public abstract class RowsOfNumbers : StoreConformance
{
    protected const string Origin = "window_days=63";

    protected static PartitionKey Key { get; } = new(BranchKind.Numeric, "num-test-v1", new DateOnly(2024, 3, 1));

    /// <summary>Rows of three values; each row holds its number three times.</summary>
    protected static VectorBatch Batch(params ReadOnlySpan<(string Id, float Value)> rows)
    {
        var headers = new RowHeader[rows.Length];
        float[] values = new float[3 * rows.Length];
        for (int i = 0; i < rows.Length; i++)
        {
            headers[i] = new RowHeader(rows[i].Id, rows[i].Id + ".US", "US", "num+text");
            values.AsSpan(3 * i, 3).Fill(rows[i].Value);
        }
        return new VectorBatch(headers, values, 3);
    }

    protected static (string Id, float Value)[] Rows(VectorPartition? partition) =>
        [.. partition!.Rows.Headers.Select((header, i) => (header.EntityId, partition.Rows.Row(i).Span[0]))];

    /// <summary>Writes chunks as a piece of work of its own.</summary>
    protected static async Task<WriteOutcome> WriteAsync(IVectorStore vectors, string origin, params VectorBatch[] chunks)
    {
        await using var writer = await vectors.BeginAsync(Key, chunks[0].Dimension, origin, $"{chunks.Length} chunks", Token);
        Assert.Equal(0, writer.CommittedChunks);
        foreach (var chunk in chunks)
            await writer.CommitAsync(chunk, [], Token);
        return (await writer.CompleteAsync(Token)).Outcome;
    }
}
