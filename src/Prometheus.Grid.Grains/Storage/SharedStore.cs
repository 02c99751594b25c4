using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Grains.Storage;

/// <summary>
/// The store of a silo with many callers at once: calls that ask the same are answered by one query. No answer is older than the call
/// that gets it, except for issuers and instruments, which are kept for a while.
/// </summary>
/// <param name="store">The store; it stays the host's.</param>
/// <param name="universeAge">For how long issuers and instruments are kept.</param>
/// <param name="grains">Reaches the writers of the cluster; null has this silo write by itself.</param>
internal sealed class SharedStore(IGridStore store, TimeSpan universeAge, IGrainFactory? grains = null) : IGridStore
{
    public string Description => store.Description;

    public IGridInputs Inputs { get; } = new CachedInputs(store.Inputs, universeAge);

    public SharedVectors Vectors { get; } = new(store.Vectors, grains);

    IVectorStore IGridStore.Vectors => Vectors;

    public IArtifactStore Artifacts => store.Artifacts;

    public IAsyncEnumerable<KeptFinding> VerifyKeptAsync(CancellationToken cancellationToken) => store.VerifyKeptAsync(cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
