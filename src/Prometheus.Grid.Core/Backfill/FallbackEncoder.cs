namespace Prometheus.Grid.Core.Backfill;

/// <summary>
/// Has chunks encoded by others, and encodes here what they could not: when the process that had a chunk was lost, or when it found
/// other inputs. What cannot be done at all fails here, with the error of a backfill in one process.
/// </summary>
/// <param name="others">The others.</param>
/// <param name="here">The same work in this process.</param>
internal sealed class FallbackEncoder(IChunkEncoder others, ChunkedPlan here) : IChunkEncoder, IDisposable
{
    // Of all chunks that were lost with a process one is made up for at a time: each takes all cores.
    private readonly SemaphoreSlim _turn = new(1);

    public int ChunksAhead => others.ChunksAhead;

    public async Task<EncodedChunk> EncodeAsync(ChunkOrder order, CancellationToken cancellationToken)
    {
        try
        {
            return await others.EncodeAsync(order, cancellationToken);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            await _turn.WaitAsync(cancellationToken);
        }
        try
        {
            return await here.EncodeAsync(order, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();
}
