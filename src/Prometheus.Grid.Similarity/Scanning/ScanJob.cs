using Prometheus.Grid.Similarity.Kernels;

namespace Prometheus.Grid.Similarity.Scanning;

/// <summary>One search: chunks cut into units, queries made ready, a lane a thread. Pooled, so that a search allocates its answer only.</summary>
internal sealed class ScanJob
{
    /// <summary>Tiles that a thread takes at a time: 4,096 rows, about a tenth of a millisecond; fewer where there are few, so that all threads get some.</summary>
    private const int MostUnitTiles = 64, LeastUnitTiles = 8, UnitsAimedAt = 16;

    private readonly List<PreparedShape> _prepared = [];
    private readonly SharedThresholds _thresholds = new();
    private readonly Lock _lanesLock = new();
    private IReadOnlyList<VectorQuery> _queries = [];
    private ScanQuery[] _scanQueries = [];
    private ScanUnit[] _units = new ScanUnit[16];
    private ScanLane[] _lanes = [];
    private NibbleKernel _kernel = NibbleKernel.Current;
    private Exception? _failure;
    private int _unitCount, _nextUnit, _lanesUsed;

    public int UnitCount => _unitCount;

    /// <summary>True while there are units that no thread has taken.</summary>
    public bool HasUnits => Volatile.Read(ref _nextUnit) < _unitCount;

    /// <summary>Helpers at work; the scheduler's lock guards it.</summary>
    public int Helpers { get; set; }

    public void Prepare(IReadOnlyList<SearchSource> sources, IReadOnlyList<VectorQuery> queries, NibbleKernel kernel)
    {
        (_queries, _kernel, _failure, _nextUnit, _lanesUsed) = (queries, kernel, null, 0, 0);
        _thresholds.Reset(queries.Count);
        var snapshots = new ShardSnapshot[sources.Count];
        long tiles = 0L;
        for (int source = 0; source < sources.Count; source++)
        {
            sources[source].Check();
            snapshots[source] = sources[source].Shard.Snapshot();
            foreach (var chunk in snapshots[source].Chunks) tiles += chunk.Tiles;
        }
        int unitTiles = (int)Math.Clamp(tiles / UnitsAimedAt, LeastUnitTiles, MostUnitTiles);
        for (int source = 0; source < sources.Count; source++)
        {
            int slot = SlotOf(snapshots[source], sources[source].Factors);
            foreach (var chunk in snapshots[source].Chunks)
            {
                chunk.Store.Expect(queries.Count);
                for (int tile = 0; tile < chunk.Tiles; tile += unitTiles)
                    Add(new ScanUnit(chunk, sources[source].Within, source, slot, tile, Math.Min(tile + unitTiles, chunk.Tiles)));
            }
        }
    }

    private void Add(in ScanUnit unit)
    {
        if (_unitCount == _units.Length)
        {
            var larger = new ScanUnit[2 * _unitCount];
            _units.CopyTo(larger, 0);
            _units = larger;
        }
        _units[_unitCount++] = unit;
    }

    /// <summary>Where the queries stand that are ready for rows of this shape, coding and factors; shards mostly share one.</summary>
    private int SlotOf(in ShardSnapshot snapshot, IReadOnlyList<double>? factors)
    {
        var (shape, dims) = (snapshot.Shape, snapshot.Dims);
        foreach (var prepared in _prepared)
        {
            if (prepared.Shape.HasPartsOf(shape) && AreEqual(prepared.Factors, factors) && prepared.Dims.SequenceEqual(dims)) return prepared.Slot;
        }
        int slot = _prepared.Count * _queries.Count;
        if (_scanQueries.Length < slot + _queries.Count)
        {
            int old = _scanQueries.Length;
            Array.Resize(ref _scanQueries, Math.Max(slot + _queries.Count, 2 * old));
            for (int i = old; i < _scanQueries.Length; i++) _scanQueries[i] = new ScanQuery();
        }
        for (int i = 0; i < _queries.Count; i++)
        {
            _queries[i].Check(shape);
            _scanQueries[slot + i].Prepare(shape, dims, factors, _queries[i]);
        }
        _prepared.Add(new PreparedShape(shape, dims, factors, slot));
        return slot;
    }

    private static bool AreEqual(IReadOnlyList<double>? some, IReadOnlyList<double>? others) =>
        ReferenceEquals(some, others) || (some is not null && others is not null && some.SequenceEqual(others));

    /// <summary>A lane of this search, cleared; a thread enters once, and helpers never more than there are lanes.</summary>
    public int Enter(int lanes)
    {
        lock (_lanesLock)
        {
            if (_lanes.Length < lanes)
            {
                int old = _lanes.Length;
                Array.Resize(ref _lanes, lanes);
                for (int i = old; i < lanes; i++) _lanes[i] = new ScanLane();
            }
            _lanes[_lanesUsed].Reset(_queries);
            return _lanesUsed++;
        }
    }

    /// <summary>Scans units until there are none left.</summary>
    public void Work(int lane, CancellationToken cancellationToken)
    {
        try
        {
            for (int i; (i = Interlocked.Increment(ref _nextUnit) - 1) < _unitCount;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                _lanes[lane].Scan(_units[i], _scanQueries.AsSpan(_units[i].Slot, _queries.Count), _thresholds, _kernel);
            }
        }
        catch (Exception failure)
        {
            // The search fails as a whole, on the thread that asked; the other lanes stop at their next unit.
            _failure ??= failure;
            Volatile.Write(ref _nextUnit, _unitCount);
        }
    }

    public void ThrowIfFailed()
    {
        if (_failure is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_failure);
    }

    /// <summary>Rows whose vectors were compared, by all lanes for all queries.</summary>
    public long Compared
    {
        get
        {
            long compared = 0;
            for (int lane = 0; lane < _lanesUsed; lane++) compared += _lanes[lane].Compared;
            return compared;
        }
    }

    /// <summary>The answer to a query, from all lanes.</summary>
    public Hit[] Answer(int query)
    {
        var best = _lanes[0].Best(query);
        for (int lane = 1; lane < _lanesUsed; lane++) best.OfferAll(_lanes[lane].Best(query));
        return best.TakeSorted();
    }

    /// <summary>Forgets the shards and queries, so that the pool keeps none alive.</summary>
    public void Clear()
    {
        Array.Clear(_units, 0, _unitCount);
        _unitCount = 0;
        _prepared.Clear();
        _queries = [];
    }

    private sealed record PreparedShape(RowShape Shape, IReadOnlyList<int> Dims, IReadOnlyList<double>? Factors, int Slot);
}
