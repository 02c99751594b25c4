using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Http.Errors;
using Prometheus.Grid.Http.Messages;
using Prometheus.Grid.Http.Security;

namespace Prometheus.Grid.Http.Limits;

/// <summary>How much a request costs.</summary>
internal enum WorkKind
{
    /// <summary>A look-up.</summary>
    Lookup,

    /// <summary>A scan of a date or a few.</summary>
    Search,

    /// <summary>A computation over a whole date, such as a map.</summary>
    Study,

    /// <summary>As long as its reader listens.</summary>
    Stream,
}

/// <summary>Says what an endpoint costs; see <see cref="WorkLimits"/>.</summary>
internal sealed record Work(WorkKind Kind);

/// <summary>
/// Lets as many scans and studies run at once as the machine has use for, and as many wait as will be served within a deadline. More are told to come
/// back, which costs next to nothing: under any load the server goes on answering those that it accepts.
/// </summary>
internal static class WorkLimits
{
    private const string Everything = "all";

    public static void AddWorkLimits(this IServiceCollection services, GridHttpOptions options) => services.AddRateLimiter(limiter =>
    {
        limiter.AddPolicy(nameof(WorkKind.Search), _ => Bounded(options.ConcurrentSearches, options.WaitingSearches, QueueProcessingOrder.NewestFirst));
        limiter.AddPolicy(nameof(WorkKind.Study), _ => Bounded(options.ConcurrentStudies, options.WaitingStudies, QueueProcessingOrder.OldestFirst));
        if (options.RequestsPerSecond is { } rate)
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context => RateLimitPartition.GetTokenBucketLimiter(
                Caller.Of(context).Name,
                _ => new TokenBucketRateLimiterOptions { TokenLimit = rate, TokensPerPeriod = rate, ReplenishmentPeriod = TimeSpan.FromSeconds(1), QueueLimit = 0 }));
        limiter.OnRejected = async (rejected, cancellationToken) =>
        {
            bool isOfKey = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out _);
            await ProblemResponse.WriteAsync(rejected.HttpContext, new ProblemMessage(
                "urn:prometheus-grid:fault",
                isOfKey ? "Too many requests of this key" : "The server is busy",
                isOfKey ? StatusCodes.Status429TooManyRequests : StatusCodes.Status503ServiceUnavailable,
                isOfKey ? $"more than {options.RequestsPerSecond} requests a second" : "more work waits than can be done in time",
                ErrorKind.Fault,
                CanRetry: true));
        };
    });

    /// <summary>Marks an endpoint with what it costs.</summary>
    public static TBuilder Costs<TBuilder>(this TBuilder endpoint, WorkKind kind)
        where TBuilder : IEndpointConventionBuilder
    {
        endpoint.WithMetadata(new Work(kind));
        return kind is WorkKind.Search or WorkKind.Study ? endpoint.RequireRateLimiting(kind.ToString()) : endpoint;
    }

    // Searches are served newest first where they have to wait: under more load than there is room for, those that are served are then served soon, and those
    // that are refused have waited longest, whose callers are the likeliest to have left. Oldest first, each would wait as long as the queue is.
    private static RateLimitPartition<string> Bounded(int atOnce, int waiting, QueueProcessingOrder order) => RateLimitPartition.GetConcurrencyLimiter(
        Everything, _ => new ConcurrencyLimiterOptions { PermitLimit = atOnce, QueueLimit = waiting, QueueProcessingOrder = order });
}
