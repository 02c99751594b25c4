using Prometheus.Grid.Similarity.Kernels;

namespace Prometheus.Grid.Similarity.Tests;

public sealed unsafe class KernelTests
{
    public static TheoryData<string> Kernels => [.. NibbleKernel.Supported().Select(kernel => kernel.Name)];

    internal static NibbleKernel Named(string name) => NibbleKernel.Supported().Single(kernel => kernel.Name == name);

    [Theory]
    [MemberData(nameof(Kernels))]
    public void High_sums_equal_the_definition_at_every_length(string name)
    {
        var kernel = Named(name);
        var random = new Random(1);
        for (int dims = 0; dims <= 1024; dims += 64)
        {
            for (int blocks = 1; blocks <= 4; blocks++)
            {
                byte[] highs = Bytes(random, dims * 8 * blocks);
                sbyte[] query = Codes(random, dims);
                int[] expected = new int[16 * blocks], actual = new int[16 * blocks];
                fixed (byte* p = highs)
                fixed (sbyte* q = query)
                fixed (int* e = expected, a = actual)
                {
                    new ScalarKernel().HighSums(p, q, dims, blocks, e);
                    kernel.HighSums(p, q, dims, blocks, a);
                }
                Assert.Equal(expected, actual);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Low_sums_equal_the_definition_at_every_length(string name)
    {
        var kernel = Named(name);
        var random = new Random(2);
        for (int dims = 0; dims <= 1024; dims += 64)
        {
            byte[] lows = Bytes(random, dims / 2);
            sbyte[] query = Codes(random, dims);
            fixed (byte* l = lows)
            fixed (sbyte* q = query)
                Assert.Equal(new ScalarKernel().LowSum(l, q, dims), kernel.LowSum(l, q, dims));
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Extreme_codes_do_not_saturate(string name)
    {
        var kernel = Named(name);
        const int Dims = 384;
        byte[] highs = Enumerable.Repeat((byte)0xFF, Dims * 8).ToArray();
        foreach (sbyte extreme in new sbyte[] { 127, -127 })
        {
            sbyte[] query = Enumerable.Repeat(extreme, Dims).ToArray();
            int[] sums = new int[16];
            fixed (byte* p = highs)
            fixed (sbyte* q = query)
            fixed (int* s = sums)
            {
                kernel.HighSums(p, q, Dims, 1, s);
                Assert.All(sums, sum => Assert.Equal(15 * extreme * Dims, sum));
                Assert.Equal(15 * extreme * Dims, kernel.LowSum(p, q, Dims));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_batch_sums_what_its_queries_sum_alone(string name)
    {
        var kernel = Named(name);
        var random = new Random(3);
        const int Dims = 192, Blocks = 4, Count = NibbleKernel.BatchQueries;
        byte[] highs = Bytes(random, Dims * 8 * Blocks);
        sbyte[] queries = Codes(random, Dims * Count);
        sbyte[] packed = new sbyte[Dims * Count];
        int[] expected = new int[64 * Count], actual = new int[64 * Count];
        fixed (byte* p = highs)
        fixed (sbyte* q = queries, together = packed)
        fixed (int* e = expected, a = actual)
        {
            for (int i = 0; i < Count; i++)
            {
                NibbleKernel.Pack(q + i * Dims, i, Dims, together);
                new ScalarKernel().HighSums(p, q + i * Dims, Dims, Blocks, e + 64 * i);
            }
            kernel.BatchHighSums(p, together, Dims, Blocks, a);
        }
        Assert.Equal(expected, actual);
    }

    private static byte[] Bytes(Random random, int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static sbyte[] Codes(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (sbyte)random.Next(-127, 128))];
}
