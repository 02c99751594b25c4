using System.Collections.Concurrent;

namespace Prometheus.Grid.Faults.Harness;

/// <summary>How long calls took, in milliseconds.</summary>
internal sealed class Latencies
{
    private readonly ConcurrentQueue<double> _values = new();

    public int Count => _values.Count;

    public void Add(TimeSpan time) => _values.Enqueue(time.TotalMilliseconds);

    /// <summary>What so large a share of the calls from one to another took at most; 0 without calls.</summary>
    /// <param name="share">From 0 to 1.</param>
    /// <param name="from">Where to begin, as a share of the calls in their order.</param>
    /// <param name="to">Where to end.</param>
    public double Quantile(double share, double from = 0, double to = 1)
    {
        double[] all = [.. _values];
        double[] part = [.. all[(int)(from * all.Length)..(int)(to * all.Length)].Order()];
        return part.Length == 0 ? 0 : part[Math.Min(part.Length - 1, (int)(share * part.Length))];
    }
}
