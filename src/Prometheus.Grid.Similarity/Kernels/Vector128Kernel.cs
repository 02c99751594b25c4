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
    public override void HighSums(byte* highs, sbyte* query, int dims, int blocks, int* sums)
    {
        for (int block = 0; block < blocks; block++, highs += dims * (BlockRows / 2), sums += BlockRows)
        {
            for (int quarter = 0; quarter < 4; quarter++)
                QuarterBlock(highs + quarter * 16, query, dims, sums + quarter * 4);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void QuarterBlock(byte* highs, sbyte* query, int dims, int* sums)
    {
        var wide = Vector128<int>.Zero;
        int* steps = (int*)query;
        for (int d = 0; d < dims; d += 32, highs += 256, steps += 8)
        {
            var narrow = Step(highs, steps) + Step(highs + 64, steps + 2) + Step(highs + 128, steps + 4) + Step(highs + 192, steps + 6);
            wide += Widen(narrow);
        }
        wide.Store(sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Step(byte* highs, int* steps)
    {
        var pairs = Vector128.Load(highs);
        return Multiply(Low(pairs), Vector128.Create(steps[0]).AsSByte()) + Multiply(High(pairs), Vector128.Create(steps[1]).AsSByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int LowSum(byte* lows, sbyte* query, int dims)
    {
        var sum = Vector128<int>.Zero;
        for (int d = 0; d < dims; d += 64, lows += 32)
        {
            for (int half = 0; half < 32; half += 16)
            {
                var pairs = Vector128.Load(lows + half);
                sum += Widen(Multiply(Low(pairs), Vector128.Load(query + d + half))
                           + Multiply(High(pairs), Vector128.Load(query + d + half + 32)));
            }
        }
        return Vector128.Sum(sum);
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
