namespace Prometheus.Grid.Core.Backfill;

/// <summary>Encodes chunks ahead of their commits. Commits stay in order, one at a time, whatever the order in which chunks are encoded.</summary>
/// <param name="chunksAhead">How many chunks may be under way, or wait for their commit, beside the one that is being committed; asked again for each.</param>
/// <param name="encode">Encodes a chunk.</param>
/// <param name="commit">Commits a chunk.</param>
internal sealed class ChunkPipeline(
    Func<int> chunksAhead, Func<int, CancellationToken, Task<EncodedChunk>> encode, Func<int, EncodedChunk, Task> commit)
{
    /// <summary>Runs the chunks from <paramref name="first"/> to before <paramref name="end"/>.</summary>
    public async Task RunAsync(int first, int end, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ahead = new Queue<Task<EncodedChunk>>();
        int next = first;
        try
        {
            for (int chunk = first; chunk < end; chunk++)
            {
                Begin();
                var encoded = await ahead.Dequeue();
                Begin();
                await commit(chunk, encoded);
            }
        }
        finally
        {
            // After a failure the chunks ahead are still being encoded, from inputs that the caller may close.
            await stop.CancelAsync();
            foreach (var abandoned in ahead)
                await ((Task)abandoned).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        void Begin()
        {
            for (int most = Math.Max(1, chunksAhead()); next < end && ahead.Count < most; next++)
                ahead.Enqueue(encode(next, stop.Token));
        }
    }
}
