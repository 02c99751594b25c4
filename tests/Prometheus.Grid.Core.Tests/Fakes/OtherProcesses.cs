using Prometheus.Grid.Core.Backfill;

namespace Prometheus.Grid.Core.Tests.Fakes;

/// <summary>Encodes chunks as other processes would, and notes which it was asked for.</summary>
/// <param name="context">What the others work with.</param>
/// <param name="chunksAhead">How many chunks they want.</param>
internal sealed class OtherProcesses(BackfillContext context, int chunksAhead) : IChunkEncoder, IDisposable
{
    private readonly ChunkWorker _worker = new(context);
    private readonly List<int> _asked = [];
    private int _underWay;
    private int _mostUnderWay;

    /// <summary>Runs before a chunk is encoded; may fail it or hold it up.</summary>
    public Func<ChunkOrder, CancellationToken, Task> Before { get; init; } = (_, _) => Task.CompletedTask;

    public int ChunksAhead => chunksAhead;

    /// <summary>The chunks that were asked for, in that order.</summary>
    public IReadOnlyList<int> Asked => _asked;

    public int UnderWay => _underWay;

    public int MostUnderWay => _mostUnderWay;

    public async Task<EncodedChunk> EncodeAsync(ChunkOrder order, CancellationToken cancellationToken)
    {
        lock (_asked)
        {
            _asked.Add(order.Number);
            _mostUnderWay = Math.Max(_mostUnderWay, ++_underWay);
        }
        try
        {
            await Before(order, cancellationToken);
            return await _worker.EncodeAsync(order, cancellationToken);
        }
        finally
        {
            lock (_asked)
                _underWay--;
        }
    }

    public void Dispose() => _worker.Dispose();
}
