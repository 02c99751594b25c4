using System.Numerics;

namespace Prometheus.Grid.Similarity.Kernels;

/// <summary>
/// Integer dot products between coded rows and a coded query. Every kernel returns the same integers: the scalar one is
/// the definition, the others are that definition at the width of an instruction set.
/// </summary>
/// <remarks>
/// A row code is a byte v = 16·h + l, h and l in 0..15; a query code is in −127..127. Nibbles times query codes fit the
/// 16-bit sums of the byte multiply (15·127·2·4 = 30,480), so no path saturates and none needs a correction.
///
/// <para>High nibbles: blocks of 16 rows. Step s of a block is 64 bytes, four a row, for coordinates 8s..8s+7: byte c of
/// row r, at 64s + 4r + c, holds h of coordinate 8s+c in its low half and of 8s+4+c in its high half.</para>
/// <para>Low nibbles: row by row, 64 coordinates in 32 bytes; byte i holds l of coordinate i in its low half and of 32+i in its
/// high half. Rows have a multiple of 64 coordinates.</para>
/// <para>Kernels and bounds are compiled in full at their first call (AggressiveOptimization): a command asks one question and is over
/// before the runtime would have recompiled them. That gives up profile-guided layout.</para>
/// </remarks>
internal abstract unsafe class NibbleKernel
{
    /// <summary>Rows in a block of high nibbles.</summary>
    public const int BlockRows = 16;

    /// <summary>The name that <c>doctor</c> shows.</summary>
    public abstract string Name { get; }

    /// <summary>sums[r] = Σ_d h[r, d]·query[d], for blocks × 16 rows.</summary>
    public abstract void HighSums(byte* highs, sbyte* query, int dims, int blocks, int* sums);

    /// <summary>Σ_d l[d]·query[d] of one row.</summary>
    public abstract int LowSum(byte* lows, sbyte* query, int dims);

    /// <summary><see cref="LowSum"/> of some rows of a tile: sums[r] for each r whose bit is set in <paramref name="rows"/>, the others are left.</summary>
    public virtual void LowSums(byte* lows, sbyte* query, int dims, ulong rows, int* sums)
    {
        for (; rows != 0; rows &= rows - 1)
        {
            int r = BitOperations.TrailingZeroCount(rows);
            sums[r] = LowSum(lows + (nint)r * dims / 2, query, dims);
        }
    }

    // A dimension is as large as a manifest says, the stack is not.
    private const int MostDimsOnStack = 4096;

    /// <summary>Queries that are summed together in a batch.</summary>
    public const int BatchQueries = 8;

    /// <summary>
    /// <see cref="HighSums(byte*, sbyte*, int, int, int*)"/> of eight queries that <see cref="Pack"/> has put together; the sums of query i
    /// start at sums + i × 16 × blocks.
    /// </summary>
    public virtual void BatchHighSums(byte* highs, sbyte* packed, int dims, int blocks, int* sums)
    {
        var unpacked = dims <= MostDimsOnStack ? stackalloc sbyte[dims] : new sbyte[dims];
        fixed (sbyte* query = unpacked)
        {
            for (int i = 0; i < BatchQueries; i++)
            {
                for (int d = 0; d < dims; d += 8) *(long*)(query + d) = *(long*)(packed + (nint)d * BatchQueries + i * 8);
                HighSums(highs, query, dims, blocks, sums + (nint)i * blocks * BlockRows);
            }
        }
    }

    /// <summary>Puts one of eight queries in place: coordinates 8s..8s+7 of query i stand at 64s + 8i, so that a step reads one line.</summary>
    public static void Pack(sbyte* query, int index, int dims, sbyte* packed)
    {
        for (int d = 0; d < dims; d += 8) *(long*)(packed + (nint)d * BatchQueries + index * 8) = *(long*)(query + d);
    }

    /// <summary>The fastest kernel that this processor runs, picked once.</summary>
    public static NibbleKernel Current { get; } = Supported()[0];

    /// <summary>All kernels that this processor runs, fastest first; the last is the scalar definition.</summary>
    public static IReadOnlyList<NibbleKernel> Supported()
    {
        var kernels = new List<NibbleKernel>();
        if (Avx512Kernel.IsSupported) kernels.Add(new Avx512Kernel());
        if (AvxVnniKernel.IsSupported) kernels.Add(new AvxVnniKernel());
        if (Avx2Kernel.IsSupported) kernels.Add(new Avx2Kernel());
        if (Vector128Kernel.IsSupported) kernels.Add(new Vector128Kernel());
        kernels.Add(new ScalarKernel());
        return kernels;
    }
}
