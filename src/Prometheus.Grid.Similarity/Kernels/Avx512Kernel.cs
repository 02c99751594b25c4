using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Prometheus.Grid.Similarity.Kernels;

/// <summary>512-bit kernel: a step of a block is one register, sixteen rows at once. .NET 10 has no AVX-512 VNNI, so it sums through 16 bits.</summary>
internal sealed unsafe class Avx512Kernel : NibbleKernel
{
    /// <summary>How far ahead of the loads the highs is prefetched: the hardware prefetcher stops at each 4 KB page.</summary>
    private const int PrefetchBytes = 4096;

    public static bool IsSupported => Avx512BW.IsSupported && Avx2.IsSupported;

    public override string Name => "AVX-512";

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void HighSums(byte* highs, sbyte* query, int dims, int blocks, int* sums)
    {
        var ones = Vector512<short>.One;
        for (int block = 0; block < blocks; block++, sums += BlockRows)
        {
            var wide = Vector512<int>.Zero;
            int* steps = (int*)query;
            for (int d = 0; d < dims; d += 32, highs += 256, steps += 8)
            {
                var narrow = (Step(highs, steps) + Step(highs + 64, steps + 2)) + (Step(highs + 128, steps + 4) + Step(highs + 192, steps + 6));
                wide += Avx512BW.MultiplyAddAdjacent(narrow, ones);
            }
            wide.Store(sums);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Step(byte* highs, int* steps)
    {
        var nibble = Vector512.Create((byte)15);
        Sse.Prefetch0(highs + PrefetchBytes);
        var pairs = Vector512.Load(highs);
        var low = pairs & nibble;
        var high = (pairs.AsUInt16() >>> 4).AsByte() & nibble;
        return Avx512BW.MultiplyAddAdjacent(low, Vector512.Create(steps[0]).AsSByte())
             + Avx512BW.MultiplyAddAdjacent(high, Vector512.Create(steps[1]).AsSByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int LowSum(byte* lows, sbyte* query, int dims) => Avx2Kernel.SumOf(lows, query, dims);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void LowSums(byte* lows, sbyte* query, int dims, ulong rows, int* sums) => Avx2Kernel.SumsOf(lows, query, dims, rows, sums);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void BatchHighSums(byte* highs, sbyte* packed, int dims, int blocks, int* sums)
    {
        for (int block = 0; block < blocks; block++, highs += dims * (BlockRows / 2))
            EightQueries(highs, packed, dims, sums + block * BlockRows, blocks * BlockRows);
    }

    /// <summary>One block against eight queries: each nibble is unpacked once for all of them, and sixteen sums stay in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void EightQueries(byte* highs, sbyte* packed, int dims, int* sums, int sumStride)
    {
        var nibble = Vector512.Create((byte)15);
        var ones = Vector512<short>.One;
        Vector512<int> w0 = default, w1 = default, w2 = default, w3 = default, w4 = default, w5 = default, w6 = default, w7 = default;
        for (int d = 0; d < dims; d += 32)
        {
            Vector512<short> n0 = default, n1 = default, n2 = default, n3 = default, n4 = default, n5 = default, n6 = default, n7 = default;
            for (byte* end = highs + 256; highs < end; highs += 64, packed += 64)
            {
                var pairs = Vector512.Load(highs);
                var low = pairs & nibble;
                var high = (pairs.AsUInt16() >>> 4).AsByte() & nibble;
                n0 += Pair(low, high, packed);
                n1 += Pair(low, high, packed + 8);
                n2 += Pair(low, high, packed + 16);
                n3 += Pair(low, high, packed + 24);
                n4 += Pair(low, high, packed + 32);
                n5 += Pair(low, high, packed + 40);
                n6 += Pair(low, high, packed + 48);
                n7 += Pair(low, high, packed + 56);
            }
            w0 += Avx512BW.MultiplyAddAdjacent(n0, ones);
            w1 += Avx512BW.MultiplyAddAdjacent(n1, ones);
            w2 += Avx512BW.MultiplyAddAdjacent(n2, ones);
            w3 += Avx512BW.MultiplyAddAdjacent(n3, ones);
            w4 += Avx512BW.MultiplyAddAdjacent(n4, ones);
            w5 += Avx512BW.MultiplyAddAdjacent(n5, ones);
            w6 += Avx512BW.MultiplyAddAdjacent(n6, ones);
            w7 += Avx512BW.MultiplyAddAdjacent(n7, ones);
        }
        w0.Store(sums);
        w1.Store(sums + sumStride);
        w2.Store(sums + 2 * sumStride);
        w3.Store(sums + 3 * sumStride);
        w4.Store(sums + 4 * sumStride);
        w5.Store(sums + 5 * sumStride);
        w6.Store(sums + 6 * sumStride);
        w7.Store(sums + 7 * sumStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Pair(Vector512<byte> low, Vector512<byte> high, sbyte* query) =>
        Avx512BW.MultiplyAddAdjacent(low, Vector512.Create(*(int*)query).AsSByte())
        + Avx512BW.MultiplyAddAdjacent(high, Vector512.Create(*(int*)(query + 4)).AsSByte());
}
