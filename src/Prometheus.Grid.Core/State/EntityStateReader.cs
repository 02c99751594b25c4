using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.State;

/// <summary>Builds the state of an entity from the stored rows; the rows are the truth, so nothing is kept that could fall behind them.</summary>
/// <param name="store">Where the rows are.</param>
public sealed class EntityStateReader(IGridStore store)
{
    /// <summary>The state from the latest rows of each model among the dates that <paramref name="includes"/> accepts.</summary>
    /// <param name="entity">An issuer or a portfolio.</param>
    /// <param name="includes">Which dates take part.</param>
    /// <param name="asKnown">What was known at this time; null for now.</param>
    /// <param name="cancellationToken">Ends the read early.</param>
    /// <returns>The state; without branches when nothing is stored.</returns>
    public async Task<EntityState> LoadAsync(
        EntityKey entity, Func<DateOnly, bool> includes, DateTimeOffset? asKnown, CancellationToken cancellationToken)
    {
        var state = await NewAsync(entity, cancellationToken);
        var keys = await store.Vectors.ListAsync(null, null, cancellationToken);
        foreach (var model in keys
            .Where(key => key.Kind != BranchKind.Joint && includes(key.AsOf))
            .GroupBy(key => (key.Kind, key.ModelId)))
        {
            string owner = state is IssuerState issuer && model.Key.Kind == BranchKind.Numeric ? issuer.InstrumentId : entity.Id;
            foreach (var key in model.OrderByDescending(key => key.AsOf))
            {
                var partition = await store.Vectors.ReadAsync(key, [owner], asKnown, cancellationToken);
                if (partition is not { Rows.Count: 1 })
                    continue;
                state.Apply(new BranchVector(key.ModelId, key.AsOf, partition.KnownAt, partition.Rows.Row(0)));
                break;
            }
        }
        return state;
    }

    /// <summary>The state on one date, as far as the branches of a space go.</summary>
    /// <param name="entity">An issuer or a portfolio.</param>
    /// <param name="fused">The space, with the branch models to read.</param>
    /// <param name="asOf">The date.</param>
    /// <param name="asKnown">What was known at this time; null for now.</param>
    /// <param name="cancellationToken">Ends the read early.</param>
    /// <param name="newer">A vector that is about to be stored, taken for the stored one of its model; or null.</param>
    public async Task<EntityState> LoadAsync(
        EntityKey entity, SpaceManifest fused, DateOnly asOf, DateTimeOffset? asKnown, CancellationToken cancellationToken, BranchVector? newer = null)
    {
        var state = await NewAsync(entity, cancellationToken);
        PartitionKey[] keys = [.. fused.Branches.Where(branch => branch.ModelId != newer?.ModelId).Select(branch => new PartitionKey(branch.Kind, branch.ModelId, asOf))];
        var partitions = await Task.WhenAll(keys.Select(key =>
            store.Vectors.ReadAsync(key, [state is IssuerState issuer && key.Kind == BranchKind.Numeric ? issuer.InstrumentId : entity.Id], asKnown, cancellationToken)));
        foreach (var partition in partitions)
        {
            if (partition is { Rows.Count: 1 })
                state.Apply(new BranchVector(partition.Key.ModelId, asOf, partition.KnownAt, partition.Rows.Row(0)));
        }
        if (newer is not null)
            state.Apply(newer);
        return state;
    }

    private async Task<EntityState> NewAsync(EntityKey entity, CancellationToken cancellationToken)
    {
        if (entity.Kind == EntityKind.Portfolio)
            return new PortfolioState(entity.Id);
        var universe = await store.Inputs.ReadUniverseAsync(cancellationToken);
        return new IssuerState(entity.Id, universe.RepresentativeOf(entity.Id)?.InstrumentId ?? "");
    }
}
