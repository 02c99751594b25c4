using Microsoft.Extensions.Logging;
using Prometheus.Grid.Grains.Placement;

namespace Prometheus.Grid.Grains.Search;

/// <summary>
/// Lets shards leave this silo without anybody waiting for their rows: the silo that they go to reads them first, and they are answered for here until it has. A silo
/// that stops hands over all of its shards before it tells anybody that it goes.
/// </summary>
/// <param name="grains">Reaches the other silos.</param>
/// <param name="membership">Says which silos there are.</param>
/// <param name="homes">Where each shard belongs.</param>
/// <param name="shards">Those that live here.</param>
/// <param name="here">This silo.</param>
/// <param name="options">How long a silo has to read rows.</param>
/// <param name="log">Told of shards that go without their rows.</param>
internal sealed partial class ShardHandover(
    IGrainFactory grains, IClusterMembershipService membership, ShardHomes homes, LocalShards shards, ILocalSiloDetails here, GridOptions options, ILogger log)
{
    /// <summary>Whether this silo is the home of a shard; of every shard while no silo is known to be active.</summary>
    public bool BelongsHere(ShardKey shard) => homes.Now is not { Count: > 0 } now || shard.Of != now.Count || now[shard.Bucket].Equals(here.SiloAddress);

    /// <summary>Has shards of this silo made ready where they go; one that cannot be goes as it is, and its rows are read when somebody asks for it.</summary>
    /// <param name="leaving">The shards.</param>
    /// <param name="to">The silo of each bucket.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task PrepareAsync(IReadOnlyList<ShardKey> leaving, IReadOnlyList<SiloAddress> to, CancellationToken cancellationToken) => Task.WhenAll(
        leaving.Where(shard => shard.Of == to.Count && !to[shard.Bucket].Equals(here.SiloAddress))
            .GroupBy(shard => (Home: to[shard.Bucket], shard.ModelId))
            .Select(group => PrepareAsync(group.Key.Home, group.Key.ModelId, [.. group], cancellationToken)));

    /// <summary>Has all shards of this silo made ready where they go when it is gone.</summary>
    public Task PrepareAllAsync(CancellationToken cancellationToken)
    {
        SiloAddress[] others =
        [
            .. membership.CurrentSnapshot.Members.Values.Where(member => member.Status == SiloStatus.Active).Select(member => member.SiloAddress)
                .Where(silo => !silo.Equals(here.SiloAddress)),
        ];
        return others.Length == 0 ? Task.CompletedTask : PrepareAsync([.. shards.Keys], ShardHomes.Assign(homes.Shards, others), cancellationToken);
    }

    private async Task PrepareAsync(SiloAddress home, string modelId, ShardKey[] leaving, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(options.ShardDeadline);
        try
        {
            DateOnly[] dates = [.. leaving.SelectMany(shards.DatesOf).Distinct()];
            await grains.GetGrain<IShardHostGrain>(home.ToParsableString()).PrepareAsync(modelId, [.. leaving.Select(shard => shard.Bucket)], dates, deadline.Token);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            Unprepared(log, leaving.Length, modelId, home, error.Message);
        }
    }

    [LoggerMessage(LogLevel.Information, "{Count} shards of {ModelId} go to {Silo} without their rows: {Why}")]
    private static partial void Unprepared(ILogger log, int count, string modelId, SiloAddress silo, string why);
}
