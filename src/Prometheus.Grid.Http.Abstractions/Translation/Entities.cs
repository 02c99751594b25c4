using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Http.Messages;

namespace Prometheus.Grid.Http.Translation;

/// <summary>Entities, vectors and spaces, from the domain to messages and back.</summary>
public static class Entities
{
    /// <summary>The segment of addresses under which entities of a kind are.</summary>
    public static string SegmentOf(EntityKind kind) => kind switch
    {
        EntityKind.Issuer => "issuers",
        EntityKind.Instrument => "instruments",
        EntityKind.Portfolio => "portfolios",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "unknown kind of entity"),
    };

    /// <summary>A joint vector as a message.</summary>
    public static VectorMessage ToMessage(this JointRow row) =>
        new(row.AsOf, row.EntityId, row.InstrumentId, row.Region, row.Source, row.ModelId, row.Vector.ToArray());

    /// <summary>The joint vector of a message.</summary>
    public static JointRow ToRow(this VectorMessage message) =>
        new(message.AsOfDate, message.EntityId, message.InstrumentId, message.Region, message.Source, message.ModelId, message.Vector);

    /// <summary>A state as a message.</summary>
    /// <param name="state">The state.</param>
    /// <param name="withVectors">Whether the values are wanted.</param>
    public static StateMessage ToMessage(this EntitySnapshot state, bool withVectors) => new(
        state.Entity.Kind,
        state.Entity.Id,
        [.. state.Branches.Select(branch => new BranchStateMessage(branch.ModelId, branch.AsOf, branch.KnownAt, withVectors ? branch.Vector.ToArray() : null))]);

    /// <summary>The state of a message that carries vectors.</summary>
    public static EntitySnapshot ToSnapshot(this StateMessage message) => new(
        new EntityKey(message.Kind, message.Id),
        [.. message.Branches.Select(branch => new BranchVector(branch.ModelId, branch.AsOfDate, branch.KnownAt, branch.Vector ?? []))]);

    /// <summary>A point of a history as a message.</summary>
    public static HistoryPointMessage ToMessage(this HistoryPoint point) =>
        new(point.AsOf, point.Norm, point.CosineToFirst, point.CosineToPrevious, point.Nearest, point.NearestCosine);

    /// <summary>The point of a message.</summary>
    public static HistoryPoint ToPoint(this HistoryPointMessage message) =>
        new(message.AsOfDate, message.Norm, message.CosineToPrevious, message.CosineToFirst, message.Nearest, message.NearestCosine);

    /// <summary>A space as a message.</summary>
    public static SpaceMessage ToMessage(this SpaceManifest space) => new(
        space.ModelId, space.JointType, space.Entity, space.Fusion, space.Dimension, space.Description,
        [.. space.Branches.Select(branch => new BranchMessage(branch.Name, branch.Kind, branch.ModelId, branch.Weight, branch.Required, branch.Dimensions))]);

    /// <summary>A model as a message.</summary>
    public static ModelMessage ToMessage(this ModelManifest model) =>
        new(model.ModelId, model.Kind, model.Entity, model.Encoder, model.Description, model.Dimension);

    /// <summary>An issuer as a message.</summary>
    public static IssuerMessage ToMessage(this Issuer issuer, Universe universe) => new(
        issuer.IssuerId, issuer.Name, issuer.IssuerType, issuer.Country, issuer.Sector, issuer.Industry, universe.RegionOf(issuer.IssuerId),
        [.. universe.InstrumentsOf(issuer.IssuerId).Select(instrument => new InstrumentMessage(
            instrument.InstrumentId, instrument.Symbol, instrument.MarketId, instrument.AssetClass, instrument.Exchange, instrument.Currency, instrument.Status))]);
}
