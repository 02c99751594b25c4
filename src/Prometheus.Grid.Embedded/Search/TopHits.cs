using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Embedded.Search;

/// <summary>A row that was compared with the target.</summary>
internal readonly record struct Candidate(double Cosine, double Euclidean, DateOnly AsOf, RowHeader Header, ReadOnlyMemory<float> Vector)
    : IComparable<Candidate>
{
    /// <summary>The order of answers: cosine descending, distance ascending, date ascending, id ascending. Total, so ties never depend on arrival.</summary>
    public int CompareTo(Candidate other)
    {
        int order = other.Cosine.CompareTo(Cosine);
        order = order != 0 ? order : Euclidean.CompareTo(other.Euclidean);
        order = order != 0 ? order : AsOf.CompareTo(other.AsOf);
        return order != 0 ? order : string.CompareOrdinal(Header.EntityId, other.Header.EntityId);
    }

    public SimilarityHit ToHit(IReadOnlyList<BranchShare> explanation) =>
        new(Cosine, Euclidean, AsOf, Header.EntityId, Header.InstrumentId, Header.Region, Header.Source, explanation);
}

/// <summary>Keeps the first k candidates of the total order.</summary>
internal sealed class TopHits(int k)
{
    // Worst first: the comparer is turned round.
    private readonly PriorityQueue<Candidate, Candidate> _kept = new(Comparer<Candidate>.Create((x, y) => y.CompareTo(x)));

    public long Offered { get; private set; }

    public void Offer(ReadOnlySpan<float> target, ReadOnlyMemory<float> vector, DateOnly asOf, RowHeader header)
    {
        Offered++;
        double cosine = Products.Cosine(target, vector.Span);
        if (_kept.Count == k && cosine < _kept.Peek().Cosine)
            return;
        var candidate = new Candidate(cosine, Products.Distance(target, vector.Span), asOf, header, vector);
        if (_kept.Count < k)
            _kept.Enqueue(candidate, candidate);
        else
            _kept.EnqueueDequeue(candidate, candidate);
    }

    public IReadOnlyList<Candidate> Ordered() => [.. _kept.UnorderedItems.Select(item => item.Element).Order()];
}
