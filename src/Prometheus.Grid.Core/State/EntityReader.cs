using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Search;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.State;

/// <summary>Answers what is asked of one entity: its latest vectors, and its joint vector as stored or under other weights.</summary>
/// <param name="store">Where the rows are.</param>
/// <param name="catalog">Models and spaces.</param>
public sealed class EntityReader(IGridStore store, ModelCatalog catalog)
{
    private readonly EntityStateReader _states = new(store, catalog);
    private readonly SpaceReader _spaces = new(store);

    /// <inheritdoc cref="IEmbeddingGrid.GetStateAsync"/>
    public async Task<EntitySnapshot> GetStateAsync(StateQuery query, CancellationToken cancellationToken)
    {
        var state = await _states.LoadAsync(query.Entity, date => query.AsOf is null || date <= query.AsOf, query.AsKnown, cancellationToken);
        return state.Branches.Count > 0
            ? state.Snapshot()
            : throw new NotFoundException(query.Entity.Kind.ToString().ToLowerInvariant(), query.Entity.Id, "no vector of it is stored");
    }

    /// <inheritdoc cref="IEmbeddingGrid.GetJointAsync"/>
    public async Task<JointRow> GetJointAsync(JointQuery query, CancellationToken cancellationToken)
    {
        var space = catalog.Space(query.ModelId);
        if (query.Weights is null)
        {
            var stored = await _spaces.JointAsync(space, query.AsOf, [query.EntityId], query.AsKnown, cancellationToken);
            return stored.Rows.Count > 0 ? ToJointRow(stored, 0) : throw SpaceReader.NoVector(space, query.EntityId, query.AsOf);
        }

        var fused = await _spaces.AsFusedAsync(space, query.AsOf, query.AsKnown, cancellationToken);
        var state = await _states.LoadAsync(new EntityKey(space.Entity, query.EntityId), fused, query.AsOf, query.AsKnown, cancellationToken);
        if (state.TryFuse(fused, query.AsOf, query.Weights, out float[]? joint) is { } missing)
            throw new NotFoundException("joint vector of", query.EntityId, $"{missing.Code} as of {DateRange.Text(query.AsOf)}: {missing.Detail}");
        var universe = await store.Inputs.ReadUniverseAsync(cancellationToken);
        string region = space.Entity == EntityKind.Issuer ? universe.RegionOf(query.EntityId) : "";
        return new JointRow(query.AsOf, query.EntityId, (state as IssuerState)?.InstrumentId ?? "", region, space.Source, space.ModelId, joint);
    }

    /// <summary>A row of a joint partition as a message.</summary>
    public static JointRow ToJointRow(VectorPartition partition, int row)
    {
        var header = partition.Rows.Headers[row];
        return new JointRow(
            partition.Key.AsOf, header.EntityId, header.InstrumentId, header.Region, header.Source, partition.Key.ModelId, partition.Rows.Row(row));
    }
}
