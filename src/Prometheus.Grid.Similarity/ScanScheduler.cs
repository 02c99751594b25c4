using Prometheus.Grid.Similarity.Scanning;

namespace Prometheus.Grid.Similarity;

/// <summary>
/// The threads that scan, shared by all searches: at most as many searches run at once as there are lanes, and idle lanes help
/// those that run. A searching thread always works on its own search, so a single one waits for no other thread to wake up.
/// </summary>
public sealed class ScanScheduler : IDisposable
{
    private readonly object _lock = new();
    private readonly List<ScanJob> _open = [];
    private readonly SemaphoreSlim _gate;
    private readonly SemaphoreSlim _passes;
    private readonly Thread[] _helpers;
    private bool _isDisposed;

    /// <summary>A scheduler of its own, with at least one lane.</summary>
    public ScanScheduler(int lanes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(lanes);
        Lanes = lanes;
        _gate = new SemaphoreSlim(lanes);
        _passes = new SemaphoreSlim(lanes);
        _helpers = new Thread[lanes - 1];
        for (int i = 0; i < _helpers.Length; i++)
        {
            _helpers[i] = new Thread(Help) { IsBackground = true, Name = $"similarity scan {i + 1}" };
            _helpers[i].Start();
        }
    }

    /// <summary>One lane a processor, for everything in this process.</summary>
    public static ScanScheduler Shared { get; } = new(Environment.ProcessorCount);

    /// <summary>Threads that scan at once.</summary>
    public int Lanes { get; }

    /// <summary>
    /// Waits for a lane without holding a thread. A host with many callers searches under a pass: a thousand searches that each block a thread
    /// of the pool at the gate would starve the input and output that the others wait for.
    /// </summary>
    /// <returns>The pass, to be disposed after the search.</returns>
    public async Task<IDisposable> PassAsync(CancellationToken cancellationToken)
    {
        await _passes.WaitAsync(cancellationToken);
        return new Pass(_passes);
    }

    /// <summary>Runs a prepared job to its end on this thread and on whatever helpers are idle.</summary>
    internal void Run(ScanJob job, CancellationToken cancellationToken)
    {
        _gate.Wait(cancellationToken);
        try
        {
            int lane = job.Enter(Lanes);
            if (job.UnitCount > 1 && _helpers.Length > 0)
            {
                lock (_lock)
                {
                    _open.Add(job);
                    Monitor.PulseAll(_lock);
                }
            }
            job.Work(lane, cancellationToken);
            lock (_lock)
            {
                _open.Remove(job);
                // Each helper is at most one unit from leaving.
                while (job.Helpers > 0) Monitor.Wait(_lock);
            }
        }
        finally
        {
            _gate.Release();
        }
        job.ThrowIfFailed();
    }

    private void Help()
    {
        while (true)
        {
            ScanJob job;
            int lane;
            lock (_lock)
            {
                int next;
                while ((next = _open.FindIndex(open => open.HasUnits)) < 0)
                {
                    if (_isDisposed) return;
                    Monitor.Wait(_lock);
                }
                job = _open[next];
                job.Helpers++;
                lane = job.Enter(Lanes);
            }
            job.Work(lane, CancellationToken.None);
            lock (_lock)
            {
                job.Helpers--;
                Monitor.PulseAll(_lock);
            }
        }
    }

    /// <summary>Ends the helping threads; searches must have ended.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            Monitor.PulseAll(_lock);
        }
        foreach (var helper in _helpers) helper.Join();
        _gate.Dispose();
        _passes.Dispose();
    }

    private sealed class Pass(SemaphoreSlim passes) : IDisposable
    {
        public void Dispose() => passes.Release();
    }
}
