using Prometheus.Grid.Core.Search;
using Prometheus.Grid.Similarity;

namespace Prometheus.Grid.Embedded.Search;

/// <summary>Scans shards of this process, all in one pass: stored joint vectors as they are, or branch vectors when a query brings shares of its own.</summary>
/// <param name="shards">The rows, at least one shard.</param>
/// <param name="scans">The threads that scan.</param>
/// <param name="searcher">Searches on these threads; null for one of its own. It keeps the buffers of its searches, so it is worth sharing.</param>
public sealed class ShardScanner(IReadOnlyList<ShardRows> shards, ScanScheduler scans, Searcher? searcher = null) : ICandidateScanner
{
    private readonly Searcher _searcher = searcher ?? new Searcher(scans);

    /// <inheritdoc/>
    public async Task<ScanAnswer> ScanAsync(CandidateScan scan, CancellationToken cancellationToken)
    {
        var candidates = new CandidateRows(scan);
        foreach (var date in scan.Dates)
        {
            var rows = await Task.WhenAll(shards.Select(shard => shard.OfAsync(scan, date, cancellationToken)));
            candidates.Add([.. rows.SelectMany(sets => sets)]);
        }
        using var pass = await scans.PassAsync(cancellationToken);
        return new ScanAnswer(candidates.Search(_searcher, cancellationToken), candidates.Count, []);
    }
}
