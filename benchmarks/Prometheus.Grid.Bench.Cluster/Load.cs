using System.Collections.Concurrent;
using System.Diagnostics;

namespace Prometheus.Grid.Bench.Cluster;

/// <summary>Callers that each wait for an answer before they ask again.</summary>
internal static class Load
{
    /// <summary>Calls so many times and no longer.</summary>
    /// <param name="callers">How many at once.</param>
    /// <param name="calls">How often in all.</param>
    /// <param name="call">The call; its argument counts from 0.</param>
    public static async Task CallAsync(int callers, int calls, Func<int, Task> call)
    {
        int next = -1;
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var number && number < calls)
                await call(number);
        })));
    }

    /// <summary>Calls for a while, after a warm-up as long: silos compile what is busy in its first seconds.</summary>
    /// <param name="callers">How many at once.</param>
    /// <param name="time">For how long.</param>
    /// <param name="call">The call; its argument counts from 0.</param>
    /// <param name="onWarm">Called between the warm-up and what is measured; may be null.</param>
    /// <returns>Calls a second, and the milliseconds of each.</returns>
    public static async Task<(double Rate, IReadOnlyCollection<double> Milliseconds)> RunAsync(int callers, TimeSpan time, Func<int, Task> call, Action? onWarm = null)
    {
        int next = -1;
        await PhaseAsync(time, []);
        var samples = new ConcurrentBag<double>();
        onWarm?.Invoke();
        double seconds = await PhaseAsync(time, samples);
        return (samples.Count / seconds, samples);

        async Task<double> PhaseAsync(TimeSpan phase, ConcurrentBag<double> into)
        {
            long start = Stopwatch.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
            {
                while (Stopwatch.GetElapsedTime(start) < phase)
                {
                    long began = Stopwatch.GetTimestamp();
                    await call(Interlocked.Increment(ref next));
                    into.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
                }
            })));
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }
}
