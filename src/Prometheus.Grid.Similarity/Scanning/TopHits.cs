namespace Prometheus.Grid.Similarity.Scanning;

/// <summary>The best k hits so far: a binary heap with the worst of them at the root. Reused from query to query.</summary>
internal sealed class TopHits
{
    private Hit[] _heap = new Hit[16];
    private HitOrder _order = HitOrder.Default;
    private int _top;

    public int Count { get; private set; }

    /// <summary>The k-th best cosine, or −∞ while there are fewer than k: what a row must reach to matter.</summary>
    public double Threshold => Count < _top ? double.NegativeInfinity : _heap[0].Cosine;

    public void Reset(int top, HitOrder order)
    {
        _top = top;
        _order = order;
        Count = 0;
    }

    public void Offer(in Hit hit)
    {
        if (Count < _top)
        {
            // Grows with the hits and not with k, so that an absurd k costs nothing.
            if (Count == _heap.Length) Array.Resize(ref _heap, Count * 2);
            _heap[Count] = hit;
            Rise(Count++);
        }
        else if (hit.Cosine >= _heap[0].Cosine && _order.Compare(hit, _heap[0]) < 0)
        {
            _heap[0] = hit;
            Sink();
        }
    }

    public void OfferAll(TopHits other)
    {
        for (int i = 0; i < other.Count; i++) Offer(other._heap[i]);
    }

    /// <summary>The hits, best first; none are left here.</summary>
    public Hit[] TakeSorted()
    {
        // The worst goes to the end until none is left. Array.Sort over this type would be compiled anew in each process.
        var sorted = new Hit[Count];
        while (Count > 0)
        {
            sorted[Count - 1] = _heap[0];
            _heap[0] = _heap[--Count];
            Sink();
        }
        return sorted;
    }

    private bool IsWorse(int a, int b) => _order.Compare(_heap[a], _heap[b]) > 0;

    private void Rise(int child)
    {
        while (child > 0)
        {
            int parent = (child - 1) / 2;
            if (!IsWorse(child, parent)) return;
            (_heap[child], _heap[parent]) = (_heap[parent], _heap[child]);
            child = parent;
        }
    }

    private void Sink()
    {
        for (int parent = 0; ;)
        {
            int worst = parent;
            for (int child = 2 * parent + 1; child <= 2 * parent + 2 && child < Count; child++)
            {
                if (IsWorse(child, worst)) worst = child;
            }
            if (worst == parent) return;
            (_heap[worst], _heap[parent]) = (_heap[parent], _heap[worst]);
            parent = worst;
        }
    }
}
