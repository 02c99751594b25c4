using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;

namespace Prometheus.Grid.Faults.Harness;

/// <summary>Searchers over rows that do not change: a full answer is the known one, a partial one says so and names what is missing.</summary>
internal sealed class SearchWatch(IEmbeddingGrid grid, ExactAnswers answers)
{
    private const int Searchers = 2;
    private int _full, _partial, _faults;

    /// <summary>Full answers so far, each the known one.</summary>
    public int Full => Volatile.Read(ref _full);

    /// <summary>Answers so far that said they were partial.</summary>
    public int Partial => Volatile.Read(ref _partial);

    /// <summary>Faults so far that a retry can help; any other fails the search.</summary>
    public int Faults => Volatile.Read(ref _faults);

    /// <summary>Searches until told to stop; every other query accepts a partial answer.</summary>
    public Task RunAsync(CancellationToken stop) => Task.WhenAll(Enumerable.Range(0, Searchers).Select(searcher => Task.Run(
        async () =>
        {
            for (int i = searcher; !stop.IsCancellationRequested; i++)
                await TryAsync(i, allowPartial: i % 2 == 0, CancellationToken.None);
        },
        CancellationToken.None)));

    /// <summary>Twenty full answers, which take every shard.</summary>
    public async Task RoundAsync(CancellationToken cancellationToken)
    {
        for (int i = 0; i < ExactAnswers.Rows; i += 10)
        {
            while (!await TryAsync(i, allowPartial: false, cancellationToken))
            {
            }
        }
    }

    /// <summary>Searches once.</summary>
    /// <returns>True for a full answer.</returns>
    public async Task<bool> TryAsync(int row, bool allowPartial, CancellationToken cancellationToken)
    {
        var query = ExactAnswers.Query(row, allowPartial);
        SimilarityAnswer answer;
        try
        {
            answer = await grid.FindSimilarAsync(query, cancellationToken);
        }
        catch (GridFaultException fault) when (fault.CanRetry)
        {
            Interlocked.Increment(ref _faults);
            return false;
        }
        bool isFull = answers.Check(query, answer);
        Interlocked.Increment(ref isFull ? ref _full : ref _partial);
        return isFull;
    }
}
