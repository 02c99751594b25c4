using System.Collections.Concurrent;
using System.Diagnostics;

namespace Prometheus.Grid.Faults.Harness;

/// <summary>Calls as they come from many who do not wait for each other: at a rate, however long each takes.</summary>
internal static class Traffic
{
    // A machine that cannot keep up would else pile up calls until there is no memory: what is beyond is not made, as by callers who leave.
    private const int MostUnderWay = 2_000;

    // Finer than the time between two calls at a thousand a second.
    private static readonly TimeSpan s_beat = TimeSpan.FromMilliseconds(1);

    /// <summary>Makes calls at a rate until told to stop, and waits for those under way.</summary>
    /// <param name="rate">Calls a second.</param>
    /// <param name="call">A call; its argument counts from 0.</param>
    /// <param name="stop">Ends the calls.</param>
    public static async Task RunAsync(double rate, Func<int, Task> call, CancellationToken stop)
    {
        long began = Stopwatch.GetTimestamp();
        var open = new ConcurrentDictionary<int, Task>();
        for (int next = 0; !stop.IsCancellationRequested;)
        {
            for (int due = (int)(Stopwatch.GetElapsedTime(began).TotalSeconds * rate); next < due; next++)
            {
                int number = next;
                if (open.Count >= MostUnderWay)
                    continue;
                var task = call(number);
                if (!task.IsCompletedSuccessfully)
                {
                    open[number] = task;
                    _ = task.ContinueWith(done => done.IsCompletedSuccessfully && open.TryRemove(number, out var _), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                }
            }
            await Task.Delay(s_beat, CancellationToken.None);
        }
        await Task.WhenAll(open.Values);
    }

    /// <summary>Makes calls at a rate for a while.</summary>
    public static async Task RunAsync(double rate, TimeSpan time, Func<int, Task> call, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stop.CancelAfter(time);
        await RunAsync(rate, call, stop.Token);
    }

    /// <summary>Makes calls one after another from each of some callers, for a while.</summary>
    /// <returns>Calls a second.</returns>
    public static async Task<double> SaturateAsync(int callers, TimeSpan time, Func<int, Task> call)
    {
        long began = Stopwatch.GetTimestamp();
        int next = -1;
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            while (Stopwatch.GetElapsedTime(began) < time)
                await call(Interlocked.Increment(ref next));
        })));
        return (next + 1) / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }
}
