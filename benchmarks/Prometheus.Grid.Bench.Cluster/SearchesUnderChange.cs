using System.Collections.Concurrent;
using System.Diagnostics;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Bench.Cluster;

/// <summary>Fifty queries a second, whether answered or not, while silos change; each answer is held to the one that is right.</summary>
internal static class SearchesUnderChange
{
    private const int PerSecond = 50;

    /// <summary>Asks, and reports how long answers took and how many were wrong.</summary>
    /// <param name="answerAsync">Asks for one of the targets.</param>
    /// <param name="expected">The answers, by target.</param>
    /// <param name="changeAsync">What changes meanwhile.</param>
    /// <param name="seconds">For how long.</param>
    /// <param name="promisedP99">What is promised of the slowest, or empty.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public static async Task<IReadOnlyList<Figure>> RunAsync(
        Func<int, Task<string>> answerAsync, string[] expected, Func<Task> changeAsync, int seconds, string promisedP99, CancellationToken cancellationToken)
    {
        int wrong = 0, faults = 0;
        var samples = new ConcurrentBag<double>();
        var change = changeAsync();
        var queries = new List<Task>();
        using var tick = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / PerSecond));
        for (int i = 0; i < PerSecond * seconds && await tick.WaitForNextTickAsync(cancellationToken); i++)
            queries.Add(AskAsync(i % expected.Length));
        await Task.WhenAll(queries);
        await change;
        return
        [
            new Figure("answers at 50 a second while silos change", samples.Count),
            new Figure("  wrong answers", wrong, "0"),
            new Figure("  faults after retries", faults, "0"),
            new Figure("  p50 ms", Figure.Quantile(samples, 0.5)),
            new Figure("  p99 ms", Figure.Quantile(samples, 0.99), promisedP99),
            new Figure("  slowest, ms", samples.Max()),
        ];

        async Task AskAsync(int target)
        {
            long start = Stopwatch.GetTimestamp();
            try
            {
                if (await answerAsync(target) != expected[target])
                    Interlocked.Increment(ref wrong);
                samples.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
            catch (GridFaultException)
            {
                Interlocked.Increment(ref faults);
            }
        }
    }
}
