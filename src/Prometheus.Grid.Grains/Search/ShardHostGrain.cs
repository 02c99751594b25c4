using Orleans.Concurrency;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Embedded.Search;
using Prometheus.Grid.Grains.Messages;
using Prometheus.Grid.Grains.Placement;

namespace Prometheus.Grid.Grains.Search;

/// <summary>Scans the shards of its silo in one pass, and has those that live elsewhere scanned there.</summary>
/// <param name="silo">The grid of this silo.</param>
[GrainType("grid-shard-host")]
[Reentrant]
[AtSilo]
public sealed class ShardHostGrain(SiloGrid silo) : Orleans.Grain, IShardHostGrain
{
    /// <inheritdoc/>
    public async Task<ShardAnswer> ScanAsync(ShardScan scan, int[] buckets, CancellationToken cancellationToken)
    {
        var here = new List<ShardRows>(buckets.Length);
        var parts = new List<Task<ShardAnswer>>();
        foreach (int bucket in buckets)
        {
            var shard = new ShardKey(scan.ModelId, bucket, silo.Homes.Shards);
            if (silo.Shards.Find(shard) is { } rows)
                here.Add(rows);
            else
                parts.Add(AskAsync(shard, scan, cancellationToken));
        }
        if (here.Count > 0)
            parts.Add(silo.Shards.ScanAsync(here, scan, cancellationToken));
        return ShardAnswers.Merge(await Task.WhenAll(parts), scan.TopK);
    }

    /// <inheritdoc/>
    public Task PrepareAsync(string modelId, int[] buckets, DateOnly[] dates, CancellationToken cancellationToken)
    {
        silo.Shards.ForgetPrepared(silo.Handover.BelongsHere);
        return Task.WhenAll(buckets.Select(bucket => silo.Shards.PrepareAsync(new ShardKey(modelId, bucket, silo.Homes.Shards), dates, cancellationToken)));
    }

    /// <summary>A shard that is not here: one that nobody has asked for yet, or that is about to move.</summary>
    private async Task<ShardAnswer> AskAsync(ShardKey shard, ShardScan scan, CancellationToken cancellationToken)
    {
        try
        {
            return await GrainFactory.GetGrain<ISimilarityShardGrain>(shard.ToString()).ScanAsync(scan, cancellationToken);
        }
        catch (Exception error) when (error is not GridException and not OperationCanceledException)
        {
            return new ShardAnswer([], 0, [shard.Bucket], $"{shard}: {error.Message}");
        }
    }
}
