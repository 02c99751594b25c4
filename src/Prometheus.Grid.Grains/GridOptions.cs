using Prometheus.Grid.Core.Backfill;

namespace Prometheus.Grid.Grains;

/// <summary>How a silo takes part in the grid.</summary>
public sealed record GridOptions
{
    /// <summary>
    /// Into how many buckets the entities of a space are divided, 1 to 1,024; the same in all silos of a cluster. More buckets spread over
    /// more silos and cost a message a search each.
    /// </summary>
    public int Shards { get; init; } = 16;

    /// <summary>Cores that backfills and scans use, at least 1.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>
    /// Entities in a chunk of a backfill, at least 1; the same in all silos. Chunks are what silos share the work by, and each is a commit.
    /// </summary>
    public int ChunkSize { get; init; } = BackfillContext.DefaultChunkSize;

    /// <summary>Memory for the rows of shards between queries in this silo, in bytes.</summary>
    public long ShardMemoryBytes { get; init; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4;

    /// <summary>The folder in which this silo keeps the rows of its shards over a restart, beyond those of other processes that share it; null for none.</summary>
    public string? SnapshotFolder { get; init; }

    /// <summary>How much the files of <see cref="SnapshotFolder"/> may take together, in bytes.</summary>
    public long SnapshotBytes { get; init; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>How long a shard has to answer before a search asks again, and then counts it as missing.</summary>
    public TimeSpan ShardDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For how long issuers and instruments are kept before they are read again; they change by the day.</summary>
    public TimeSpan UniverseAge { get; init; } = TimeSpan.FromSeconds(10);
}
