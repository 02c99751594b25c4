using System.Diagnostics;
using Polly;
using Polly.Retry;

namespace Prometheus.Grid.Storage.Postgres.Connections;

/// <summary>
/// Repeats work that met a fault which passes. Pauses double and are spread at random, so that all who lost the same server do not come back at
/// the same moment.
/// </summary>
internal sealed class Retries
{
    private static readonly ResiliencePropertyKey<long> s_start = new("start");
    private readonly ResiliencePipeline _pipeline;
    private readonly Func<Exception, CancellationToken, bool> _isPassing;

    /// <summary>Says when to repeat.</summary>
    /// <param name="time">No attempt begins later than this after the first.</param>
    /// <param name="firstPause">About the pause before the second attempt.</param>
    /// <param name="longestPause">The most that a pause grows to.</param>
    /// <param name="isPassing">Whether the same work may succeed in a moment; the token is the caller's.</param>
    /// <param name="onRetry">Called with each fault that is followed by another attempt; null does nothing.</param>
    public Retries(
        TimeSpan time, TimeSpan firstPause, TimeSpan longestPause, Func<Exception, CancellationToken, bool> isPassing, Action<Exception>? onRetry = null)
    {
        _isPassing = isPassing;
        _pipeline = new ResiliencePipelineBuilder()
            .AddRetry(new RetryStrategyOptions
            {
                // The time is the limit, not a number: an attempt may fail at once or wait for its own deadline.
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = firstPause,
                MaxDelay = longestPause,
                ShouldHandle = attempt => ValueTask.FromResult(
                    attempt.Outcome.Exception is { } error
                    && isPassing(error, attempt.Context.CancellationToken)
                    && Stopwatch.GetElapsedTime(attempt.Context.Properties.GetValue(s_start, 0)) < time),
                OnRetry = attempt =>
                {
                    onRetry?.Invoke(attempt.Outcome.Exception!);
                    return ValueTask.CompletedTask;
                },
            })
            .Build();
    }

    /// <summary>Runs the work until it succeeds, or ends with the last fault.</summary>
    /// <param name="work">The work; run twice it must have the effect of once.</param>
    /// <param name="cancellationToken">Ends pauses, and is the work's to heed.</param>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        Task<T>? first = null;
        try
        {
            // Nearly always all there is. The pipeline takes as long as a small query; it gets the fault of the first attempt, to decide on the second.
            first = work(cancellationToken);
            return await first;
        }
        catch (Exception error) when (_isPassing(error, cancellationToken))
        {
            first ??= Task.FromException<T>(error);
        }
        // On the caller's context: it may be the turn of a grain.
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: true, cancellationToken);
        context.Properties.Set(s_start, start);
        try
        {
            return await _pipeline.ExecuteAsync(
                async context =>
                {
                    var attempt = Interlocked.Exchange(ref first, null) ?? work(context.CancellationToken);
                    return await attempt;
                },
                context);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }
}
