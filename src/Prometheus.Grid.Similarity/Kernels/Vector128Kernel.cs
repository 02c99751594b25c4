using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Prometheus.Grid.Similarity.Kernels;

/// <summary>128-bit kernel, for SSSE3 and NEON alike: only the byte multiply differs.</summary>
internal sealed unsafe class Vector128Kernel : NibbleKernel
{
    public static bool IsSupported => Ssse3.IsSupported || AdvSimd.Arm64.IsSupported;

    public override string Name => Ssse3.IsSupported ? "SSSE3" : "NEON";

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void HeadSums(byte* plane, sbyte* query, int headDims, int blocks, int* sums)
    {
        for (var block = 0; block < blocks; block++, plane += headDims * (BlockRows / 2), sums += BlockRows)
        {
            for (var quarter = 0; quarter < 4; quarter++)
                QuarterBlock(plane + quarter * 16, query, headDims, sums + quarter * 4);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void QuarterBlock(byte* plane, sbyte* query, int headDims, int* sums)
    {
        var wide = Vector128<int>.Zero;
        var steps = (int*)query;
        for (var d = 0; d < headDims; d += 32, plane += 256, steps += 8)
        {
            var narrow = Step(plane, steps) + Step(plane + 64, steps + 2) + Step(plane + 128, steps + 4) + Step(plane + 192, steps + 6);
            wide += Widen(narrow);
        }
        wide.Store(sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Step(byte* plane, int* steps)
    {
        var pairs = Vector128.Load(plane);
        return Multiply(Low(pairs), Vector128.Create(steps[0]).AsSByte()) + Multiply(High(pairs), Vector128.Create(steps[1]).AsSByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int RestSum(byte* rest, sbyte* query, int headDims, int dims)
    {
        var units = Vector128<int>.Zero;
        var sixteens = Vector128<int>.Zero;
        var d = 0;
        for (; d < headDims; d += 64, rest += 32)
        {
            for (var half = 0; half < 32; half += 16)
            {
                var pairs = Vector128.Load(rest + half);
                units += Widen(Multiply(Low(pairs), Vector128.Load(query + d + half))
                             + Multiply(High(pairs), Vector128.Load(query + d + half + 32)));
            }
        }
        for (; d < dims; d += 16, rest += 16)
        {
            var codes = Vector128.Load(rest);
            units += Widen(Multiply(Low(codes), Vector128.Load(query + d)));
            sixteens += Widen(Multiply(High(codes), Vector128.Load(query + d)));
        }
        return Vector128.Sum(units + (sixteens << 4));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Low(Vector128<byte> pairs) => pairs & Vector128.Create((byte)15);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> High(Vector128<byte> pairs) => pairs >>> 4;

    /// <summary>Sums of adjacent products; nibbles times −127..127 never leave 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Multiply(Vector128<byte> nibbles, Vector128<sbyte> query)
    {
        if (Ssse3.IsSupported) return Ssse3.MultiplyAddAdjacent(nibbles, query);
        var lower = AdvSimd.MultiplyWideningLower(nibbles.GetLower().AsSByte(), query.GetLower());
        var upper = AdvSimd.MultiplyWideningUpper(nibbles.AsSByte(), query);
        return AdvSimd.Arm64.AddPairwise(lower, upper);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Widen(Vector128<short> narrow) => Sse2.IsSupported
        ? Sse2.MultiplyAddAdjacent(narrow, Vector128<short>.One)
        : AdvSimd.AddPairwiseWidening(narrow);
}
