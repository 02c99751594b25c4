using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.Search;

/// <summary>
/// Compares a resolved target with every candidate and keeps the best. The one part of a search that differs between hosts: one process
/// scans its own shards, a cluster fans out to shard grains.
/// </summary>
public interface ICandidateScanner
{
    /// <summary>
    /// The exact top k by cosine descending, distance ascending, date ascending, id ascending. The order is total, so an answer never depends on
    /// the order in which rows or shards were looked at.
    /// </summary>
    Task<ScanAnswer> ScanAsync(CandidateScan scan, CancellationToken cancellationToken);
}

/// <summary>What to compare with what.</summary>
public sealed record CandidateScan
{
    /// <summary>The space, with the branch models that the rows of the target date were fused from.</summary>
    public required SpaceManifest Space { get; init; }

    /// <summary>The dates whose rows are candidates, ascending.</summary>
    public required IReadOnlyList<DateOnly> Dates { get; init; }

    /// <summary>The target, and who is left out.</summary>
    public required SearchTarget Target { get; init; }

    /// <summary>Shares of the branches, summing to one, with which candidates are fused anew; empty compares stored joint vectors.</summary>
    public IReadOnlyList<double> Shares { get; init; } = [];

    /// <summary>Narrows the candidates; null for none.</summary>
    public CandidateFilter? Filter { get; init; }

    /// <summary>How many to keep, at least 1.</summary>
    public required int TopK { get; init; }

    /// <summary>Looks only at the first this many candidates by date and id; null looks at all.</summary>
    public int? CandidateLimit { get; init; }

    /// <summary>Rows as they were known at this time; null for now.</summary>
    public DateTimeOffset? AsKnown { get; init; }

    /// <summary>
    /// The version that the rows of the target's date had when the query was resolved; null where that is not known. A scanner that holds this
    /// version need not ask the store for it.
    /// </summary>
    public string? Version { get; init; }

    /// <summary>Accepts an answer with shards missing, named.</summary>
    public bool AllowPartial { get; init; }
}

/// <summary>A row that was compared with the target.</summary>
/// <param name="Cosine">Cosine of target and row; 0 when either is the zero vector.</param>
/// <param name="Euclidean">Euclidean distance of the vectors as compared.</param>
/// <param name="AsOf">The date of the row.</param>
/// <param name="Header">Whose row it is.</param>
public sealed record ScannedCandidate(double Cosine, double Euclidean, DateOnly AsOf, RowHeader Header);

/// <summary>The best candidates.</summary>
/// <param name="Best">Up to k of them, best first.</param>
/// <param name="Candidates">How many rows were compared.</param>
/// <param name="MissingShards">Shards that did not answer; empty unless a partial answer was allowed.</param>
public sealed record ScanAnswer(IReadOnlyList<ScannedCandidate> Best, long Candidates, IReadOnlyList<string> MissingShards);
