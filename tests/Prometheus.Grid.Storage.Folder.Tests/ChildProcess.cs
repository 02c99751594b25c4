using System.Diagnostics;
using System.Globalization;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Storage.Folder.Tests;

/// <summary>Work that fault tests do in a process of its own, to kill it.</summary>
internal static class ChildProcess
{
    public const string Marker = "--child";
    public const int Chunks = 5;
    public const int Dimension = 7;

    private const int RowsAChunk = 20;

    public static PartitionKey Key { get; } = new(BranchKind.Numeric, "num-test-v1", new DateOnly(2024, 3, 1));

    /// <summary>Starts this program again.</summary>
    public static Process Start(string crashAt, params string[] work)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [Marker, .. work]) { RedirectStandardOutput = true, RedirectStandardInput = true };
        start.Environment["GRID_CRASH_AT"] = crashAt;
        return Process.Start(start)!;
    }

    public static async Task<int> RunAsync(string[] work)
    {
        await using var store = await FolderStore.OpenAsync(work[1], null, CancellationToken.None);
        switch (work[0])
        {
            case "write":
                await WriteAsync(store, float.Parse(work[2], CultureInfo.InvariantCulture), CancellationToken.None);
                return 0;
            case "hold":
                await using (await store.Vectors.BeginAsync(Key, Dimension, "o", "held", CancellationToken.None))
                {
                    Console.WriteLine("ready");
                    Console.ReadLine();
                }
                return 0;
            default:
                return 2;
        }
    }

    /// <summary>Writes or goes on to write the partition; returns how many chunks were there already.</summary>
    public static async Task<(int Resumed, WriteOutcome Outcome)> WriteAsync(FolderStore store, float factor, CancellationToken cancellationToken)
    {
        await using var writer = await store.Vectors.BeginAsync(Key, Dimension, "o", $"times {factor}", cancellationToken);
        int resumed = writer.CommittedChunks;
        for (int chunk = resumed; chunk < Chunks; chunk++)
            await writer.CommitAsync(Chunk(chunk, factor), [new SkippedEntity($"S{chunk}", new SkipReason("none", $"{chunk}"))], cancellationToken);
        (var outcome, var skipped) = await writer.CompleteAsync(cancellationToken);
        return skipped.Count == Chunks ? (resumed, outcome) : throw new InvalidOperationException($"{skipped.Count} skipped");
    }

    /// <summary>The rows of a chunk. Every fifth row is the same whatever the factor.</summary>
    public static VectorBatch Chunk(int chunk, float factor)
    {
        var headers = new RowHeader[RowsAChunk];
        float[] values = new float[RowsAChunk * Dimension];
        for (int i = 0; i < RowsAChunk; i++)
        {
            headers[i] = new RowHeader($"E{chunk:D2}{i:D3}", "", "US", "num");
            for (int j = 0; j < Dimension; j++)
                values[i * Dimension + j] = (chunk + i / 100f + j / 1000f) * (i % 5 == 0 ? 1 : factor);
        }
        return new VectorBatch(headers, values, Dimension);
    }
}
