using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Grains.Storage;

/// <summary>Passes every call on; derive to change some.</summary>
internal abstract class DelegatingVectorStore(IVectorStore inner) : IVectorStore
{
    public virtual Task<VectorPartition?> ReadAsync(
        PartitionKey key, IReadOnlyCollection<string>? entityIds, DateTimeOffset? asKnown, CancellationToken cancellationToken) =>
        inner.ReadAsync(key, entityIds, asKnown, cancellationToken);

    public virtual Task<VectorChanges?> ReadChangesAsync(PartitionKey key, EntityBuckets buckets, string? since, CancellationToken cancellationToken) =>
        inner.ReadChangesAsync(key, buckets, since, cancellationToken);

    public virtual IBucketStore? Buckets => inner.Buckets;

    public virtual Task<string?> VersionAsync(PartitionKey key, CancellationToken cancellationToken) => inner.VersionAsync(key, cancellationToken);

    public virtual Task<IReadOnlyList<VectorPartition?>> HeadersAsync(IReadOnlyList<PartitionKey> keys, CancellationToken cancellationToken) =>
        inner.HeadersAsync(keys, cancellationToken);

    public virtual Task<IReadOnlyList<PartitionKey>> ListAsync(BranchKind? kind, string? modelId, CancellationToken cancellationToken) =>
        inner.ListAsync(kind, modelId, cancellationToken);

    public Task<IPartitionWriter> BeginAsync(
        PartitionKey key, int dimension, string origin, string fingerprint, CancellationToken cancellationToken) =>
        inner.BeginAsync(key, dimension, origin, fingerprint, cancellationToken);

    public virtual Task<WriteOutcome> PutAsync(PartitionKey key, VectorBatch rows, string origin, CancellationToken cancellationToken) =>
        inner.PutAsync(key, rows, origin, cancellationToken);

    public virtual Task<IReadOnlyList<WriteOutcome>> PutTogetherAsync(IReadOnlyList<VectorPut> puts, CancellationToken cancellationToken) =>
        inner.PutTogetherAsync(puts, cancellationToken);

    public virtual Task<IReadOnlyList<WriteOutcome>?> TryPutTogetherAsync(
        IReadOnlyList<VectorPut> puts, IReadOnlyList<PartitionRecipe> expected, CancellationToken cancellationToken) =>
        inner.TryPutTogetherAsync(puts, expected, cancellationToken);

    public IAsyncEnumerable<StoreFinding> VerifyAsync(CancellationToken cancellationToken) => inner.VerifyAsync(cancellationToken);

    public Task<VacuumOutcome> VacuumAsync(DateTimeOffset olderThan, CancellationToken cancellationToken) =>
        inner.VacuumAsync(olderThan, cancellationToken);
}
