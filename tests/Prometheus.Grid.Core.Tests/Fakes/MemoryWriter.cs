using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.Tests.Fakes;

/// <summary>Writes a partition of a <see cref="MemoryStore"/> chunk by chunk; what is committed waits for the next writer of the same work.</summary>
internal sealed class MemoryWriter : IPartitionWriter
{
    private readonly MemoryStore _store;
    private readonly PartitionKey _key;
    private readonly string _origin;
    private readonly string _fingerprint;
    private readonly List<EncodedChunk> _chunks;

    public MemoryWriter(MemoryStore store, PartitionKey key, string origin, string fingerprint)
    {
        _store = store;
        _key = key;
        _origin = origin;
        _fingerprint = fingerprint;
        if (!store.Unfinished.TryGetValue(fingerprint, out var chunks))
            store.Unfinished[fingerprint] = chunks = [];
        _chunks = chunks;
        CommittedChunks = chunks.Count;
    }

    public int CommittedChunks { get; }

    public async Task CommitAsync(VectorBatch rows, IReadOnlyList<SkippedEntity> skipped, CancellationToken cancellationToken)
    {
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        _chunks.Add(new EncodedChunk(rows, skipped));
    }

    /// <summary>Rows that are out of order have no partition.</summary>
    public Task<(WriteOutcome Outcome, IReadOnlyList<SkippedEntity> Skipped)> CompleteAsync(CancellationToken cancellationToken)
    {
        var rows = new VectorBatch(
            [.. _chunks.SelectMany(chunk => chunk.Rows.Headers)], _chunks.SelectMany(chunk => chunk.Rows.Values.ToArray()).ToArray(), _chunks[0].Rows.Dimension);
        _store.Partitions[_key] = new VectorPartition(_key, rows, _origin, DateTimeOffset.UnixEpoch, "1");
        _store.Unfinished.Remove(_fingerprint);
        return Task.FromResult<(WriteOutcome, IReadOnlyList<SkippedEntity>)>((new WriteOutcome(rows.Count, 0), [.. _chunks.SelectMany(chunk => chunk.Skipped)]));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
