using System.Diagnostics;
using Prometheus.Grid.Core.Telemetry;

namespace Prometheus.Grid.Grains.Storage;

/// <summary>
/// Runs one operation a key at a time, or a few, for all callers that came while the one before was running. A caller never shares an operation
/// that began before it called: so no read is older than its question, and one commit serves as many writes as wait for it. The busier,
/// the larger the batches; a lone caller waits for nobody.
/// </summary>
/// <typeparam name="TKey">Calls of different keys do not meet.</typeparam>
/// <typeparam name="TCall">What a caller brings.</typeparam>
/// <typeparam name="TAnswer">What it gets.</typeparam>
/// <param name="name">What the operation does, for tracing.</param>
/// <param name="run">The operation: an answer for each call, in their order. When it throws, every caller of the batch gets the error.</param>
/// <param name="atOnce">How many operations of a key run at once, at least 1. With more than one, those that came later may be done earlier.</param>
internal sealed class Batcher<TKey, TCall, TAnswer>(string name, Func<TKey, IReadOnlyList<TCall>, Task<IReadOnlyList<TAnswer>>> run, int atOnce = 1)
    where TKey : notnull
{
    /// <summary>Bounds the size of a statement, and of what one caller waits for.</summary>
    private const int MostCalls = 512;

    private readonly Dictionary<TKey, Line> _lines = [];

    /// <summary>Takes part in the next operation of this key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="call">What the caller brings.</param>
    /// <param name="cancellationToken">Ends the wait, not the operation: it is others' too.</param>
    public Task<TAnswer> RunAsync(TKey key, TCall call, CancellationToken cancellationToken)
    {
        var mine = new Call(call);
        lock (_lines)
        {
            if (!_lines.TryGetValue(key, out var line))
                _lines.Add(key, line = new Line());
            line.Waiting.Enqueue(mine);
            if (line.Running < atOnce)
            {
                line.Running++;
                // On the thread pool, whoever calls: a grain's turn must not carry the work of others.
                _ = Task.Run(() => ServeAsync(key, line), CancellationToken.None);
            }
        }
        return mine.Answer.Task.WaitAsync(cancellationToken);
    }

    private async Task ServeAsync(TKey key, Line line)
    {
        while (true)
        {
            var batch = new List<Call>();
            lock (_lines)
            {
                while (batch.Count < MostCalls && line.Waiting.TryDequeue(out var next))
                    batch.Add(next);
                if (batch.Count == 0)
                {
                    if (--line.Running == 0)
                        _lines.Remove(key);
                    return;
                }
            }
            using var span = GridActivity.StartShared(name, batch, call => call.Caller);
            try
            {
                var answers = await run(key, [.. batch.Select(call => call.Value)]);
                for (int i = 0; i < batch.Count; i++)
                    batch[i].Answer.SetResult(answers[i]);
            }
            catch (Exception error)
            {
                span?.SetStatus(ActivityStatusCode.Error, error.Message);
                foreach (var call in batch)
                    call.Answer.TrySetException(error);
            }
        }
    }

    private sealed class Line
    {
        public Queue<Call> Waiting { get; } = new();

        public int Running { get; set; }
    }

    private sealed record Call(TCall Value)
    {
        public Activity? Caller { get; } = GridActivity.Caller;

        public TaskCompletionSource<TAnswer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
