using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Grid;

namespace Prometheus.Grid.Grains.Surrogates;

// Core knows no serialiser; these are its messages on the wire. Ids and aliases are for ever: add members, never renumber.

[GenerateSerializer, Alias("grid.entity-key")]
internal struct EntityKeySurrogate
{
    [Id(0)] public EntityKind Kind;
    [Id(1)] public string Id;
}

[RegisterConverter]
internal sealed class EntityKeyConverter : IConverter<EntityKey, EntityKeySurrogate>
{
    public EntityKey ConvertFromSurrogate(in EntityKeySurrogate s) => new(s.Kind, s.Id);

    public EntityKeySurrogate ConvertToSurrogate(in EntityKey v) => new() { Kind = v.Kind, Id = v.Id };
}

[GenerateSerializer, Alias("grid.branch-put")]
internal struct BranchPutSurrogate
{
    [Id(0)] public EntityKey Entity;
    [Id(1)] public string ModelId;
    [Id(2)] public DateOnly AsOf;
    [Id(3)] public VectorBytes Vector;
}

[RegisterConverter]
internal sealed class BranchPutConverter : IConverter<BranchPut, BranchPutSurrogate>
{
    public BranchPut ConvertFromSurrogate(in BranchPutSurrogate s) => new(s.Entity, s.ModelId, s.AsOf, s.Vector.Values);

    public BranchPutSurrogate ConvertToSurrogate(in BranchPut v) =>
        new() { Entity = v.Entity, ModelId = v.ModelId, AsOf = v.AsOf, Vector = new(v.Vector) };
}

[GenerateSerializer, Alias("grid.put-receipt")]
internal struct PutReceiptSurrogate
{
    [Id(0)] public bool Changed;
    [Id(1)] public string[] JointModelIds;
}

[RegisterConverter]
internal sealed class PutReceiptConverter : IConverter<PutReceipt, PutReceiptSurrogate>
{
    public PutReceipt ConvertFromSurrogate(in PutReceiptSurrogate s) => new(s.Changed, s.JointModelIds);

    public PutReceiptSurrogate ConvertToSurrogate(in PutReceipt v) => new() { Changed = v.Changed, JointModelIds = [.. v.JointModelIds] };
}

[GenerateSerializer, Alias("grid.state-query")]
internal struct StateQuerySurrogate
{
    [Id(0)] public EntityKey Entity;
    [Id(1)] public DateOnly? AsOf;
    [Id(2)] public DateTimeOffset? AsKnown;
}

[RegisterConverter]
internal sealed class StateQueryConverter : IConverter<StateQuery, StateQuerySurrogate>
{
    public StateQuery ConvertFromSurrogate(in StateQuerySurrogate s) => new(s.Entity, s.AsOf, s.AsKnown);

    public StateQuerySurrogate ConvertToSurrogate(in StateQuery v) => new() { Entity = v.Entity, AsOf = v.AsOf, AsKnown = v.AsKnown };
}

[GenerateSerializer, Alias("grid.branch-vector")]
internal struct BranchVectorSurrogate
{
    [Id(0)] public string ModelId;
    [Id(1)] public DateOnly AsOf;
    [Id(2)] public DateTimeOffset KnownAt;
    [Id(3)] public VectorBytes Vector;
}

[RegisterConverter]
internal sealed class BranchVectorConverter : IConverter<BranchVector, BranchVectorSurrogate>
{
    public BranchVector ConvertFromSurrogate(in BranchVectorSurrogate s) => new(s.ModelId, s.AsOf, s.KnownAt, s.Vector.Values);

    public BranchVectorSurrogate ConvertToSurrogate(in BranchVector v) =>
        new() { ModelId = v.ModelId, AsOf = v.AsOf, KnownAt = v.KnownAt, Vector = new(v.Vector) };
}

[GenerateSerializer, Alias("grid.entity-snapshot")]
internal struct EntitySnapshotSurrogate
{
    [Id(0)] public EntityKey Entity;
    [Id(1)] public BranchVector[] Branches;
}

[RegisterConverter]
internal sealed class EntitySnapshotConverter : IConverter<EntitySnapshot, EntitySnapshotSurrogate>
{
    public EntitySnapshot ConvertFromSurrogate(in EntitySnapshotSurrogate s) => new(s.Entity, s.Branches);

    public EntitySnapshotSurrogate ConvertToSurrogate(in EntitySnapshot v) => new() { Entity = v.Entity, Branches = [.. v.Branches] };
}
