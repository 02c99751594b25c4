using Prometheus.Grid.Grains.Messages;

namespace Prometheus.Grid.Grains;

/// <summary>
/// One hash bucket of the entities of a space: holds the rows of the dates that it was asked for, as far as memory goes, and scans them
/// exactly. Its key is that of <see cref="ShardKey"/>.
/// </summary>
[Alias("grid.shard")]
public interface ISimilarityShardGrain : IGrainWithStringKey
{
    /// <summary>The best candidates of this bucket. The rows are those of the store when the call arrives, or newer.</summary>
    [Alias("Scan")]
    Task<ShardAnswer> ScanAsync(ShardScan scan, CancellationToken cancellationToken);
}
