using System.Text.Json.Serialization;
using Prometheus.Grid.Core.Entities;

namespace Prometheus.Grid.Http.Messages;

/// <summary>Joint vectors, by date and then by id.</summary>
/// <param name="ModelId">Their joint model.</param>
/// <param name="Vectors">A page of them.</param>
/// <param name="NextCursor">Where the next page begins; absent on the last.</param>
public sealed record VectorsPage(string ModelId, IReadOnlyList<VectorMessage> Vectors, string? NextCursor = null);

/// <summary>A joint vector.</summary>
/// <param name="AsOfDate">The date that it describes.</param>
/// <param name="EntityId">The issuer or portfolio.</param>
/// <param name="InstrumentId">The issuer's representative instrument; empty for portfolios.</param>
/// <param name="Region">The issuer's region; empty for portfolios.</param>
/// <param name="Source">What it was fused from.</param>
/// <param name="ModelId">Its joint model.</param>
/// <param name="Vector">Its values.</param>
public sealed record VectorMessage(
    DateOnly AsOfDate, string EntityId, string InstrumentId, string Region, string Source, string ModelId, float[] Vector);

/// <summary>A branch vector to be stored under the model, date and id of the address.</summary>
/// <param name="Vector">Finite values, not all zero, as many as the model has dimensions.</param>
/// <param name="Kind">What the id is of; checked against the model, whose kind it is unless said.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record PutRequest(float[] Vector, EntityKind? Kind = null);

/// <summary>What a put changed.</summary>
/// <param name="Changed">False when the very same vector was there already.</param>
/// <param name="JointModelIds">Spaces whose joint vector of the entity was fused anew.</param>
public sealed record PutMessage(bool Changed, IReadOnlyList<string> JointModelIds);

/// <summary>How an entity moved through a space.</summary>
/// <param name="ModelId">The joint model.</param>
/// <param name="EntityId">The entity.</param>
/// <param name="Points">By date.</param>
public sealed record HistoryMessage(string ModelId, string EntityId, IReadOnlyList<HistoryPointMessage> Points);

/// <summary>An entity on one date of its history.</summary>
/// <param name="AsOfDate">The date.</param>
/// <param name="Norm">Euclidean norm of the joint vector.</param>
/// <param name="CosineToFirst">Cosine to the first date.</param>
/// <param name="CosineToPrevious">Cosine to the date before; absent on the first.</param>
/// <param name="Nearest">The nearest other entity; absent when it is alone.</param>
/// <param name="NearestCosine">Cosine to it.</param>
public sealed record HistoryPointMessage(
    DateOnly AsOfDate, double Norm, double CosineToFirst, double? CosineToPrevious = null, string? Nearest = null, double? NearestCosine = null);

/// <summary>A space on one date, drawn in the plane: columns of equal length, by entity id.</summary>
/// <param name="ModelId">The joint model.</param>
/// <param name="AsOfDate">The date.</param>
/// <param name="Method"><c>umap</c> keeps neighbours together, <c>pca</c> keeps large distances.</param>
/// <param name="EntityIds">Whose points these are.</param>
/// <param name="Names">Display names, or empty.</param>
/// <param name="Sectors">Sectors, or empty.</param>
/// <param name="Countries">Countries, or empty.</param>
/// <param name="X">To the right.</param>
/// <param name="Y">Upwards.</param>
/// <param name="Neighbours">For each point the positions of its true nearest neighbours in the space, nearest first.</param>
/// <param name="Trustworthiness">How well neighbours on the map are neighbours in the space, 0 to 1 (Venna and Kaski, 2001).</param>
/// <param name="Distances">Cosine distances to these neighbours, where they were asked for.</param>
public sealed record MapMessage(
    string ModelId,
    DateOnly AsOfDate,
    string Method,
    IReadOnlyList<string> EntityIds,
    IReadOnlyList<string> Names,
    IReadOnlyList<string> Sectors,
    IReadOnlyList<string> Countries,
    IReadOnlyList<double> X,
    IReadOnlyList<double> Y,
    IReadOnlyList<int[]> Neighbours,
    double Trustworthiness,
    IReadOnlyList<float[]>? Distances = null);
