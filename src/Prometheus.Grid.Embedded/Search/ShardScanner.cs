using Prometheus.Grid.Core.Search;

namespace Prometheus.Grid.Embedded.Search;

/// <summary>Scans shards of this process, all in one pass: stored joint vectors as they are, or branch vectors when a query brings shares of its own.</summary>
/// <param name="shards">The rows, at least one shard.</param>
/// <param name="queue">Where scans wait; worth sharing by all who scan the same rows.</param>
public sealed class ShardScanner(IReadOnlyList<ShardRows> shards, SharedScans queue) : ICandidateScanner
{
    /// <inheritdoc/>
    public async Task<ScanAnswer> ScanAsync(CandidateScan scan, CancellationToken cancellationToken)
    {
        var candidates = new CandidateRows(scan);
        foreach (var date in scan.Dates)
        {
            var rows = await Task.WhenAll(shards.Select(shard => shard.OfAsync(scan, date, cancellationToken)));
            candidates.Add([.. rows.SelectMany(sets => sets)]);
        }
        return new ScanAnswer(await queue.SearchAsync(candidates, cancellationToken), candidates.Count, []);
    }
}
