using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.State;

/// <summary>Builds the state of an entity from the stored rows; the rows are the truth, so nothing is kept that could fall behind them.</summary>
/// <param name="store">Where the rows are.</param>
/// <param name="catalog">The models, and whose vectors they make.</param>
public sealed class EntityStateReader(IGridStore store, ModelCatalog catalog)
{
    private const int MostReadsAtOnce = 16;

    /// <summary>The state from the latest rows of each model among the dates that <paramref name="includes"/> accepts.</summary>
    /// <param name="entity">An issuer or a portfolio.</param>
    /// <param name="includes">Which dates take part.</param>
    /// <param name="asKnown">What was known at this time; null for now.</param>
    /// <param name="cancellationToken">Ends the read early.</param>
    /// <returns>The state; without branches when nothing is stored, or the issuer is in no table.</returns>
    public async Task<EntityState> LoadAsync(
        EntityKey entity, Func<DateOnly, bool> includes, DateTimeOffset? asKnown, CancellationToken cancellationToken)
    {
        var state = await NewAsync(entity, cancellationToken);
        if (state is IssuerState && !(await store.Inputs.ReadUniverseAsync(cancellationToken)).Issuers.ContainsKey(entity.Id))
            return state;
        var keys = await store.Vectors.ListAsync(null, null, cancellationToken);
        // Models of other entities have nothing of this one, and one that nobody knows would be looked for in every partition of theirs.
        var others = catalog.Models.Where(model => (model.Entity == EntityKind.Portfolio) != (entity.Kind == EntityKind.Portfolio)).Select(model => model.ModelId).ToHashSet(StringComparer.Ordinal);
        foreach (var model in keys
            .Where(key => key.Kind != BranchKind.Joint && !others.Contains(key.ModelId) && includes(key.AsOf))
            .GroupBy(key => (key.Kind, key.ModelId)))
        {
            string owner = state is IssuerState issuer && model.Key.Kind == BranchKind.Numeric ? issuer.InstrumentId : entity.Id;
            if (owner.Length > 0 && await LatestAsync([.. model.OrderByDescending(key => key.AsOf)], owner, asKnown, cancellationToken) is { } vector)
                state.Apply(vector);
        }
        return state;
    }

    /// <summary>
    /// The first of the partitions that has a vector of the owner. Nearly always that is the newest; where it is not, twice as many are read
    /// at once each time, so that an entity without vectors does not wait for one date after the other.
    /// </summary>
    private async Task<BranchVector?> LatestAsync(PartitionKey[] newestFirst, string owner, DateTimeOffset? asKnown, CancellationToken cancellationToken)
    {
        for (int start = 0, count = 1; start < newestFirst.Length; start += count, count = Math.Min(2 * count, MostReadsAtOnce))
        {
            var partitions = await Task.WhenAll(newestFirst.Skip(start).Take(count).Select(key => store.Vectors.ReadAsync(key, [owner], asKnown, cancellationToken)));
            if (partitions.FirstOrDefault(partition => partition is { Rows.Count: 1 }) is { } latest)
                return new BranchVector(latest.Key.ModelId, latest.Key.AsOf, latest.KnownAt, latest.Rows.Row(0));
        }
        return null;
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
        var state = entity.Kind == EntityKind.Portfolio
            ? await NewAsync(entity, cancellationToken)
            : new IssuerState(entity.Id, await InstrumentAsync(entity.Id, fused, asOf, asKnown, cancellationToken));
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

    /// <summary>The instrument that the stored joint vector of the date was fused from; where there is none yet, the one of the space's rule.</summary>
    private async Task<string> InstrumentAsync(
        string issuerId, SpaceManifest space, DateOnly asOf, DateTimeOffset? asKnown, CancellationToken cancellationToken)
    {
        var universe = await store.Inputs.ReadUniverseAsync(cancellationToken);
        string[] lines = [.. universe.InstrumentsOf(issuerId).Select(i => i.InstrumentId)];
        if (space.Instrument == InstrumentRule.SmallestId || lines.Length < 2)
            return universe.RepresentativeOf(issuerId)?.InstrumentId ?? "";
        var joint = await store.Vectors.ReadAsync(new PartitionKey(BranchKind.Joint, space.ModelId, asOf), [issuerId], asKnown, cancellationToken);
        if (joint is { Rows: { Count: 1 } rows } && rows.Headers[0].InstrumentId.Length > 0)
            return rows.Headers[0].InstrumentId;
        var vectors = lines.ToDictionary(id => id, _ => 0, StringComparer.Ordinal);
        foreach (var branch in space.Branches.Where(branch => branch.Kind == BranchKind.Numeric))
        {
            var partition = await store.Vectors.ReadAsync(new PartitionKey(branch.Kind, branch.ModelId, asOf), lines, asKnown, cancellationToken);
            foreach (var header in partition?.Rows.Headers ?? [])
                vectors[header.EntityId]++;
        }
        var chosen = await new IssuerInstruments(store.Inputs).ChooseAsync(
            space.Instrument, universe, [issuerId], asOf, id => vectors.GetValueOrDefault(id), cancellationToken);
        return chosen.GetValueOrDefault(issuerId)?.InstrumentId ?? "";
    }

    private async Task<EntityState> NewAsync(EntityKey entity, CancellationToken cancellationToken)
    {
        if (entity.Kind == EntityKind.Portfolio)
            return new PortfolioState(entity.Id);
        var universe = await store.Inputs.ReadUniverseAsync(cancellationToken);
        return new IssuerState(entity.Id, universe.RepresentativeOf(entity.Id)?.InstrumentId ?? "");
    }
}
