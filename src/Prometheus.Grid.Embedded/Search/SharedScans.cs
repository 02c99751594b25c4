using Prometheus.Grid.Core.Search;
using Prometheus.Grid.Similarity;

namespace Prometheus.Grid.Embedded.Search;

/// <summary>
/// Where searches wait for the threads that scan. Those that compare the same rows are made together, the rows being read once for all of them: the more
/// there are at once, the less each costs, and a lone one waits for nobody. Eight targets at once take a third of the processor time of one by one.
/// </summary>
/// <param name="scans">The threads that scan.</param>
public sealed class SharedScans(ScanScheduler scans)
{
    /// <summary>Targets whose sums of a tile fit into the first-level cache together.</summary>
    private const int MostTogether = 32;

    private readonly Searcher _searcher = new(scans);
    private readonly List<Waiting> _waiting = [];
    private readonly List<CandidateRows> _underWay = [];
    private int _servers;

    /// <summary>The best rows for the target of a scan.</summary>
    /// <param name="candidates">The rows, and the scan that asks for them.</param>
    /// <param name="cancellationToken">Ends the wait, and the search once all who share it have gone.</param>
    internal async Task<IReadOnlyList<ScannedCandidate>> SearchAsync(CandidateRows candidates, CancellationToken cancellationToken)
    {
        var mine = new Waiting(candidates, cancellationToken);
        lock (_waiting)
        {
            _waiting.Add(mine);
            if (_servers < scans.Lanes && IsFree(mine))
            {
                _servers++;
                _ = Task.Run(ServeAsync, CancellationToken.None);
            }
        }
        try
        {
            return await mine.Answer.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            if (cancellationToken.IsCancellationRequested)
            {
                lock (_waiting)
                    _waiting.Remove(mine);
            }
        }
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            // Behind the work that is ready: other searches may be about to come.
            for (int before = -1; before != (before = Count()) && before < MostTogether;)
                await Task.Yield();
            List<Waiting> together;
            using (await scans.PassAsync(CancellationToken.None))
            {
                lock (_waiting)
                {
                    together = Take();
                    if (together.Count == 0)
                    {
                        _servers--;
                        return;
                    }
                    _underWay.Add(together[0].Candidates);
                }
                Answer(together);
            }
            lock (_waiting)
                _underWay.Remove(together[0].Candidates);
        }
    }

    private int Count()
    {
        lock (_waiting)
            return _waiting.Count;
    }

    /// <summary>The search that has waited longest, and those that can be made with it; under the lock.</summary>
    private List<Waiting> Take()
    {
        if (_waiting.Find(IsFree) is not { } first)
            return [];
        List<Waiting> together = [first, .. _waiting.Where(other => other != first && other.Candidates.AreThoseOf(first.Candidates)).Take(MostTogether - 1)];
        _waiting.RemoveAll(together.Contains);
        return together;
    }

    // All threads are at rows that are being scanned already; those who want the same are made together afterwards.
    private bool IsFree(Waiting search) => !_underWay.Exists(search.Candidates.AreThoseOf);

    private void Answer(IReadOnlyList<Waiting> together)
    {
        using var wanted = new WantedByAny(together);
        try
        {
            var answers = CandidateRows.Search(_searcher, [.. together.Select(one => one.Candidates)], wanted.Token);
            for (int i = 0; i < answers.Length; i++)
                together[i].Answer.TrySetResult(answers[i]);
        }
        catch (Exception error) when (together.Count == 1 || wanted.Token.IsCancellationRequested)
        {
            foreach (var one in together)
                one.Answer.TrySetException(error);
        }
        catch (Exception)
        {
            // One of them cannot be searched for, and is to be the only one that fails.
            foreach (var one in together)
                Answer([one]);
        }
    }

    private sealed record Waiting(CandidateRows Candidates, CancellationToken Cancellation)
    {
        public TaskCompletionSource<IReadOnlyList<ScannedCandidate>> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Cancelled when everybody who shares a search has gone.</summary>
    private sealed class WantedByAny : IDisposable
    {
        private readonly CancellationTokenSource _nobody = new();
        private readonly CancellationTokenRegistration[] _registrations;
        private int _left;

        public WantedByAny(IReadOnlyList<Waiting> together)
        {
            _left = together.Count;
            _registrations = [.. together.Select(one => one.Cancellation.Register(Leave))];
        }

        public CancellationToken Token => _nobody.Token;

        // Registrations first: none of them leaves once it is gone.
        public void Dispose()
        {
            foreach (var registration in _registrations)
                registration.Dispose();
            _nobody.Dispose();
        }

        private void Leave()
        {
            if (Interlocked.Decrement(ref _left) == 0)
                _nobody.Cancel();
        }
    }
}
