using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Fusion;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.State;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Core.Telemetry;

namespace Prometheus.Grid.Core.Live;

/// <summary>Takes single vectors: checked at the door, written durably, and carried into the joint vectors that they are a branch of.</summary>
/// <param name="store">Where vectors are written.</param>
/// <param name="catalog">Models and spaces.</param>
public sealed class LiveUpdate(IGridStore store, ModelCatalog catalog)
{
    private const string PutOrigin = "put";

    private readonly EntityStateReader _states = new(store, catalog);

    /// <summary>The partitions whose recipes <see cref="PutAsync"/> asks for; a caller may have them at hand.</summary>
    /// <exception cref="NotFoundException">No such model.</exception>
    public static IReadOnlyList<PartitionKey> Partitions(BranchPut put, ModelCatalog catalog)
    {
        var model = catalog.Model(put.ModelId);
        var owner = put.Entity.Kind == EntityKind.Instrument ? EntityKind.Issuer : put.Entity.Kind;
        return
        [
            new PartitionKey(model.Kind, model.ModelId, put.AsOf),
            .. catalog.Spaces.Where(space => space.Entity == owner).Select(space => new PartitionKey(BranchKind.Joint, space.ModelId, put.AsOf)),
        ];
    }

    /// <summary>A put begins; whoever was asked for it says how it ended, since one that finds other recipes than it expected is made twice.</summary>
    public static GridOperation Begin(BranchPut put)
    {
        var operation = GridOperation.Put(put.Entity.Kind);
        operation.Span?.SetTag("grid.model.id", put.ModelId).SetTag("grid.entity.id", put.Entity.Id).SetTag("grid.date", DateRange.Text(put.AsOf));
        return operation;
    }

    /// <inheritdoc cref="IEmbeddingGrid.PutBranchAsync"/>
    public async Task<PutReceipt> PutAsync(BranchPut put, CancellationToken cancellationToken)
    {
        var model = catalog.Model(put.ModelId);
        Check(put, model);
        var keys = Partitions(put, catalog);
        var headers = await store.Vectors.HeadersAsync(keys, cancellationToken);
        VectorBatch row = new([new RowHeader(put.Entity.Id, Source: model.Kind == BranchKind.Text ? "PROFILE" : "")], put.Vector, put.Vector.Length);
        // The branch and the joint vectors that it completes are written together, also where the branch was there already.
        List<VectorPut> puts = [new VectorPut(keys[0], row, headers[0]?.Origin ?? PutOrigin)];
        var origins = keys.Zip(headers).Skip(1).Where(pair => pair.Second is not null).ToDictionary(pair => pair.First.ModelId, pair => pair.Second!.Origin, StringComparer.Ordinal);
        puts.AddRange(await JointPutsAsync(put, origins, cancellationToken));
        var outcomes = await store.Vectors.PutTogetherAsync(puts, cancellationToken);
        return new PutReceipt(
            outcomes[0].Written > 0, [.. Enumerable.Range(1, puts.Count - 1).Where(i => outcomes[i].Written > 0).Select(i => puts[i].Key.ModelId)]);
    }

    /// <summary>Fuses anew every joint vector of the entity that the put vector is a branch of and that has all it requires.</summary>
    /// <param name="put">The branch.</param>
    /// <param name="origins">The recipe of each joint partition of the date that exists, by its model.</param>
    /// <param name="cancellationToken">Ends the reads early.</param>
    private async Task<IReadOnlyList<VectorPut>> JointPutsAsync(BranchPut put, Dictionary<string, string> origins, CancellationToken cancellationToken)
    {
        var universe = await store.Inputs.ReadUniverseAsync(cancellationToken);
        if (OwnerOfJoint(put.Entity, universe) is not { } owner)
            return [];
        var puts = new List<VectorPut>();
        var branch = new BranchVector(put.ModelId, put.AsOf, DateTimeOffset.MaxValue, put.Vector);
        foreach (var space in catalog.Spaces.Where(space => space.Entity == owner.Kind))
        {
            var fused = origins.TryGetValue(space.ModelId, out string? origin) ? JointOrigin.Apply(space, origin) : space;
            if (fused.Branches.All(branch => branch.ModelId != put.ModelId))
                continue;
            var state = await _states.LoadAsync(owner, fused, put.AsOf, null, cancellationToken, branch);
            // An instrument speaks for its issuer only where it is the one that stands for it.
            if (put.Entity.Kind == EntityKind.Instrument && state is IssuerState spokenFor && spokenFor.InstrumentId != put.Entity.Id)
                continue;
            if (state.TryFuse(fused, put.AsOf, null, out float[]? joint) is not null)
                continue;
            var header = state is IssuerState issuer
                ? new RowHeader(owner.Id, issuer.InstrumentId, universe.RegionOf(owner.Id, universe.Instrument(issuer.InstrumentId)), space.Source)
                : new RowHeader(owner.Id, Source: space.Source);
            puts.Add(new VectorPut(
                new PartitionKey(BranchKind.Joint, space.ModelId, put.AsOf), new VectorBatch([header], joint, space.Dimension), JointOrigin.Of(fused)));
        }
        return puts;
    }

    /// <summary>Whose joint vectors an entity can be part of; for an instrument, those of its issuer.</summary>
    private static EntityKey? OwnerOfJoint(EntityKey entity, Universe universe)
    {
        if (entity.Kind != EntityKind.Instrument)
            return entity;
        string? issuerId = universe.Instrument(entity.Id)?.IssuerId;
        return issuerId is not null ? new EntityKey(EntityKind.Issuer, issuerId) : null;
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
