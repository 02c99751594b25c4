using System.Diagnostics;
using Prometheus.Grid.Core.Search;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Core.Telemetry;
using Prometheus.Grid.Similarity;

namespace Prometheus.Grid.Embedded.Search;

/// <summary>Collects the rows that a scan compares: those of its dates, but the target itself and what filter and limit leave out.</summary>
internal sealed class CandidateRows(CandidateScan scan)
{
    private readonly Activity? _caller = GridActivity.Caller;
    private readonly List<RowSet> _sets = [];
    private readonly List<SearchSource> _sources = [];

    /// <summary>How many rows are compared.</summary>
    public long Count { get; private set; }

    /// <summary>Adds the rows of one date; dates come in order.</summary>
    /// <param name="rows">The rows, with the factors of their parts; null for rows that are compared as they are.</param>
    public void Add(IReadOnlyList<(RowSet Rows, double[]? Factors)> rows)
    {
        RowSet[] sets = [.. rows.Select(set => set.Rows)];
        bool all = scan.Filter is null && scan.CandidateLimit is null;
        var within = all ? new OrdinalSet?[sets.Length] : Choose(sets);
        for (int i = 0; i < sets.Length; i++)
        {
            _sets.Add(sets[i]);
            _sources.Add(new SearchSource(sets[i].Shard, within[i], rows[i].Factors));
            Count += within[i]?.Count ?? sets[i].Shard.Count;
        }
        // The target's own row is in one of them at most.
        if (all && scan.Target.EntityId is { } id && Array.Exists(sets, set => set.AsOf == scan.Target.AsOf && set.OrdinalOf(id) >= 0))
            Count--;
    }

    /// <summary>Whether another scan compares the same rows, with the same factors: then one pass over them serves both.</summary>
    public bool AreThoseOf(CandidateRows other)
    {
        if (_sources.Count != other._sources.Count)
            return false;
        for (int i = 0; i < _sources.Count; i++)
        {
            var (mine, others) = (_sources[i], other._sources[i]);
            if (_sets[i] != other._sets[i] || mine.Within is not null || others.Within is not null || !AreEqual(mine.Factors, others.Factors))
                return false;
        }
        return true;
    }

    /// <summary>The best rows for the target of each of several scans of the same rows; see <see cref="AreThoseOf"/>.</summary>
    public static IReadOnlyList<ScannedCandidate>[] Search(Searcher searcher, IReadOnlyList<CandidateRows> scans, CancellationToken cancellationToken)
    {
        using var span = GridActivity.StartShared("scan", scans, one => one._caller);
        long since = Stopwatch.GetTimestamp();
        var best = scans[0].Search(searcher, [.. scans.Select(one => one.Asked)], out long rescored, cancellationToken);
        long rows = scans[0].Count * scans.Count;
        GridMetrics.Scanned(since, scans.Count, rows, rescored);
        span?.SetTag("grid.scan.rows", rows).SetTag("grid.scan.rescored", rescored).SetTag("grid.scan.searches", scans.Count);
        return best;
    }

    /// <summary>The best rows for each of several targets.</summary>
    public IReadOnlyList<ScannedCandidate>[] Search(
        Searcher searcher, IReadOnlyList<SearchTarget> targets, int topK, CancellationToken cancellationToken) =>
        Search(searcher, [.. targets.Select(target => (target, topK))], out _, cancellationToken);

    private (SearchTarget Target, int TopK) Asked => (scan.Target, scan.TopK);

    private static bool AreEqual(IReadOnlyList<double>? some, IReadOnlyList<double>? others) =>
        ReferenceEquals(some, others) || (some is not null && others is not null && some.SequenceEqual(others));

    // The rows are read once for all targets. A target's own is scanned and dropped, which is cheaper than to leave it out of a set of a million.
    private IReadOnlyList<ScannedCandidate>[] Search(
        Searcher searcher, (SearchTarget Target, int TopK)[] targets, out long rescored, CancellationToken cancellationToken)
    {
        rescored = 0;
        if (_sources.Count == 0)
            return [.. targets.Select(_ => (ScannedCandidate[])[])];
        var order = CandidateOrder.Of(RowOf);
        // Joint vectors are filled up with zeros behind the last block.
        int length = _sources[0].Shard.Shape.FusedDimensions;
        VectorQuery[] queries = [.. targets.Select(asked => new VectorQuery(asked.Target.Joint[..length], asked.TopK + 1) { Order = order })];
        return [.. searcher.SearchBatch(_sources, queries, out rescored, cancellationToken).Select((hits, i) => WithoutOwn(hits, targets[i].Target, targets[i].TopK))];
    }

    private List<ScannedCandidate> WithoutOwn(Hit[] hits, SearchTarget target, int topK)
    {
        var best = new List<ScannedCandidate>(Math.Min(topK, hits.Length));
        foreach (var hit in hits)
        {
            (var asOf, var header) = RowOf(hit);
            if (best.Count < topK && !IsOwn(target, asOf, header))
                best.Add(new ScannedCandidate(hit.Cosine, hit.Distance, asOf, header));
        }
        return best;
    }

    private (DateOnly AsOf, RowHeader Header) RowOf(Hit hit) => (_sets[hit.Source].AsOf, _sets[hit.Source].Headers[hit.Ordinal]);

    private static bool IsOwn(SearchTarget target, DateOnly asOf, RowHeader header) => asOf == target.AsOf && header.EntityId == target.EntityId;

    private OrdinalSet[] Choose(RowSet[] sets)
    {
        OrdinalSet[] within = [.. sets.Select(set => new OrdinalSet(set.Headers.Length))];
        long left = (scan.CandidateLimit ?? long.MaxValue) - Count;
        foreach ((int set, int ordinal) in InOrder(sets))
        {
            if (left <= 0)
                break;
            var header = sets[set].Headers[ordinal];
            if (IsOwn(scan.Target, sets[set].AsOf, header) || sets[set].OrdinalOf(header.EntityId) != ordinal || scan.Filter?.Accepts(header) == false)
                continue;
            within[set].Add(ordinal);
            left--;
        }
        return within;
    }

    /// <summary>Rows by id where a limit makes that matter, else as they stand.</summary>
    private IEnumerable<(int Set, int Ordinal)> InOrder(RowSet[] sets)
    {
        IEnumerable<(int Set, int Ordinal)> all = Enumerable.Range(0, sets.Length)
            .SelectMany(set => Enumerable.Range(0, sets[set].Headers.Length).Select(ordinal => (set, ordinal)));
        return scan.CandidateLimit is null ? all : all.OrderBy(row => sets[row.Set].Headers[row.Ordinal].EntityId, StringComparer.Ordinal);
    }
}
