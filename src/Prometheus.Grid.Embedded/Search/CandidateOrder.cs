using Prometheus.Grid.Core.Search;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Similarity;

namespace Prometheus.Grid.Embedded.Search;

/// <summary>
/// The order that <see cref="ICandidateScanner"/> promises: that of <see cref="HitOrder"/>, with ties by date and then by id, both ascending.
/// Scanning one silo's rows and merging the answers of many silos go by this one definition.
/// </summary>
public sealed class CandidateOrder : IComparer<Hit>
{
    private readonly Func<Hit, (DateOnly AsOf, RowHeader Header)> _rowOf;

    private CandidateOrder(Func<Hit, (DateOnly AsOf, RowHeader Header)> rowOf) => _rowOf = rowOf;

    /// <summary>The best of what several scans found.</summary>
    /// <param name="answers">The candidates of each scan, in any order.</param>
    /// <param name="topK">How many to keep, at least 1.</param>
    /// <returns>Up to <paramref name="topK"/> candidates, best first.</returns>
    public static ScannedCandidate[] Merge(IEnumerable<IReadOnlyList<ScannedCandidate>> answers, int topK)
    {
        ScannedCandidate[] all = [.. answers.SelectMany(answer => answer)];
        var hits = all.Select((candidate, index) => new Hit(index, candidate.Cosine, candidate.Euclidean));
        var order = Of(hit => (all[hit.Ordinal].AsOf, all[hit.Ordinal].Header));
        return [.. order.Best(hits, topK).Select(hit => all[hit.Ordinal])];
    }

    /// <param name="rowOf">The row behind a hit.</param>
    internal static HitOrder Of(Func<Hit, (DateOnly AsOf, RowHeader Header)> rowOf) => new(new CandidateOrder(rowOf));

    /// <summary>Orders rows of equal cosine and distance.</summary>
    int IComparer<Hit>.Compare(Hit x, Hit y)
    {
        (var asOfX, var headerX) = _rowOf(x);
        (var asOfY, var headerY) = _rowOf(y);
        int order = asOfX.CompareTo(asOfY);
        return order != 0 ? order : string.CompareOrdinal(headerX.EntityId, headerY.EntityId);
    }
}
