using Microsoft.Extensions.Logging;
using Orleans.Runtime.Placement;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Grains.Backfill;

/// <summary>
/// Has each chunk of a backfill encoded in the silo that has the fewest of them under way, and gives none more than it can work on. Silos
/// therefore get what they can do, and the one that also commits gets less.
/// </summary>
/// <param name="grains">Reaches the silos.</param>
/// <param name="membership">The silos there are.</param>
/// <param name="log">Told which chunks come back without vectors.</param>
internal sealed partial class SiloChunks(IGrainFactory grains, IClusterMembershipService membership, ILogger<SiloChunks> log) : IChunkEncoder, IDisposable
{
    /// <summary>Twice what is under way: no silo is out of work while the oldest chunk is late and commits stand still.</summary>
    private const int AheadOfSilo = 2 * ChunkWorker.AtOnce;

    private readonly Dictionary<SiloAddress, int> _underWay = [];
    private readonly SemaphoreSlim _turn = new(1);
    private TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int ChunksAhead => AheadOfSilo * Active().Count();

    public async Task<EncodedChunk> EncodeAsync(ChunkOrder order, CancellationToken cancellationToken)
    {
        var silo = await TakeAsync(cancellationToken);
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

    public void Dispose() => _turn.Dispose();

    /// <summary>Waits for a silo with room. Chunks wait in the order in which they came, which is that of their commits.</summary>
    private async Task<SiloAddress> TakeAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            while (true)
            {
                Task ended;
                lock (_underWay)
                {
                    var silo = Active().Order().MinBy(candidate => _underWay.GetValueOrDefault(candidate))
                        ?? throw new GridFaultException("no silo is active", canRetry: true);
                    int count = _underWay.GetValueOrDefault(silo);
                    if (count < ChunkWorker.AtOnce)
                    {
                        _underWay[silo] = count + 1;
                        return silo;
                    }
                    ended = _ended.Task;
                }
                await ended.WaitAsync(cancellationToken);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private void GiveBack(SiloAddress silo)
    {
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_underWay)
        {
            if (--_underWay[silo] == 0)
                _underWay.Remove(silo);
            (ended, _ended) = (_ended, ended);
        }
        ended.SetResult();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "chunk {Number} of {ModelId} on {AsOf} was not encoded in silo {Silo} and is encoded by the silo that drives the backfill")]
    private partial void NotEncoded(int number, string modelId, DateOnly asOf, SiloAddress silo, Exception error);
}
