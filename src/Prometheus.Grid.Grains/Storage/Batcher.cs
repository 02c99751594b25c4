namespace Prometheus.Grid.Grains.Storage;

/// <summary>
/// Runs one operation a key at a time, for all callers that came while the one before was running. A caller never shares an operation
/// that began before it called: so no read is older than its question, and one commit serves as many writes as wait for it. The busier,
/// the larger the batches; a lone caller waits for nobody.
/// </summary>
/// <typeparam name="TKey">Calls of different keys do not meet.</typeparam>
/// <typeparam name="TCall">What a caller brings.</typeparam>
/// <typeparam name="TAnswer">What it gets.</typeparam>
/// <param name="run">The operation: an answer for each call, in their order. When it throws, every caller of the batch gets the error.</param>
internal sealed class Batcher<TKey, TCall, TAnswer>(Func<TKey, IReadOnlyList<TCall>, Task<IReadOnlyList<TAnswer>>> run)
    where TKey : notnull
{
    /// <summary>Bounds the size of a statement, and of what one caller waits for.</summary>
    private const int MostCalls = 512;

    private readonly Dictionary<TKey, Queue<Call>> _waiting = [];

    /// <summary>Takes part in the next operation of this key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="call">What the caller brings.</param>
    /// <param name="cancellationToken">Ends the wait, not the operation: it is others' too.</param>
    public Task<TAnswer> RunAsync(TKey key, TCall call, CancellationToken cancellationToken)
    {
        var mine = new Call(call);
        lock (_waiting)
        {
            if (_waiting.TryGetValue(key, out var waiting))
            {
                waiting.Enqueue(mine);
            }
            else
            {
                _waiting.Add(key, waiting = new Queue<Call>([mine]));
                // On the thread pool, whoever calls: a grain's turn must not carry the work of others.
                _ = Task.Run(() => ServeAsync(key, waiting), CancellationToken.None);
            }
        }
        return mine.Answer.Task.WaitAsync(cancellationToken);
    }

    private async Task ServeAsync(TKey key, Queue<Call> waiting)
    {
        while (true)
        {
            var batch = new List<Call>();
            lock (_waiting)
            {
                while (batch.Count < MostCalls && waiting.TryDequeue(out var next))
                    batch.Add(next);
                if (batch.Count == 0)
                {
                    _waiting.Remove(key);
                    return;
                }
            }
            try
            {
                var answers = await run(key, [.. batch.Select(call => call.Value)]);
                for (int i = 0; i < batch.Count; i++)
                    batch[i].Answer.SetResult(answers[i]);
            }
            catch (Exception error)
            {
                foreach (var call in batch)
                    call.Answer.TrySetException(error);
            }
        }
    }

    private sealed record Call(TCall Value)
    {
        public TaskCompletionSource<TAnswer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
