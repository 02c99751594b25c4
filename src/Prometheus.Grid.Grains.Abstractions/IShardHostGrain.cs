using Prometheus.Grid.Grains.Messages;

namespace Prometheus.Grid.Grains;

/// <summary>
/// The shards that live in one silo, scanned together: a search costs a message a silo instead of one a shard, and one pass over the rows of the
/// silo. Its key is the silo's address.
/// </summary>
[Alias("grid.shard-host")]
public interface IShardHostGrain : IGrainWithStringKey
{
    /// <summary>
    /// The best candidates of some buckets. The rows are those of the store when the call arrives, or newer. A bucket that does not live in this silo,
    /// or does not yet, is asked where it does.
    /// </summary>
    [Alias("Scan")]
    Task<ShardAnswer> ScanAsync(ShardScan scan, int[] buckets, CancellationToken cancellationToken);
}
