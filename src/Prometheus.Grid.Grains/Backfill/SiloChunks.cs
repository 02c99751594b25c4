using Microsoft.Extensions.Logging;
using Orleans.Runtime.Placement;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Grains.Backfill;

/// <summary>
/// Has each chunk of a backfill encoded in the silo that has the fewest of them under way. Silos therefore get what they can do, and the
/// one that also commits gets less.
/// </summary>
/// <param name="grains">Reaches the silos.</param>
/// <param name="membership">The silos there are.</param>
/// <param name="log">Told which chunks come back without vectors.</param>
internal sealed partial class SiloChunks(IGrainFactory grains, IClusterMembershipService membership, ILogger<SiloChunks> log) : IChunkEncoder
{
    /// <summary>Two in work and two that wait, so that no silo is out of work while the oldest chunk is late and commits stand still.</summary>
    private const int ChunksOfSilo = 4;

    private readonly Dictionary<SiloAddress, int> _underWay = [];

    public int ChunksAhead => ChunksOfSilo * Active().Count();

    public async Task<EncodedChunk> EncodeAsync(ChunkOrder order, CancellationToken cancellationToken)
    {
        SiloAddress silo = Take();
        try
        {
            RequestContext.Set(IPlacementDirector.PlacementHintKey, silo);
            return await grains.GetGrain<IChunkGrain>(Guid.NewGuid()).EncodeAsync(order, cancellationToken);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            NotEncoded(order.Number, order.Request.ModelId, order.AsOf, silo, error);
            throw;
        }
        finally
        {
            GiveBack(silo);
        }
    }

    private IEnumerable<SiloAddress> Active() =>
        membership.CurrentSnapshot.Members.Values.Where(member => member.Status == SiloStatus.Active).Select(member => member.SiloAddress);

    private SiloAddress Take()
    {
        SiloAddress[] active = [.. Active().Order()];
        lock (_underWay)
        {
            SiloAddress silo = active.MinBy(candidate => _underWay.GetValueOrDefault(candidate))
                ?? throw new GridFaultException("no silo is active", canRetry: true);
            _underWay[silo] = _underWay.GetValueOrDefault(silo) + 1;
            return silo;
        }
    }

    private void GiveBack(SiloAddress silo)
    {
        lock (_underWay)
        {
            if (--_underWay[silo] == 0)
                _underWay.Remove(silo);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "chunk {Number} of {ModelId} on {AsOf} was not encoded in silo {Silo} and is encoded by the silo that drives the backfill")]
    private partial void NotEncoded(int number, string modelId, DateOnly asOf, SiloAddress silo, Exception error);
}
