using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Prometheus.Grid.Similarity.Kernels;

/// <summary>256-bit kernel with the fused byte dot product of AVX-VNNI, which sums straight to 32 bits.</summary>
internal sealed unsafe class AvxVnniKernel : NibbleKernel
{
    public static bool IsSupported => AvxVnni.IsSupported && Avx2.IsSupported;

    public override string Name => "AVX-VNNI";

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void HighSums(byte* highs, sbyte* query, int dims, int blocks, int* sums)
    {
        var nibble = Vector256.Create((byte)15);
        for (int block = 0; block < blocks; block++, sums += BlockRows)
        {
            Vector256<int> low0 = default, high0 = default, low1 = default, high1 = default;
            int* steps = (int*)query;
            for (int d = 0; d < dims; d += 8, highs += 64, steps += 2)
            {
                var pairs0 = Vector256.Load(highs);
                var pairs1 = Vector256.Load(highs + 32);
                var lowQuery = Vector256.Create(steps[0]).AsSByte();
                var highQuery = Vector256.Create(steps[1]).AsSByte();
                low0 = AvxVnni.MultiplyWideningAndAdd(low0, pairs0 & nibble, lowQuery);
                low1 = AvxVnni.MultiplyWideningAndAdd(low1, pairs1 & nibble, lowQuery);
                high0 = AvxVnni.MultiplyWideningAndAdd(high0, (pairs0.AsUInt16() >>> 4).AsByte() & nibble, highQuery);
                high1 = AvxVnni.MultiplyWideningAndAdd(high1, (pairs1.AsUInt16() >>> 4).AsByte() & nibble, highQuery);
            }
            (low0 + high0).Store(sums);
            (low1 + high1).Store(sums + 8);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int LowSum(byte* lows, sbyte* query, int dims)
    {
        var nibble = Vector256.Create((byte)15);
        var sum = Vector256<int>.Zero;
        for (int d = 0; d < dims; d += 64, lows += 32)
        {
            var pairs = Vector256.Load(lows);
            sum = AvxVnni.MultiplyWideningAndAdd(sum, pairs & nibble, Vector256.Load(query + d));
            sum = AvxVnni.MultiplyWideningAndAdd(sum, (pairs.AsUInt16() >>> 4).AsByte() & nibble, Vector256.Load(query + d + 32));
        }
        return Vector256.Sum(sum);
    }
}
