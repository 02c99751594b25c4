using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Prometheus.Grid.Numerics;

/// <summary>
/// Sums over doubles in one fixed shape: eight lanes, whatever the machine's registers are, so that a fit has the same bits on every one.
/// </summary>
public static class Vectors
{
    /// <summary>The dot product of two spans of equal length.</summary>
    public static double Dot(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        ref double xs = ref MemoryMarshal.GetReference(x), ys = ref MemoryMarshal.GetReference(y[..x.Length]);
        Vector256<double> a = Vector256<double>.Zero, b = a;
        int i = 0;
        for (; i <= x.Length - 8; i += 8)
        {
            a = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref xs, (nuint)i), Vector256.LoadUnsafe(ref ys, (nuint)i), a);
            b = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref xs, (nuint)i + 4), Vector256.LoadUnsafe(ref ys, (nuint)i + 4), b);
        }
        double sum = Sum(a + b);
        for (; i < x.Length; i++)
            sum = Math.FusedMultiplyAdd(x[i], y[i], sum);
        return sum;
    }

    /// <summary>Adds <paramref name="factor"/> × <paramref name="x"/> to <paramref name="y"/>.</summary>
    public static void AddScaled(Span<double> y, double factor, ReadOnlySpan<double> x)
    {
        ref double xs = ref MemoryMarshal.GetReference(x[..y.Length]), ys = ref MemoryMarshal.GetReference(y);
        var factors = Vector256.Create(factor);
        int i = 0;
        for (; i <= y.Length - 4; i += 4)
            Vector256.FusedMultiplyAdd(factors, Vector256.LoadUnsafe(ref xs, (nuint)i), Vector256.LoadUnsafe(ref ys, (nuint)i)).StoreUnsafe(ref ys, (nuint)i);
        for (; i < y.Length; i++)
            y[i] = Math.FusedMultiplyAdd(factor, x[i], y[i]);
    }

    /// <summary>Adds <paramref name="factor"/> × <paramref name="x"/> to <paramref name="y"/>, in double precision.</summary>
    public static void AddScaled(Span<double> y, double factor, ReadOnlySpan<float> x)
    {
        ref float xs = ref MemoryMarshal.GetReference(x[..y.Length]);
        ref double ys = ref MemoryMarshal.GetReference(y);
        var factors = Vector256.Create(factor);
        int i = 0;
        for (; i <= y.Length - 8; i += 8)
        {
            (var low, var high) = Vector256.Widen(Vector256.LoadUnsafe(ref xs, (nuint)i));
            Vector256.FusedMultiplyAdd(factors, low, Vector256.LoadUnsafe(ref ys, (nuint)i)).StoreUnsafe(ref ys, (nuint)i);
            Vector256.FusedMultiplyAdd(factors, high, Vector256.LoadUnsafe(ref ys, (nuint)i + 4)).StoreUnsafe(ref ys, (nuint)i + 4);
        }
        for (; i < y.Length; i++)
            y[i] = Math.FusedMultiplyAdd(factor, x[i], y[i]);
    }

    /// <summary>Scales to unit length; a zero vector stays zero.</summary>
    public static void Normalise(Span<double> x)
    {
        double norm = Math.Sqrt(Dot(x, x));
        if (norm == 0)
            return;
        foreach (ref double value in x)
            value /= norm;
    }

    // Written out, because the order in which Vector256.Sum adds the lanes is nobody's promise.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static double Sum(Vector256<double> v) => (v[0] + v[1]) + (v[2] + v[3]);
}
