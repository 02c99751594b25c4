using System.Runtime.CompilerServices;
namespace Prometheus.Grid.Similarity.Kernels;

/// <summary>The definition that every other kernel is held to.</summary>
internal sealed unsafe class ScalarKernel : NibbleKernel
{
    public override string Name => "scalar";

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void HighSums(byte* highs, sbyte* query, int dims, int blocks, int* sums)
    {
        for (int block = 0; block < blocks; block++, highs += dims * (BlockRows / 2), sums += BlockRows)
        {
            for (int row = 0; row < BlockRows; row++)
            {
                int sum = 0;
                for (int d = 0; d < dims; d++)
                {
                    byte pair = highs[d / 8 * 64 + row * 4 + d % 4];
                    sum += (d % 8 < 4 ? pair & 15 : pair >> 4) * query[d];
                }
                sums[row] = sum;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int LowSum(byte* lows, sbyte* query, int dims)
    {
        int sum = 0;
        for (int d = 0; d < dims; d++)
        {
            byte pair = lows[d / 64 * 32 + d % 32];
            sum += (d % 64 < 32 ? pair & 15 : pair >> 4) * query[d];
        }
        return sum;
    }
}
