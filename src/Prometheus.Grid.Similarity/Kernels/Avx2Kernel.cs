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
    public override void HeadSums(byte* plane, sbyte* query, int headDims, int blocks, int* sums)
    {
        for (var block = 0; block < blocks; block++, plane += headDims * (BlockRows / 2), sums += BlockRows)
        {
            HalfBlock(plane, query, headDims, sums);
            HalfBlock(plane + 32, query, headDims, sums + 8);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void HalfBlock(byte* plane, sbyte* query, int headDims, int* sums)
    {
        var wide = Vector256<int>.Zero;
        var steps = (int*)query;
        for (var d = 0; d < headDims; d += 32, plane += 256, steps += 8)
        {
            var narrow = Step(plane, steps) + Step(plane + 64, steps + 2) + Step(plane + 128, steps + 4) + Step(plane + 192, steps + 6);
            wide += Avx2.MultiplyAddAdjacent(narrow, Vector256<short>.One);
        }
        wide.Store(sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Step(byte* plane, int* steps)
    {
        var nibble = Vector256.Create((byte)15);
        var pairs = Vector256.Load(plane);
        var low = pairs & nibble;
        var high = (pairs.AsUInt16() >>> 4).AsByte() & nibble;
        return Avx2.MultiplyAddAdjacent(low, Vector256.Create(steps[0]).AsSByte())
             + Avx2.MultiplyAddAdjacent(high, Vector256.Create(steps[1]).AsSByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int RestSum(byte* rest, sbyte* query, int headDims, int dims) => Rest(rest, query, headDims, dims);

    /// <summary>Also the rest sum of the 512-bit kernel: a row's rest is a few hundred bytes, where the width changes nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Rest(byte* rest, sbyte* query, int headDims, int dims)
    {
        var nibble = Vector256.Create((byte)15);
        var ones = Vector256<short>.One;
        var units = Vector256<int>.Zero;
        var sixteens = Vector256<int>.Zero;
        var d = 0;
        for (; d < headDims; d += 64, rest += 32)
        {
            var pairs = Vector256.Load(rest);
            var low = Avx2.MultiplyAddAdjacent(pairs & nibble, Vector256.Load(query + d));
            var high = Avx2.MultiplyAddAdjacent((pairs.AsUInt16() >>> 4).AsByte() & nibble, Vector256.Load(query + d + 32));
            units += Avx2.MultiplyAddAdjacent(low + high, ones);
        }
        for (; d < dims; d += 32, rest += 32)
        {
            var codes = Vector256.Load(rest);
            var queries = Vector256.Load(query + d);
            units += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(codes & nibble, queries), ones);
            sixteens += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent((codes.AsUInt16() >>> 4).AsByte() & nibble, queries), ones);
        }
        return Vector256.Sum(units + (sixteens << 4));
    }
}
