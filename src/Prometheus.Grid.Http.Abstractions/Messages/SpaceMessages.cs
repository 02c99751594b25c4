using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Http.Messages;

/// <summary>All joint spaces.</summary>
/// <param name="Spaces">By model id.</param>
public sealed record SpacesPage(IReadOnlyList<SpaceMessage> Spaces);

/// <summary>A joint space.</summary>
/// <param name="ModelId">Its joint model.</param>
/// <param name="JointType">Its type, for example <c>PROFILE_CORE_V3</c>.</param>
/// <param name="Entity">Who is in it.</param>
/// <param name="Fusion">How branches are put together.</param>
/// <param name="Dimension">Length of its vectors.</param>
/// <param name="Description">One sentence.</param>
/// <param name="Branches">What it is made of.</param>
public sealed record SpaceMessage(
    string ModelId, string JointType, EntityKind Entity, FusionKind Fusion, int Dimension, string Description, IReadOnlyList<BranchMessage> Branches);

/// <summary>A branch of a space.</summary>
/// <param name="Name">As <c>weights</c> name it.</param>
/// <param name="Kind">What it is made from.</param>
/// <param name="ModelId">Its model.</param>
/// <param name="Weight">Its share unless weights are given.</param>
/// <param name="Required">Whether an entity without it has no joint vector.</param>
/// <param name="Dimensions">How many of its coordinates enter; none said where fusion does not place them side by side.</param>
public sealed record BranchMessage(string Name, BranchKind Kind, string ModelId, double Weight, bool Required, int? Dimensions = null);

/// <summary>The dates of a space.</summary>
/// <param name="ModelId">Its joint model.</param>
/// <param name="Dates">Those with vectors, ascending.</param>
public sealed record SpaceDates(string ModelId, IReadOnlyList<DateOnly> Dates);

/// <summary>All models of branches.</summary>
/// <param name="Models">By id.</param>
public sealed record ModelsPage(IReadOnlyList<ModelMessage> Models);

/// <summary>A model of a branch.</summary>
/// <param name="ModelId">Its id.</param>
/// <param name="Kind">What it turns into vectors.</param>
/// <param name="Entity">Whose vectors these are.</param>
/// <param name="Encoder">What computes it.</param>
/// <param name="Description">One sentence.</param>
/// <param name="Dimension">Length of its vectors; none said where a run decides it.</param>
public sealed record ModelMessage(string ModelId, BranchKind Kind, EntityKind Entity, string Encoder, string Description, int? Dimension = null);

/// <summary>Who is in a space on a date.</summary>
/// <param name="ModelId">Its joint model.</param>
/// <param name="AsOfDate">The date.</param>
/// <param name="Entities">By id.</param>
/// <param name="NextCursor">Where the next page begins; absent on the last.</param>
public sealed record EntitiesPage(string ModelId, DateOnly AsOfDate, IReadOnlyList<EntityMessage> Entities, string? NextCursor = null);

/// <summary>An issuer or portfolio of a space with its labels, which are empty where the tables have none.</summary>
/// <param name="EntityId">Its id.</param>
/// <param name="Name">Display name.</param>
/// <param name="Sector">Sector.</param>
/// <param name="Industry">Industry.</param>
/// <param name="Country">Country.</param>
/// <param name="Region">Region of its row.</param>
/// <param name="InstrumentId">The instrument that stands for it.</param>
public sealed record EntityMessage(string EntityId, string Name, string Sector, string Industry, string Country, string Region, string InstrumentId);
