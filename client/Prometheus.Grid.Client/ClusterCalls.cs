using System.Diagnostics;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Client;

/// <summary>
/// Makes calls to a cluster whose silos come and go. Every call of the grid may be made twice with the effect of once, so a call whose
/// answer was lost is made again.
/// </summary>
internal sealed class ClusterCalls(ClusterGridOptions options)
{
    /// <summary>Calls until there is an answer, an error that a retry cannot help, or no time left.</summary>
    /// <exception cref="GridFaultException">The cluster did not answer in time.</exception>
    public async Task<T> RunAsync<T>(string doing, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        for (var pause = options.FirstPause; ; pause = Longer(pause))
        {
            try
            {
                cancellationToken.ThrowIfCancellationRequested();
                return await call(cancellationToken);
            }
            catch (Exception error) when (CanRetry(error, cancellationToken))
            {
                if (Stopwatch.GetElapsedTime(start) + pause > options.RetryFor)
                    throw error as GridFaultException ?? new GridFaultException($"{doing}: no answer from the cluster ({error.Message})", canRetry: true, error);
                await Task.Delay(pause, cancellationToken);
            }
        }
    }

    /// <summary>The next pause.</summary>
    public TimeSpan Longer(TimeSpan pause) => pause * 2 < options.LongestPause ? pause * 2 : options.LongestPause;

    private static bool CanRetry(Exception error, CancellationToken cancellationToken) => error switch
    {
        GridFaultException fault => fault.CanRetry,
        // What a silo cancels while it shuts down was not cancelled by the caller.
        OperationCanceledException => !cancellationToken.IsCancellationRequested,
        OrleansException or TimeoutException => true,
        _ => false,
    };
}
