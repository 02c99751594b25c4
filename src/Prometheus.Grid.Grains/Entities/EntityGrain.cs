using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Live;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.State;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Core.Telemetry;
using Prometheus.Grid.Grains.Storage;

namespace Prometheus.Grid.Grains.Entities;

/// <summary>
/// What issuers and portfolios have in common: rows held in memory, writes that take turns, and queries that may come between. What a put or a
/// query means is Core's; see <see cref="LiveUpdate"/> and <see cref="EntityReader"/>.
/// </summary>
/// <param name="silo">The grid of this silo.</param>
public abstract class EntityGrain(SiloGrid silo) : Orleans.Grain, IEntityGrain
{
    private readonly EntityRows _rows = new(silo.Store);

    /// <summary>The grid of this silo.</summary>
    protected SiloGrid Silo { get; } = silo;

    private ISearchGrain Search => GrainFactory.GetGrain<ISearchGrain>(0);

    /// <inheritdoc/>
    public async Task<PutReceipt> PutBranchAsync(BranchPut put, CancellationToken cancellationToken)
    {
        var operation = LiveUpdate.Begin(put);
        return await operation.EndsWithAsync(PutAsync(put, cancellationToken));
    }

    private async Task<PutReceipt> PutAsync(BranchPut put, CancellationToken cancellationToken)
    {
        if (_rows.TryOpen(put.AsOf) is { } unasked)
        {
            try
            {
                return await new LiveUpdate(unasked, Silo.Catalog).PutAsync(put, cancellationToken);
            }
            catch (OutdatedException)
            {
                // Nothing is written; the store is asked below.
            }
        }
        var store = await _rows.OpenAsync(put.AsOf, LiveUpdate.Partitions(put, Silo.Catalog), cancellationToken);
        return await new LiveUpdate(store, Silo.Catalog).PutAsync(put, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<EntitySnapshot> GetStateAsync(StateQuery query, CancellationToken cancellationToken) => Silo.Grid.GetStateAsync(query, cancellationToken);

    /// <inheritdoc/>
    public async Task<JointRow> GetJointAsync(JointQuery query, CancellationToken cancellationToken)
    {
        var operation = GridOperation.Of("get joint");
        return await operation.EndsWithAsync(ReadJointAsync(query, cancellationToken));
    }

    private async Task<JointRow> ReadJointAsync(JointQuery query, CancellationToken cancellationToken) =>
        await new EntityReader(
            await _rows.OpenAsync(query.AsOf, [new PartitionKey(BranchKind.Joint, query.ModelId, query.AsOf)], cancellationToken), Silo.Catalog).GetJointAsync(query, cancellationToken);

    /// <inheritdoc/>
    public Task<SimilarityAnswer> FindSimilarAsync(SimilarityQuery query, CancellationToken cancellationToken) =>
        Search.FindSimilarAsync(query with { Target = new SimilarityTarget.Entity(this.GetPrimaryKeyString()) }, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<HistoryPoint>> HistoryAsync(HistoryQuery query, CancellationToken cancellationToken) =>
        Search.HistoryAsync(query with { EntityId = this.GetPrimaryKeyString() }, cancellationToken);
}
