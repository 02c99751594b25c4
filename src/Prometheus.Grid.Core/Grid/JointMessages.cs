using Prometheus.Grid.Core.Entities;

namespace Prometheus.Grid.Core.Grid;

/// <summary>A branch vector to be stored.</summary>
/// <param name="Entity">Whose vector: an issuer (text), an instrument (numeric) or a portfolio (numeric).</param>
/// <param name="ModelId">The model that computed it; fixes kind and length.</param>
/// <param name="AsOf">The date that it describes.</param>
/// <param name="Vector">Finite values, not all zero.</param>
public sealed record BranchPut(EntityKey Entity, string ModelId, DateOnly AsOf, ReadOnlyMemory<float> Vector);

/// <summary>What a put changed.</summary>
/// <param name="Changed">False when the very same vector was there already.</param>
/// <param name="JointModelIds">Spaces whose joint vector of the entity was fused anew.</param>
public sealed record PutReceipt(bool Changed, IReadOnlyList<string> JointModelIds);

/// <summary>Asks for the latest branch vectors of an entity.</summary>
/// <param name="Entity">An issuer or a portfolio.</param>
/// <param name="AsOf">Vectors that describe dates up to this one; null for the latest.</param>
/// <param name="AsKnown">What was known at this time; null for now.</param>
public sealed record StateQuery(EntityKey Entity, DateOnly? AsOf = null, DateTimeOffset? AsKnown = null);

/// <summary>A branch vector with its history.</summary>
/// <param name="ModelId">The model that computed it.</param>
/// <param name="AsOf">The date that it describes.</param>
/// <param name="KnownAt">When the grid came to know it.</param>
/// <param name="Vector">Its values.</param>
public sealed record BranchVector(string ModelId, DateOnly AsOf, DateTimeOffset KnownAt, ReadOnlyMemory<float> Vector);

/// <summary>The latest branch vectors of an entity, one a model, ordered by model id.</summary>
/// <param name="Entity">The issuer or portfolio.</param>
/// <param name="Branches">Its vectors.</param>
public sealed record EntitySnapshot(EntityKey Entity, IReadOnlyList<BranchVector> Branches);

/// <summary>Asks for one joint vector.</summary>
/// <param name="EntityId">An issuer or portfolio of the space.</param>
/// <param name="AsOf">The date that it describes.</param>
/// <param name="ModelId">The joint model.</param>
/// <param name="Weights">Fuses the stored branches with these shares; null reads the stored joint vector.</param>
/// <param name="AsKnown">What was known at this time; null for now.</param>
public sealed record JointQuery(
    string EntityId, DateOnly AsOf, string ModelId, BranchWeights? Weights = null, DateTimeOffset? AsKnown = null);

/// <summary>Asks for stored joint vectors.</summary>
/// <param name="ModelId">The joint model.</param>
/// <param name="Dates">The dates they describe.</param>
/// <param name="EntityId">Only of this entity, or null.</param>
/// <param name="Limit">At most this many, at least 1; null for all.</param>
/// <param name="AsKnown">What was known at this time; null for now.</param>
public sealed record JointListing(
    string ModelId, DateRange Dates, string? EntityId = null, int? Limit = null, DateTimeOffset? AsKnown = null);

/// <summary>A joint vector.</summary>
/// <param name="AsOf">The date that it describes.</param>
/// <param name="EntityId">The issuer or portfolio.</param>
/// <param name="InstrumentId">The issuer's representative instrument; empty for portfolios.</param>
/// <param name="Region">The issuer's region; empty for portfolios.</param>
/// <param name="Source">What it was fused from.</param>
/// <param name="ModelId">The joint model.</param>
/// <param name="Vector">Its values.</param>
public sealed record JointRow(
    DateOnly AsOf, string EntityId, string InstrumentId, string Region, string Source, string ModelId, ReadOnlyMemory<float> Vector);

/// <summary>Asks how an entity moved through a space.</summary>
/// <param name="EntityId">An issuer or portfolio of the space.</param>
/// <param name="ModelId">The joint model.</param>
/// <param name="Dates">The dates to cover; null for all.</param>
public sealed record HistoryQuery(string EntityId, string ModelId, DateRange? Dates = null);

/// <summary>An entity on one date of its history.</summary>
/// <param name="AsOf">The date.</param>
/// <param name="Norm">Euclidean norm of the joint vector.</param>
/// <param name="CosineToPrevious">Cosine to the date before; null on the first.</param>
/// <param name="CosineToFirst">Cosine to the first date.</param>
/// <param name="Nearest">The nearest other entity on the date; null when it is alone.</param>
/// <param name="NearestCosine">Cosine to <paramref name="Nearest"/>; null when it is alone.</param>
public sealed record HistoryPoint(
    DateOnly AsOf, double Norm, double? CosineToPrevious, double CosineToFirst, string? Nearest, double? NearestCosine);
