using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Core.Backfill;

/// <summary>
/// Has chunks encoded by others, and encodes here what they could not: when the process that had a chunk was lost, or when it found
/// other inputs; tracing is told why. What cannot be done at all fails here, with the error of a backfill in one process and, behind it, that of the others.
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
        Exception cause;
        try
        {
            return await others.EncodeAsync(order, cancellationToken);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            cause = error;
        }
        using var activity = BackfillActivity.Fallback(order, cause);
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await here.EncodeAsync(order, cancellationToken);
        }
        catch (GridFaultException error)
        {
            throw new GridFaultException(
                $"{error.Message}; before that, where chunk {order.Number} had been sent: {cause.Message}", error.CanRetry, new AggregateException(error, cause));
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();
}
