using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Search;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Similarity;

namespace Prometheus.Grid.Embedded.Search;

/// <summary>Scans shards in memory: stored joint vectors as they are, or branch vectors when a query brings shares of its own.</summary>
/// <param name="store">Where the vectors are.</param>
/// <param name="scans">The threads that scan.</param>
/// <param name="budgetBytes">Memory for shards between queries.</param>
public sealed class ShardScanner(IGridStore store, ScanScheduler scans, long budgetBytes) : ICandidateScanner
{
    private readonly SpaceReader _spaces = new(store);
    private readonly RowSetCache _rows = new(store, budgetBytes);
    private readonly Searcher _searcher = new(scans);

    /// <inheritdoc/>
    public async Task<ScanAnswer> ScanAsync(CandidateScan scan, CancellationToken cancellationToken)
    {
        var candidates = new CandidateRows(scan);
        foreach (DateOnly date in scan.Dates)
        {
            // A single branch has all of the weight whatever its share.
            if (scan.Shares.Count == 0 || scan.Space.Fusion == FusionKind.Identity)
            {
                candidates.Add([await _rows.JointAsync(scan.Space, date, scan.AsKnown, cancellationToken)], _ => null);
                continue;
            }
            SpaceManifest fused = await _spaces.AsFusedAsync(scan.Space, date, scan.AsKnown, cancellationToken);
            candidates.Add(
                await _rows.BranchesAsync(fused, date, scan.AsKnown, cancellationToken), set => BranchRows.Factors(scan, fused, set.Present));
        }
        using IDisposable pass = await scans.PassAsync(cancellationToken);
        return new ScanAnswer(candidates.Search(_searcher, cancellationToken), candidates.Count, []);
    }
}
