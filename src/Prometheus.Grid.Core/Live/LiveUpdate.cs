using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Fusion;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.State;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.Live;

/// <summary>Takes single vectors: checked at the door, written durably, and carried into the joint vectors that they are a branch of.</summary>
/// <param name="store">Where vectors are written.</param>
/// <param name="catalog">Models and spaces.</param>
public sealed class LiveUpdate(IGridStore store, ModelCatalog catalog)
{
    private const string PutOrigin = "put";

    private readonly EntityStateReader _states = new(store);

    /// <inheritdoc cref="IEmbeddingGrid.PutBranchAsync"/>
    public async Task<PutReceipt> PutAsync(BranchPut put, CancellationToken cancellationToken)
    {
        ModelManifest model = catalog.Model(put.ModelId);
        Check(put, model);
        PartitionKey key = new(model.Kind, model.ModelId, put.AsOf);
        VectorPartition? known = await store.Vectors.ReadAsync(key, [], null, cancellationToken);
        VectorBatch row = new([new RowHeader(put.Entity.Id, Source: model.Kind == BranchKind.Text ? "PROFILE" : "")], put.Vector, put.Vector.Length);
        WriteOutcome outcome = await store.Vectors.PutAsync(key, row, known?.Origin ?? PutOrigin, cancellationToken);
        // Also when the branch was there already: a put that was killed behind its branch row is made whole by the retry.
        return new PutReceipt(outcome.Written > 0, await RefuseAsync(put, cancellationToken));
    }

    /// <summary>Fuses anew every joint vector of the entity that the put vector is a branch of and that has all it requires.</summary>
    private async Task<IReadOnlyList<string>> RefuseAsync(BranchPut put, CancellationToken cancellationToken)
    {
        Universe universe = await store.Inputs.ReadUniverseAsync(cancellationToken);
        if (OwnerOfJoint(put.Entity, universe) is not { } owner)
            return [];
        var refused = new List<string>();
        foreach (SpaceManifest space in catalog.Spaces.Where(space => space.Entity == owner.Kind))
        {
            PartitionKey key = new(BranchKind.Joint, space.ModelId, put.AsOf);
            VectorPartition? stored = await store.Vectors.ReadAsync(key, [], null, cancellationToken);
            SpaceManifest fused = stored is null ? space : JointOrigin.Apply(space, stored.Origin);
            if (fused.Branches.All(branch => branch.ModelId != put.ModelId))
                continue;
            EntityState state = await _states.LoadAsync(owner, fused, put.AsOf, null, cancellationToken);
            if (state.TryFuse(fused, put.AsOf, null, out float[]? joint) is not null)
                continue;
            RowHeader header = state is IssuerState issuer
                ? new RowHeader(owner.Id, issuer.InstrumentId, universe.RegionOf(owner.Id), space.Source)
                : new RowHeader(owner.Id, Source: space.Source);
            WriteOutcome outcome = await store.Vectors.PutAsync(
                key, new VectorBatch([header], joint, space.Dimension), JointOrigin.Of(fused), cancellationToken);
            if (outcome.Written > 0)
                refused.Add(space.ModelId);
        }
        return refused;
    }

    /// <summary>An instrument speaks for its issuer only when it is the representative one.</summary>
    private static EntityKey? OwnerOfJoint(EntityKey entity, Universe universe)
    {
        if (entity.Kind != EntityKind.Instrument)
            return entity;
        string? issuerId = universe.Instrument(entity.Id)?.IssuerId;
        return issuerId is not null && universe.RepresentativeOf(issuerId)?.InstrumentId == entity.Id
            ? new EntityKey(EntityKind.Issuer, issuerId)
            : null;
    }

    private static void Check(BranchPut put, ModelManifest model)
    {
        if (string.IsNullOrWhiteSpace(put.Entity.Id))
            throw new BadInputException("entity id", put.Entity.Id, "an id that is not blank");
        if (put.Entity.Kind != model.Entity)
            throw new BadInputException("entity", put.Entity, $"{model.Entity.ToString().ToLowerInvariant()}s, which {model.ModelId} is a model of");
        if (put.Vector.Length == 0 || (model.Dimension is { } dimension && put.Vector.Length != dimension))
            throw new BadInputException($"vector of {put.Entity}", $"{put.Vector.Length} values", $"{model.Dimension ?? 1} values, the dimension of {model.ModelId}");
        foreach (float value in put.Vector.Span)
        {
            if (!float.IsFinite(value))
                throw new BadInputException($"vector of {put.Entity}", value, "finite values");
        }
        if (!put.Vector.Span.ContainsAnyExcept(0f))
            throw new BadInputException($"vector of {put.Entity} on {DateRange.Text(put.AsOf)}", "all zero", "a vector with a direction");
    }
}
