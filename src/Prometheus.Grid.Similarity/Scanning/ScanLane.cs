using System.Numerics;
using System.Runtime.CompilerServices;
using Prometheus.Grid.Similarity.Kernels;
using Prometheus.Grid.Similarity.Rows;

namespace Prometheus.Grid.Similarity.Scanning;

/// <summary>What one thread needs to scan: its best hits a query and room for sums. Reused from search to search.</summary>
internal sealed unsafe class ScanLane : IDisposable
{
    /// <summary>Queries whose sums of a tile are made together: 64 rows × 32 × 4 bytes stay in the first-level cache.</summary>
    private const int QueryGroup = 32;

    /// <summary>A tile that a filter thins to this many rows is not worth its codes: comparing the vectors reads less.</summary>
    private const int SparseRows = 4;

    /// <summary>Rows that are gathered before they are compared, so that each is asked for while those before it are at work.</summary>
    private const int GatheredRows = 256;

    /// <summary>How many rows ahead a scattered row is asked for: its 24 lines, and not many more, can be on their way at once.</summary>
    private const int RowsAhead = 2;

    private TopHits[] _best = [];
    private Scratch? _sums;
    private Scratch? _codes;
    private Scratch? _fused;
    private readonly int[] _gathered = new int[GatheredRows + ChunkStore.TileRows];
    private long _sumBytes, _codeBytes, _fusedBytes;
    private int _gatheredCount;

    public TopHits Best(int query) => _best[query];

    /// <summary>Rows whose vectors this lane compared since it was cleared.</summary>
    public long Compared { get; private set; }

    public void Reset(IReadOnlyList<VectorQuery> queries)
    {
        _gatheredCount = 0;
        Compared = 0;
        if (_best.Length < queries.Count)
        {
            int old = _best.Length;
            Array.Resize(ref _best, queries.Count);
            for (int i = old; i < _best.Length; i++) _best[i] = new TopHits();
        }
        for (int i = 0; i < queries.Count; i++) _best[i].Reset(queries[i].Top, queries[i].Order);
    }

    /// <summary>Scans tiles first to last − 1 of a chunk for all queries.</summary>
    public void Scan(in ScanUnit unit, ReadOnlySpan<ScanQuery> queries, SharedThresholds thresholds, NibbleKernel kernel)
    {
        var store = unit.Chunk.Store;
        var codes = store.Codes(queries[0].Dims);
        Room(ref _fused, ref _fusedBytes, store.Shape.FusedDimensions * sizeof(double));
        if (codes is not null) Room(ref _sums, ref _sumBytes, (QueryGroup + 1L) * codes.Parts.Length * ChunkStore.TileRows * sizeof(int));
        if (codes?.Parts.Length == 1) Pack(codes.Parts[0].Dims, queries);
        for (int tile = unit.FirstTile; tile < unit.LastTile; tile++)
        {
            ulong candidates = unit.Chunk.LiveAt(tile);
            if (unit.Within is not null) candidates = store.Within(unit.Within, tile, candidates);
            if (candidates == 0) continue;
            if (codes is null || BitOperations.PopCount(candidates) <= SparseRows)
            {
                Gather(tile, candidates);
                if (_gatheredCount >= GatheredRows) CompareGathered(unit, queries, thresholds);
                continue;
            }
            // All queries before the next tile: its codes stay in the first-level cache meanwhile, and those of the queries in the second.
            if (queries.Length >= QueryGroup) PrefetchLows(codes, tile);
            for (int start = 0; start < queries.Length; start += QueryGroup)
                ScanTile(unit, codes, tile, candidates, queries.Slice(start, Math.Min(QueryGroup, queries.Length - start)), start, thresholds, kernel);
        }
        CompareGathered(unit, queries, thresholds);
    }

    /// <summary>Of many queries some will ask for each low nibble of a tile, in no order that the hardware could foresee.</summary>
    private static void PrefetchLows(ChunkCodes codes, int tile)
    {
        foreach (var part in codes.Parts)
        {
            Prefetch.Lines(part.Low + (long)tile * ChunkStore.TileRows * part.Dims / 2, ChunkStore.TileRows * part.Dims / 2);
            Prefetch.Lines((byte*)(part.Error + tile * ChunkStore.TileRows), ChunkStore.TileRows * sizeof(float));
        }
    }

    private void Gather(int tile, ulong candidates)
    {
        for (; candidates != 0; candidates &= candidates - 1)
            _gathered[_gatheredCount++] = tile * ChunkStore.TileRows + BitOperations.TrailingZeroCount(candidates);
    }

    /// <summary>Compares the gathered rows by their vectors.</summary>
    private void CompareGathered(in ScanUnit unit, ReadOnlySpan<ScanQuery> queries, SharedThresholds thresholds)
    {
        var store = unit.Chunk.Store;
        int dimensions = store.Shape.Dimensions;
        float slack = FloatLook.Slack(dimensions);
        for (int i = 0; i < _gatheredCount; i++)
        {
            int row = _gathered[i];
            if (i + RowsAhead < _gatheredCount) Prefetch.Lines((byte*)store.Row(_gathered[i + RowsAhead]), dimensions * sizeof(float));
            for (int q = 0; q < queries.Length; q++)
            {
                float least = (float)thresholds.Get(q) - slack;
                if (queries[q].IsPlain && !FloatLook.MayReach(queries[q].Direction, store.Row(row), dimensions, least)) continue;
                Compare(unit, row, queries[q], _best[q]);
                thresholds.Raise(q, _best[q].Threshold);
            }
        }
        _gatheredCount = 0;
    }

