using System.Diagnostics;

namespace Prometheus.Grid.Bench.Backfill;

/// <summary>Parts of a run's time, together 1.</summary>
/// <param name="Statement">A statement is under way, and nothing is encoded.</param>
/// <param name="Encoding">Something is encoded, and no statement is under way.</param>
/// <param name="Both">Both.</param>
/// <param name="Rest">Neither.</param>
internal sealed record TimeShares(double Statement, double Encoding, double Both, double Rest);

/// <summary>
/// Watches what the driver and the backfill say of themselves (activities of the sources "Npgsql" and "Prometheus.Grid") and adds up the
/// time in which each is at work. A statement counts from when it is sent to when its last row is read.
/// </summary>
internal sealed class StatementClock : IDisposable
{
    private readonly ActivityListener _listener;
    private readonly Lock _gate = new();
    private readonly double[] _seconds = new double[4];
    private readonly long _start = Stopwatch.GetTimestamp();
    private long _last;
    private int _statements, _encodings;

    public StatementClock()
    {
        _last = _start;
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Npgsql" or "Prometheus.Grid",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.PropagationData,
            ActivityStarted = activity => Count(activity, 1),
            ActivityStopped = activity => Count(activity, -1),
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>The shares of the time since this clock was made.</summary>
    public TimeShares Shares()
    {
        Count(null, 0);
        double total = Stopwatch.GetElapsedTime(_start).TotalSeconds;
        return new TimeShares(_seconds[1] / total, _seconds[2] / total, _seconds[3] / total, _seconds[0] / total);
    }

    public void Dispose() => _listener.Dispose();

    private void Count(Activity? activity, int change)
    {
        lock (_gate)
        {
            long now = Stopwatch.GetTimestamp();
            _seconds[(_statements > 0 ? 1 : 0) + (_encodings > 0 ? 2 : 0)] += Stopwatch.GetElapsedTime(_last, now).TotalSeconds;
            _last = now;
            if (activity?.Source.Name == "Npgsql")
                _statements += change;
            else
                _encodings += change;
        }
    }
}
