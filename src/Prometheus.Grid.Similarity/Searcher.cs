using System.Collections.Concurrent;
using Prometheus.Grid.Similarity.Kernels;
using Prometheus.Grid.Similarity.Scanning;

namespace Prometheus.Grid.Similarity;

/// <summary>Exact search over shards. Safe to use from many threads.</summary>
/// <param name="scheduler">Where to scan; null for <see cref="ScanScheduler.Shared"/>.</param>
public sealed class Searcher(ScanScheduler? scheduler = null)
{
    private readonly ScanScheduler _scheduler = scheduler ?? ScanScheduler.Shared;
    private readonly ConcurrentBag<ScanJob> _jobs = [];

    /// <summary>The kernel that searches of this process use, e.g. "AVX-512".</summary>
    public static string KernelName => NibbleKernel.Current.Name;

    /// <summary>The kernel of this searcher; tests force each in turn.</summary>
    internal NibbleKernel Kernel { get; init; } = NibbleKernel.Current;

    /// <summary>The best rows of one shard, best first.</summary>
    /// <exception cref="ArgumentException">The query does not fit the rows; the message names the field, its value and what is allowed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; seen within about a tenth of a millisecond of scanning.</exception>
    public Hit[] Search(Shard shard, VectorQuery query, CancellationToken cancellationToken = default) =>
        Search([new SearchSource(shard)], query, cancellationToken);

    /// <summary>The best rows of several shards, say one a date, best first; <see cref="Hit.Source"/> is a position in <paramref name="sources"/>.</summary>
    /// <inheritdoc cref="Search(Shard, VectorQuery, CancellationToken)"/>
    public Hit[] Search(IReadOnlyList<SearchSource> sources, VectorQuery query, CancellationToken cancellationToken = default) =>
        SearchBatch(sources, [query], cancellationToken)[0];

    /// <summary>Answers to several queries, in their order, reading the rows once for all of them.</summary>
    /// <inheritdoc cref="Search(Shard, VectorQuery, CancellationToken)"/>
    public Hit[][] SearchBatch(IReadOnlyList<SearchSource> sources, IReadOnlyList<VectorQuery> queries, CancellationToken cancellationToken = default) =>
        SearchBatch(sources, queries, out _, cancellationToken);

    /// <summary>The same, and how much of it the codes of the rows could not decide.</summary>
    /// <param name="sources">What is searched.</param>
    /// <param name="queries">What is searched for.</param>
    /// <param name="rescored">How many rows had their vectors compared, of all rows times all queries.</param>
    /// <param name="cancellationToken">Ends the search early.</param>
    /// <inheritdoc cref="Search(Shard, VectorQuery, CancellationToken)"/>
    public Hit[][] SearchBatch(
        IReadOnlyList<SearchSource> sources, IReadOnlyList<VectorQuery> queries, out long rescored, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentNullException.ThrowIfNull(queries);
        if (!_jobs.TryTake(out var job)) job = new ScanJob();
        try
        {
            job.Prepare(sources, queries, Kernel);
            _scheduler.Run(job, cancellationToken);
            var answers = new Hit[queries.Count][];
            for (int i = 0; i < answers.Length; i++) answers[i] = job.Answer(i);
            rescored = job.Compared;
            return answers;
        }
        finally
        {
            job.Clear();
            _jobs.Add(job);
        }
    }
}
