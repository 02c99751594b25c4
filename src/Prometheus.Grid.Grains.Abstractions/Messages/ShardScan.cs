using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Search;

namespace Prometheus.Grid.Grains.Messages;

/// <summary>A <see cref="CandidateScan"/> on its way to a shard. The space travels by name and origin: every silo has the manifests.</summary>
[GenerateSerializer, Immutable, Alias("grid.shard-scan")]
public sealed record ShardScan
{
    /// <summary>The joint model.</summary>
    [Id(0)] public required string ModelId { get; init; }

    /// <summary>The branch models behind the rows, as <see cref="Core.Fusion.JointOrigin"/> writes them.</summary>
    [Id(1)] public required string Origin { get; init; }

    /// <summary>The dates whose rows are candidates, ascending.</summary>
    [Id(2)] public required DateOnly[] Dates { get; init; }

    /// <summary>The target's joint vector.</summary>
    [Id(3)] public required VectorBytes Target { get; init; }

    /// <summary>The entity whose row on <see cref="TargetAsOf"/> is left out, or null.</summary>
    [Id(4)] public string? TargetEntityId { get; init; }

    /// <summary>The date of the target.</summary>
    [Id(5)] public required DateOnly TargetAsOf { get; init; }

    /// <summary>Shares of the branches; empty compares stored joint vectors.</summary>
    [Id(6)] public required double[] Shares { get; init; }

    /// <summary>Narrows the candidates; null for none.</summary>
    [Id(7)] public SimilarityFilter? Filter { get; init; }

    /// <summary>How many to keep.</summary>
    [Id(8)] public required int TopK { get; init; }

    /// <summary>Rows as they were known at this time; null for now.</summary>
    [Id(9)] public DateTimeOffset? AsKnown { get; init; }

    /// <summary>The version that the rows of <see cref="TargetAsOf"/> had when the query was resolved; null where that is not known.</summary>
    [Id(10)] public string? Version { get; init; }
}

/// <summary>The best candidates of a shard, or of several.</summary>
/// <param name="Best">Up to k of them, best first.</param>
/// <param name="Candidates">How many rows were compared.</param>
/// <param name="Missing">Buckets that were asked for and did not answer.</param>
/// <param name="Reason">Why one of them did not; null where all did, or the silo is of a version that does not say.</param>
[GenerateSerializer, Immutable, Alias("grid.shard-answer")]
public sealed record ShardAnswer([property: Id(0)] ScannedCandidate[] Best, [property: Id(1)] long Candidates, [property: Id(2)] int[] Missing, [property: Id(3)] string? Reason = null);
