using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Prometheus.Grid.Numerics;

/// <summary>
/// Modified Gram–Schmidt, twice, which is enough for full precision. A column loses its share of each earlier one in their order, twice over; that
/// order is part of the result's bits, so what is done at once here is what never waits for another: the first pass of four columns, and taking one
/// direction away while the share of the next is summed.
/// </summary>
internal static class GramSchmidt
{
    private const int Together = 4;

    /// <summary>Makes columns orthonormal; a direction that the earlier ones span becomes zero.</summary>
    /// <param name="basis">Columns, one after the other (<paramref name="width"/> × <paramref name="size"/>).</param>
    /// <param name="size">Length of a column.</param>
    /// <param name="width">How many.</param>
    public static void Orthonormalise(double[] basis, int size, int width)
    {
        Span<double> before = stackalloc double[Together];
        for (int start = 0; start < width; start += Together)
        {
            int count = Math.Min(Together, width - start);
            for (int c = 0; c < count; c++)
                before[c] = Length(Column(basis, size, start + c));
            if (count == Together)
                RemoveFromFour(basis, size, start);
            for (int c = 0; c < count; c++)
            {
                var column = Column(basis, size, start + c);
                Remove(basis, size, column, count == Together ? start : 0, start + c);
                Remove(basis, size, column, 0, start + c);
                if (Length(column) <= 1e-12 * before[c])
                    column.Clear();
                else
                    Vectors.Normalise(column);
            }
        }
    }

    private static Span<double> Column(double[] basis, int size, int index) => basis.AsSpan(index * size, size);

    private static double Length(ReadOnlySpan<double> column) => Math.Sqrt(Vectors.Dot(column, column));

    /// <summary>Takes the directions from <paramref name="first"/> to before <paramref name="end"/> out of a column.</summary>
    private static void Remove(double[] basis, int size, Span<double> column, int first, int end)
    {
        if (first == end)
            return;
        double share = Vectors.Dot(column, Column(basis, size, first));
        for (int other = first; other < end - 1; other++)
            share = AddScaledAndDot(column, -share, Column(basis, size, other), Column(basis, size, other + 1));
        Vectors.AddScaled(column, -share, Column(basis, size, end - 1));
    }

    /// <summary><see cref="Vectors.AddScaled(Span{double}, double, ReadOnlySpan{double})"/>, then <see cref="Vectors.Dot"/> of the result with <paramref name="next"/>.</summary>
    private static double AddScaledAndDot(Span<double> y, double factor, ReadOnlySpan<double> x, ReadOnlySpan<double> next)
    {
        ref double ys = ref MemoryMarshal.GetReference(y), xs = ref MemoryMarshal.GetReference(x[..y.Length]), ns = ref MemoryMarshal.GetReference(next[..y.Length]);
        var factors = Vector256.Create(factor);
        Vector256<double> a = Vector256<double>.Zero, b = a;
        int i = 0;
        for (; i <= y.Length - 8; i += 8)
        {
            Step(ref ys, factors, ref xs, ref ns, (nuint)i, ref a);
            Step(ref ys, factors, ref xs, ref ns, (nuint)i + 4, ref b);
        }
        double sum = Vectors.Sum(a + b);
        for (; i < y.Length; i++)
        {
            y[i] = Math.FusedMultiplyAdd(factor, x[i], y[i]);
            sum = Math.FusedMultiplyAdd(y[i], next[i], sum);
        }
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(ref double y, Vector256<double> factor, ref double x, ref double next, nuint i, ref Vector256<double> sum)
    {
        var value = Vector256.FusedMultiplyAdd(factor, Vector256.LoadUnsafe(ref x, i), Vector256.LoadUnsafe(ref y, i));
        value.StoreUnsafe(ref y, i);
        sum = Vector256.FusedMultiplyAdd(value, Vector256.LoadUnsafe(ref next, i), sum);
    }

    /// <summary>
    /// The first pass of four columns over the directions before them: four sums at once, because one alone waits for each of its additions.
    /// </summary>
    private static void RemoveFromFour(double[] basis, int size, int start)
    {
        Span<double> y0 = Column(basis, size, start), y1 = Column(basis, size, start + 1), y2 = Column(basis, size, start + 2), y3 = Column(basis, size, start + 3);
        ref double r0 = ref MemoryMarshal.GetReference(y0), r1 = ref MemoryMarshal.GetReference(y1);
        ref double r2 = ref MemoryMarshal.GetReference(y2), r3 = ref MemoryMarshal.GetReference(y3);
        int blocks = size / 8 * 8;
        for (int other = 0; other < start; other++)
        {
            ReadOnlySpan<double> x = Column(basis, size, other);
            ref double xs = ref MemoryMarshal.GetReference(x);
            Vector256<double> a0 = default, b0 = default, a1 = default, b1 = default, a2 = default, b2 = default, a3 = default, b3 = default;
            for (nuint i = 0; i < (nuint)blocks; i += 8)
            {
                Vector256<double> low = Vector256.LoadUnsafe(ref xs, i), high = Vector256.LoadUnsafe(ref xs, i + 4);
                a0 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref r0, i), low, a0);
                b0 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref r0, i + 4), high, b0);
                a1 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref r1, i), low, a1);
                b1 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref r1, i + 4), high, b1);
                a2 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref r2, i), low, a2);
                b2 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref r2, i + 4), high, b2);
                a3 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref r3, i), low, a3);
                b3 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref r3, i + 4), high, b3);
            }
            Vectors.AddScaled(y0, -Tail(Vectors.Sum(a0 + b0), y0, x, blocks), x);
            Vectors.AddScaled(y1, -Tail(Vectors.Sum(a1 + b1), y1, x, blocks), x);
            Vectors.AddScaled(y2, -Tail(Vectors.Sum(a2 + b2), y2, x, blocks), x);
            Vectors.AddScaled(y3, -Tail(Vectors.Sum(a3 + b3), y3, x, blocks), x);
        }
    }

    private static double Tail(double sum, ReadOnlySpan<double> y, ReadOnlySpan<double> x, int from)
    {
        for (int i = from; i < y.Length; i++)
            sum = Math.FusedMultiplyAdd(y[i], x[i], sum);
        return sum;
    }
}
