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

    /// <summary>
    /// Reads the joint rows of some buckets that are about to move here, so that they are there when the buckets come; until then they are answered for where
    /// they are. Returns when the rows are there.
    /// </summary>
    [Alias("Prepare")]
    Task PrepareAsync(string modelId, int[] buckets, DateOnly[] dates, CancellationToken cancellationToken);
}
