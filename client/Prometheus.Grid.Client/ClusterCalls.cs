using Orleans.Serialization;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Storage.Postgres.Connections;

namespace Prometheus.Grid.Client;

/// <summary>
/// Makes calls to a cluster whose silos come and go. Every call of the grid may be made twice with the effect of once, so a call whose
/// answer was lost is made again. No error of Orleans gets out.
/// </summary>
internal sealed class ClusterCalls(ClusterGridOptions options)
{
    private readonly Retries _retries = new(options.RetryFor, options.FirstPause, options.LongestPause, IsPassing);

    /// <summary>Calls until there is an answer, an error that a retry cannot help, or no time left.</summary>
    /// <exception cref="GridFaultException">The cluster did not answer in time.</exception>
    public async Task<T> RunAsync<T>(string doing, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await _retries.RunAsync(call, cancellationToken);
        }
        catch (Exception error) when (error is not GridException && IsOfCluster(error, cancellationToken))
        {
            throw new GridFaultException($"{doing}: no answer from the cluster ({error.Message})", IsPassing(error, cancellationToken), error);
        }
    }

    /// <summary>The next pause.</summary>
    public TimeSpan Longer(TimeSpan pause) => pause * 2 < options.LongestPause ? pause * 2 : options.LongestPause;

    private static bool IsPassing(Exception error, CancellationToken cancellationToken) =>
        error is GridFaultException fault ? fault.CanRetry : error is not UnavailableExceptionFallbackException && IsOfCluster(error, cancellationToken);

    private static bool IsOfCluster(Exception error, CancellationToken cancellationToken) => error switch
    {
        // What a silo cancels while it shuts down was not cancelled by the caller.
        OperationCanceledException => !cancellationToken.IsCancellationRequested,
        // The last is how an error of a silo arrives whose type this client does not have.
        OrleansException or TimeoutException or EnumerationAbortedException or UnavailableExceptionFallbackException => true,
        _ => false,
    };
}
