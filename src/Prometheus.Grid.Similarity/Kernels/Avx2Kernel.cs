using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Prometheus.Grid.Similarity.Kernels;

/// <summary>256-bit kernel: byte multiply to 16-bit sums, flushed to 32 bits every four steps.</summary>
internal sealed unsafe class Avx2Kernel : NibbleKernel
{
    public static bool IsSupported => Avx2.IsSupported;

    public override string Name => "AVX2";

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void HighSums(byte* highs, sbyte* query, int dims, int blocks, int* sums)
    {
        for (int block = 0; block < blocks; block++, highs += dims * (BlockRows / 2), sums += BlockRows)
        {
            HalfBlock(highs, query, dims, sums);
            HalfBlock(highs + 32, query, dims, sums + 8);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void HalfBlock(byte* highs, sbyte* query, int dims, int* sums)
    {
        var wide = Vector256<int>.Zero;
        int* steps = (int*)query;
        for (int d = 0; d < dims; d += 32, highs += 256, steps += 8)
        {
            var narrow = Step(highs, steps) + Step(highs + 64, steps + 2) + Step(highs + 128, steps + 4) + Step(highs + 192, steps + 6);
            wide += Avx2.MultiplyAddAdjacent(narrow, Vector256<short>.One);
        }
        wide.Store(sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void BatchHighSums(byte* highs, sbyte* packed, int dims, int blocks, int* sums)
    {
        for (int block = 0; block < blocks; block++, highs += dims * (BlockRows / 2), sums += BlockRows)
        {
            EightQueries(highs, packed, dims, sums, blocks * BlockRows);
            EightQueries(highs + 32, packed, dims, sums + 8, blocks * BlockRows);
        }
    }

    /// <summary>Half a block against eight queries: four steps are unpacked into eight registers, once for all of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void EightQueries(byte* highs, sbyte* packed, int dims, int* sums, int sumStride)
    {
        var ones = Vector256<short>.One;
        // Sixteen registers do not hold the sums as well; a load and a store a query are few beside its eight products.
        var wide = stackalloc Vector256<int>[BatchQueries];
        for (int i = 0; i < BatchQueries; i++) wide[i] = default;
        for (int d = 0; d < dims; d += 32, highs += 256, packed += 32 * BatchQueries)
        {
            var (low0, high0) = Nibbles(highs);
            var (low1, high1) = Nibbles(highs + 64);
            var (low2, high2) = Nibbles(highs + 128);
            var (low3, high3) = Nibbles(highs + 192);
            int* query = (int*)packed;
            for (int i = 0; i < BatchQueries; i++, query += 2)
            {
                var first = Avx2.MultiplyAddAdjacent(low0, Vector256.Create(query[0]).AsSByte()) + Avx2.MultiplyAddAdjacent(high0, Vector256.Create(query[1]).AsSByte());
                var second = Avx2.MultiplyAddAdjacent(low1, Vector256.Create(query[16]).AsSByte()) + Avx2.MultiplyAddAdjacent(high1, Vector256.Create(query[17]).AsSByte());
                var third = Avx2.MultiplyAddAdjacent(low2, Vector256.Create(query[32]).AsSByte()) + Avx2.MultiplyAddAdjacent(high2, Vector256.Create(query[33]).AsSByte());
                var fourth = Avx2.MultiplyAddAdjacent(low3, Vector256.Create(query[48]).AsSByte()) + Avx2.MultiplyAddAdjacent(high3, Vector256.Create(query[49]).AsSByte());
                wide[i] += Avx2.MultiplyAddAdjacent(first + second + (third + fourth), ones);
            }
        }
        for (int i = 0; i < BatchQueries; i++) wide[i].Store(sums + i * sumStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<byte> Low, Vector256<byte> High) Nibbles(byte* highs)
    {
        var nibble = Vector256.Create((byte)15);
        var pairs = Vector256.Load(highs);
        return (pairs & nibble, (pairs.AsUInt16() >>> 4).AsByte() & nibble);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Step(byte* highs, int* steps)
    {
        var nibble = Vector256.Create((byte)15);
        var pairs = Vector256.Load(highs);
        var low = pairs & nibble;
        var high = (pairs.AsUInt16() >>> 4).AsByte() & nibble;
        return Avx2.MultiplyAddAdjacent(low, Vector256.Create(steps[0]).AsSByte())
             + Avx2.MultiplyAddAdjacent(high, Vector256.Create(steps[1]).AsSByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int LowSum(byte* lows, sbyte* query, int dims) => SumOf(lows, query, dims);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void LowSums(byte* lows, sbyte* query, int dims, ulong rows, int* sums) => SumsOf(lows, query, dims, rows, sums);

    /// <summary>Also the low sums of the 512-bit kernel: a row's low nibbles are a few hundred bytes, where the width changes nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SumsOf(byte* lows, sbyte* query, int dims, ulong rows, int* sums)
    {
        // One query asks for few rows of a tile, far apart: all of them are on their way before the first is summed.
        for (ulong ahead = rows; ahead != 0; ahead &= ahead - 1)
            Prefetch.Lines(lows + (nint)BitOperations.TrailingZeroCount(ahead) * dims / 2, dims / 2);
        for (; rows != 0; rows &= rows - 1)
        {
            int r = BitOperations.TrailingZeroCount(rows);
            sums[r] = SumOf(lows + (nint)r * dims / 2, query, dims);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SumOf(byte* lows, sbyte* query, int dims)
    {
        var nibble = Vector256.Create((byte)15);
        var ones = Vector256<short>.One;
        var sum = Vector256<int>.Zero;
        for (int d = 0; d < dims; d += 64, lows += 32)
        {
            var pairs = Vector256.Load(lows);
            var low = Avx2.MultiplyAddAdjacent(pairs & nibble, Vector256.Load(query + d));
            var high = Avx2.MultiplyAddAdjacent((pairs.AsUInt16() >>> 4).AsByte() & nibble, Vector256.Load(query + d + 32));
            sum += Avx2.MultiplyAddAdjacent(low + high, ones);
        }
        return Vector256.Sum(sum);
    }
}
