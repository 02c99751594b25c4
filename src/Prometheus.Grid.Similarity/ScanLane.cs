using System.Runtime.CompilerServices;
using System.Numerics;
using Prometheus.Grid.Similarity.Kernels;

namespace Prometheus.Grid.Similarity;

/// <summary>What one thread needs to scan: its best hits a query and room for sums. Reused from search to search.</summary>
internal sealed unsafe class ScanLane : IDisposable
{
    /// <summary>Queries whose sums of a tile are made together: 64 rows × 32 × 4 bytes stay in the first-level cache.</summary>
    private const int QueryGroup = 32;

    /// <summary>A tile that a filter thins to this many rows is compared exactly at once: that reads less than its head plane.</summary>
    private const int SparseRows = 4;

    private TopHits[] _best = [];
    private Scratch? _sums;
    private Scratch? _codes;
    private Scratch? _fused;
    private long _sumBytes, _codeBytes, _fusedBytes;

    public TopHits Best(int query) => _best[query];

    public void Reset(IReadOnlyList<VectorQuery> queries)
    {
        if (_best.Length < queries.Count)
        {
            var old = _best.Length;
            Array.Resize(ref _best, queries.Count);
            for (var i = old; i < _best.Length; i++) _best[i] = new TopHits();
        }
        for (var i = 0; i < queries.Count; i++) _best[i].Reset(queries[i].Top, queries[i].Order);
    }

    /// <summary>Scans tiles first to last − 1 of a chunk for all queries.</summary>
    public void Scan(in ScanUnit unit, ReadOnlySpan<ScanQuery> queries, SharedThresholds thresholds, NibbleKernel kernel)
    {
        var store = unit.Chunk.Store;
        Room(ref _fused, ref _fusedBytes, store.Shape.FusedDimensions * sizeof(double));
        Room(ref _sums, ref _sumBytes, (long)QueryGroup * store.Parts.Length * ChunkStore.TileRows * sizeof(int));
        for (var start = 0; start < queries.Length; start += QueryGroup)
        {
            var group = queries.Slice(start, Math.Min(QueryGroup, queries.Length - start));
            if (store.Parts.Length == 1) Pack(store.Parts[0].Basis.HeadDims, group);
            for (var tile = unit.FirstTile; tile < unit.LastTile; tile++)
            {
                var candidates = unit.Chunk.LiveAt(tile);
                if (unit.Within is not null) candidates = store.Within(unit.Within, tile, candidates);
                if (candidates == 0) continue;
                if (BitOperations.PopCount(candidates) <= SparseRows) CompareAll(unit, tile, candidates, group, start, thresholds);
                else ScanTile(unit, tile, candidates, group, start, thresholds, kernel);
            }
        }
    }

    /// <summary>Puts the group's queries together by eights; what is left over is summed query by query.</summary>
    private void Pack(int head, ReadOnlySpan<ScanQuery> group)
    {
        var packed = group.Length / NibbleKernel.BatchQueries * NibbleKernel.BatchQueries;
        if (packed == 0) return;
        Room(ref _codes, ref _codeBytes, (long)QueryGroup * head);
        for (var i = 0; i < packed; i++)
        {
            var eight = (sbyte*)_codes!.Pointer + (long)(i / NibbleKernel.BatchQueries) * NibbleKernel.BatchQueries * head;
            NibbleKernel.Pack(group[i].Parts[0].Codes, i % NibbleKernel.BatchQueries, head, eight);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ScanTile(in ScanUnit unit, int tile, ulong candidates, ReadOnlySpan<ScanQuery> group, int start, SharedThresholds thresholds, NibbleKernel kernel)
    {
        var store = unit.Chunk.Store;
        var parts = store.Parts.Length;
        var sums = (int*)_sums!.Pointer;
        var first = tile * ChunkStore.TileRows;
        for (var j = 0; j < parts; j++) SumHeads(store.Parts[j], j, parts, first, group, sums, kernel);
        for (var i = 0; i < group.Length; i++)
        {
            var query = group[i];
            var best = _best[start + i];
            var querySums = sums + i * parts * ChunkStore.TileRows;
            var threshold = thresholds.Get(start + i);
            var least = MathF.BitDecrement((float)threshold);
            var kept = candidates & (query.IsPlain
                ? TileBounds.Plain(store.Parts[0], first, query.Parts[0], querySums, least)
                : TileBounds.Fused(store, first, query, querySums, least));
            for (; kept != 0; kept &= kept - 1)
            {
                var r = BitOperations.TrailingZeroCount(kept);
                if (!TileBounds.MayReach(store, first + r, query, querySums + r, kernel, threshold)) continue;
                Compare(unit, first + r, query, best);
                threshold = thresholds.Raise(start + i, best.Threshold);
            }
        }
    }

    /// <summary>Sums of the first look, query after query and for each of them part after part.</summary>
    private void SumHeads(PartCodes codes, int j, int parts, int first, ReadOnlySpan<ScanQuery> group, int* sums, NibbleKernel kernel)
    {
        const int Blocks = ChunkStore.TileRows / NibbleKernel.BlockRows;
        var head = codes.Basis.HeadDims;
        var plane = codes.Plane + (long)first * head / 2;
        var i = 0;
        for (; parts == 1 && i + NibbleKernel.BatchQueries <= group.Length; i += NibbleKernel.BatchQueries)
            kernel.BatchHeadSums(plane, (sbyte*)_codes!.Pointer + (long)i * head, head, Blocks, sums + i * ChunkStore.TileRows);
        for (; i < group.Length; i++)
        {
            if (parts == 1 || group[i].Parts[j].Weight != 0)
                kernel.HeadSums(plane, group[i].Parts[j].Codes, head, Blocks, sums + (i * parts + j) * ChunkStore.TileRows);
        }
    }

    private void CompareAll(in ScanUnit unit, int tile, ulong candidates, ReadOnlySpan<ScanQuery> group, int start, SharedThresholds thresholds)
    {
        for (; candidates != 0; candidates &= candidates - 1)
        {
            var row = tile * ChunkStore.TileRows + BitOperations.TrailingZeroCount(candidates);
            for (var i = 0; i < group.Length; i++)
            {
                Compare(unit, row, group[i], _best[start + i]);
                thresholds.Raise(start + i, _best[start + i].Threshold);
            }
        }
    }

    private void Compare(in ScanUnit unit, int row, ScanQuery query, TopHits best)
    {
        var store = unit.Chunk.Store;
        var (cosine, distance) = RowComparison.Of(query, store.Row(row), (double*)_fused!.Pointer);
        best.Offer(new Hit(store.OrdinalOf(row), cosine, distance, unit.Source));
    }

    private static void Room(ref Scratch? scratch, ref long capacity, long bytes)
    {
        if (bytes <= capacity) return;
        scratch?.Dispose();
        scratch = new Scratch(bytes);
        capacity = bytes;
    }

    public void Dispose()
    {
        _sums?.Dispose();
        _codes?.Dispose();
        _fused?.Dispose();
    }
}
