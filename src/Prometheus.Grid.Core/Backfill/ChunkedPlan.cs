using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Prometheus.Grid.Core.Telemetry;

namespace Prometheus.Grid.Core.Backfill;

/// <summary>A plan cut into chunks, which are encoded in this process.</summary>
internal sealed class ChunkedPlan : IChunkEncoder
{
    private readonly BackfillRequest _request;
    private readonly int _chunkSize;
    private readonly string[][] _chunks;

    private ChunkedPlan(BackfillRequest request, BackfillPlan plan, int chunkSize)
    {
        _request = request;
        _chunkSize = chunkSize;
        Plan = plan;
        _chunks = [.. plan.EntityIds.Chunk(chunkSize)];
        Fingerprint = FingerprintOf(plan, chunkSize);
    }

    public BackfillPlan Plan { get; }

    public int Count => _chunks.Length;

    /// <summary>Identifies the work: the same partition from the same inputs for the same entities in the same chunks.</summary>
    public string Fingerprint { get; }

    /// <summary>One is encoded while the one before is committed.</summary>
    public int ChunksAhead => 1;

    public static async Task<ChunkedPlan> MakeAsync(BackfillContext context, BackfillRequest request, DateOnly asOf, CancellationToken cancellationToken) =>
        new(request, await context.PlannerFor(request).PlanAsync(asOf, cancellationToken), context.ChunkSize);

    /// <summary>Entities in the first chunks.</summary>
    public int EntitiesIn(int chunks) => (int)Math.Min((long)chunks * _chunkSize, Plan.EntityIds.Count);

    public ChunkOrder OrderOf(int chunk) => new(_request, Plan.Partition.AsOf, chunk, Fingerprint);

    public async Task<EncodedChunk> EncodeAsync(ChunkOrder order, CancellationToken cancellationToken)
    {
        long since = Stopwatch.GetTimestamp();
        var encoded = await Task.Run(() => Plan.EncodeAsync(_chunks[order.Number], cancellationToken), cancellationToken);
        GridMetrics.ChunkEncoded(since, Plan.Partition.ModelId);
        return encoded;
    }

    private static string FingerprintOf(BackfillPlan plan, int chunkSize)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(
            $"{plan.Partition.Kind}\0{plan.Partition}\0{plan.Dimension}\0{plan.Origin}\0{plan.InputVersion}\0{chunkSize}"));
        foreach (string id in plan.EntityIds)
            hash.AppendData(Encoding.UTF8.GetBytes($"\0{id}"));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