    /// <summary>Puts queries together by eights; what is left over is summed query by query.</summary>
    private void Pack(int dims, ReadOnlySpan<ScanQuery> queries)
    {
        int packed = queries.Length / NibbleKernel.BatchQueries * NibbleKernel.BatchQueries;
        Room(ref _codes, ref _codeBytes, (long)packed * dims);
        for (int i = 0; i < packed; i++)
            NibbleKernel.Pack(queries[i].Parts[0].Codes, i % NibbleKernel.BatchQueries, dims, Packed(i, dims));
    }

    /// <summary>The eight queries that are packed with one.</summary>
    private sbyte* Packed(int query, int dims) => (sbyte*)_codes!.Pointer + (long)(query / NibbleKernel.BatchQueries * NibbleKernel.BatchQueries) * dims;

    /// <summary>Finds the rows of a tile that may be among the best of each query of a group: the first look for all of them, then the second where it must be.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ScanTile(
        in ScanUnit unit, ChunkCodes codes, int tile, ulong candidates, ReadOnlySpan<ScanQuery> group, int start, SharedThresholds thresholds, NibbleKernel kernel)
    {
        int parts = codes.Parts.Length;
        // The sums of the second look, of one query, come first in the room; those of the first look, of all queries, behind.
        int* sums = (int*)_sums!.Pointer + parts * ChunkStore.TileRows;
        int first = tile * ChunkStore.TileRows;
        if (parts > 1) codes.PrefetchTile(first);
        for (int j = 0; j < parts; j++) SumHighs(codes.Parts[j], j, parts, first, group, start, sums, kernel);
        for (int i = 0; i < group.Length; i++)
        {
            int* highSums = sums + i * parts * ChunkStore.TileRows;
            float least = MathF.BitDecrement((float)thresholds.Get(start + i));
            ulong kept = candidates & (group[i].IsPlain
                ? TileBounds.Plain(codes.Parts[0], first, group[i].Parts[0], highSums, least)
                : TileBounds.Fused(codes, first, group[i], highSums, least));
            if (kept != 0) LookAgain(unit, codes, first, kept, group[i], start + i, highSums, thresholds, kernel);
        }
    }

    /// <summary>The second look, of all codes, at the rows that the first look left; what it leaves is compared by its vectors.</summary>
    private void LookAgain(
        in ScanUnit unit, ChunkCodes codes, int first, ulong kept, ScanQuery query, int index, int* highSums, SharedThresholds thresholds, NibbleKernel kernel)
    {
        int* lowSums = (int*)_sums!.Pointer;
        SumLows(codes, first, kept, query, lowSums, kernel);
        var best = _best[index];
        double threshold = thresholds.Get(index);
        for (; kept != 0; kept &= kept - 1)
        {
            int r = BitOperations.TrailingZeroCount(kept);
            bool isBelow = query.IsPlain
                ? TileBounds.Second(codes.Parts[0], first + r, query.Parts[0], highSums[r], lowSums[r]) < threshold
                : !TileBounds.FusedMayReach(codes, first + r, query, highSums + r, lowSums + r, threshold);
            if (isBelow) continue;
            Compare(unit, first + r, query, best);
            threshold = thresholds.Raise(index, best.Threshold);
        }
    }

    /// <summary>Sums of the second look of one query, part after part.</summary>
    private static void SumLows(ChunkCodes codes, int first, ulong kept, ScanQuery query, int* lowSums, NibbleKernel kernel)
    {
        for (int j = 0; j < codes.Parts.Length; j++)
        {
            var part = codes.Parts[j];
            if (query.IsPlain || query.Parts[j].Weight != 0)
                kernel.LowSums(part.Low + (long)first * part.Dims / 2, query.Parts[j].Codes, part.Dims, kept, lowSums + j * ChunkStore.TileRows);
        }
    }

    /// <summary>Sums of the first look, query after query and for each of them part after part.</summary>
    private void SumHighs(PartCodes codes, int j, int parts, int first, ReadOnlySpan<ScanQuery> group, int start, int* sums, NibbleKernel kernel)
    {
        const int Blocks = ChunkStore.TileRows / NibbleKernel.BlockRows;
        int dims = codes.Dims;
        byte* highs = codes.High + (long)first * dims / 2;
        int i = 0;
        for (; parts == 1 && i + NibbleKernel.BatchQueries <= group.Length; i += NibbleKernel.BatchQueries)
            kernel.BatchHighSums(highs, Packed(start + i, dims), dims, Blocks, sums + i * ChunkStore.TileRows);
        for (; i < group.Length; i++)
        {
            if (parts == 1 || group[i].Parts[j].Weight != 0)
                kernel.HighSums(highs, group[i].Parts[j].Codes, dims, Blocks, sums + (i * parts + j) * ChunkStore.TileRows);
        }
    }

    private void Compare(in ScanUnit unit, int row, ScanQuery query, TopHits best)
    {
        Compared++;
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
