using System.Globalization;
using System.Text.Json;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Synthetic;

namespace Prometheus.Grid.Bench.Cluster;

/// <summary>The made-up market behind the benchmarks, and vectors without meaning where only their number matters.</summary>
internal static class BenchMarket
{
    public const int Dimensions = 384;

    public static readonly DateOnly AsOf = new(2024, 6, 28);

    public static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    public static async Task<string> WriteAsync(int issuers, int weekdays, CancellationToken cancellationToken)
    {
        string folder = Path.Combine(BenchFolders.Data, string.Create(CultureInfo.InvariantCulture, $"cluster-{issuers}-{weekdays}"));
        await SyntheticMarket.WriteAsync(folder, SyntheticMarketOptions.ForBenchmark(issuers, portfolios: 0, weekdays), cancellationToken: cancellationToken);
        return folder;
    }

    /// <summary>A vector that a number names.</summary>
    public static float[] Vector(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Dimensions).Select(_ => (float)(random.NextDouble() - 0.5))];
    }

    /// <summary>Rows of such vectors, written as a backfill writes them.</summary>
    public static async Task WriteRowsAsync(
        IVectorStore vectors, PartitionKey key, IReadOnlyList<RowHeader> headers, string origin, CancellationToken cancellationToken)
    {
        RowHeader[] sorted = [.. headers.OrderBy(header => header.EntityId, StringComparer.Ordinal)];
        await using var writer = await vectors.BeginAsync(key, Dimensions, origin, $"bench {key}", cancellationToken);
        int written = 0;
        foreach (var chunk in sorted.Chunk(4_096))
        {
            float[] values = [.. chunk.SelectMany((_, i) => Vector(written + i))];
            await writer.CommitAsync(new VectorBatch(chunk, values, Dimensions), [], cancellationToken);
            written += chunk.Length;
        }
        await writer.CompleteAsync(cancellationToken);
    }
}
