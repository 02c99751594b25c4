using System.Runtime.InteropServices;
using Prometheus.Grid.Similarity.Scanning;

namespace Prometheus.Grid.Similarity;

/// <summary>One answer of a search.</summary>
/// <param name="Ordinal">The row, as the caller numbered it.</param>
/// <param name="Cosine">Cosine between query and row, in [−1, 1]; 0 when either norm is 0.</param>
/// <param name="Distance">Euclidean distance between query and row, as stored: not of the normalised vectors.</param>
/// <param name="Source">Which of the searched shards holds the row.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Hit(int Ordinal, double Cosine, double Distance, int Source = 0);

/// <summary>
/// The order of answers: cosine descending, then distance ascending, then source and ordinal ascending. It is total, so the
/// best k are the same however rows were split over shards and threads.
/// </summary>
/// <param name="ties">Orders rows of equal cosine and distance where their ordinals do not, e.g. by id; at most one row an id.</param>
public sealed class HitOrder(IComparer<Hit>? ties = null) : IComparer<Hit>
{
    /// <summary>Ties by source and ordinal.</summary>
    public static HitOrder Default { get; } = new();

    /// <summary>Negative when <paramref name="x"/> comes first.</summary>
    public int Compare(Hit x, Hit y)
    {
        int order = y.Cosine.CompareTo(x.Cosine);
        if (order == 0) order = x.Distance.CompareTo(y.Distance);
        if (order == 0 && ties is not null) order = ties.Compare(x, y);
        if (order == 0) order = x.Source.CompareTo(y.Source);
        return order != 0 ? order : x.Ordinal.CompareTo(y.Ordinal);
    }

    /// <summary>The best <paramref name="top"/> of <paramref name="hits"/>, best first: merges the answers of several searches.</summary>
    /// <param name="hits">Hits in any order, of any number of searches.</param>
    /// <param name="top">How many to keep, at least 1.</param>
    public Hit[] Best(IEnumerable<Hit> hits, int top)
    {
        ArgumentNullException.ThrowIfNull(hits);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(top);
        var best = new TopHits();
        best.Reset(top, this);
        foreach (var hit in hits) best.Offer(hit);
        return best.TakeSorted();
    }
}
