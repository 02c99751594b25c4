using System.Diagnostics;

namespace Prometheus.Grid.Core.Telemetry;

/// <summary>What the grid tells tracing: spans of the one source <see cref="SourceName"/>. All of it costs nothing while nobody listens.</summary>
public static class GridActivity
{
    /// <summary>The name of the source.</summary>
    public const string SourceName = "Prometheus.Grid";

    private static readonly ActivitySource s_source = new(SourceName, GridMeter.Version);

    /// <summary>What a caller keeps of itself for work that is done for several callers at once; null when nobody listens.</summary>
    public static Activity? Caller => s_source.HasListeners() ? Activity.Current : null;

    /// <summary>Begins a span below the current one; null when nobody listens.</summary>
    /// <param name="name">What is done, in words that are the same for every such span.</param>
    public static Activity? Start(string name) => s_source.StartActivity(name);

    /// <summary>
    /// Begins a span for work that is done once for several callers: below the first of them, and linked to the others, so that the work stands in one tree and
    /// can be found from all. What runs it is a loop that serves one group of callers after another, so nothing of the group before is left current.
    /// </summary>
    /// <param name="name">What is done, in words that are the same for every such span.</param>
    /// <param name="callers">Those who share the work.</param>
    /// <param name="callerOf">The span of one of them, as <see cref="Caller"/> gave it.</param>
    /// <returns>The span; null when nobody listens, or none of the callers is traced.</returns>
    public static Activity? StartShared<TCaller>(string name, IReadOnlyList<TCaller> callers, Func<TCaller, Activity?> callerOf)
    {
        if (!s_source.HasListeners())
            return null;
        Activity? first = null;
        List<ActivityLink>? others = null;
        foreach (var one in callers)
        {
            if (callerOf(one) is not { } caller)
                continue;
            if (first is null)
                first = caller;
            else
                (others ??= []).Add(new ActivityLink(caller.Context));
        }
        // A caller that has gone cannot be current again; its span can still be the parent.
        Activity.Current = first is { IsStopped: false } ? first : null;
        return first is null ? null : s_source.StartActivity(name, ActivityKind.Internal, first.Context, links: others);
    }
}
