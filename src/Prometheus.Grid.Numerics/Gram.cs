using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Prometheus.Grid.Numerics;

/// <summary>The matrix of dot products of many long columns, the costly step of a principal component fit.</summary>
public static class Gram
{
    private const int Tile = 4, StripWidth = 8;

    /// <summary>G = XᵀX.</summary>
    /// <param name="columns">X column by column: <paramref name="count"/> × <paramref name="length"/> values.</param>
    /// <param name="count">Number of columns.</param>
    /// <param name="length">Length of a column.</param>
    /// <param name="workers">How many cores work at once; each value is computed by one of them, so the bits do not depend on it.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns><paramref name="count"/> × <paramref name="count"/> values, symmetric.</returns>
    public static double[] OfColumns(double[] columns, int count, int length, int workers, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(columns.Length, count * length);
        double[] gram = new double[count * count];
        int tiles = (count + Tile - 1) / Tile;
        var options = new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken };
        Parallel.For(0, tiles, options, tile =>
        {
            int i = tile * Tile;
            for (int j = i; j < count; j += Tile)
            {
                if (i + Tile <= count && j + Tile <= count)
                    MultiplyTile(columns, length, i, j, gram, count);
                else
                    MultiplyEdge(columns, length, i, j, gram, count);
            }
        });
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < i; j++)
                gram[(i * count) + j] = gram[(j * count) + i];
        }
        return gram;
    }

    /// <summary>Y = G X for a block of vectors, both row by row (<paramref name="count"/> × <paramref name="width"/>).</summary>
    /// <remarks>Each value is one chain of fused multiplications and additions over the rows of X in their order, however many are computed at once.</remarks>
    public static double[] Multiply(double[] gram, double[] x, int count, int width, int workers, CancellationToken cancellationToken)
    {
        double[] y = new double[count * width];
        double[] strips = Strips(x, count, width);
        var options = new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken };
        Parallel.For(0, (count + Tile - 1) / Tile, options, tile =>
        {
            for (int column = 0; column < width; column += StripWidth)
                MultiplyStrip(gram, strips.AsSpan(column * count, count * StripWidth), count, tile * Tile, y, width, column);
        });
        return y;
    }

    /// <summary>X cut into strips of eight columns, one after the other, each row by row; the last is filled up with zeros.</summary>
    private static double[] Strips(double[] x, int count, int width)
    {
        double[] strips = new double[(width + StripWidth - 1) / StripWidth * StripWidth * count];
        for (int column = 0; column < width; column += StripWidth)
        {
            int columns = Math.Min(StripWidth, width - column);
            for (int row = 0; row < count; row++)
                x.AsSpan((row * width) + column, columns).CopyTo(strips.AsSpan((column * count) + (row * StripWidth)));
        }
        return strips;
    }

    // Four rows of eight sums in registers: without them every product loads and stores its sum.
    private static void MultiplyStrip(double[] gram, ReadOnlySpan<double> strip, int count, int row, double[] y, int width, int column)
    {
        int last = count - 1;
        ref double g = ref MemoryMarshal.GetArrayDataReference(gram), x = ref MemoryMarshal.GetReference(strip);
        // Behind the last row its sums are computed again and not kept.
        ref double g0 = ref Unsafe.Add(ref g, row * count), g1 = ref Unsafe.Add(ref g, Math.Min(row + 1, last) * count);
        ref double g2 = ref Unsafe.Add(ref g, Math.Min(row + 2, last) * count), g3 = ref Unsafe.Add(ref g, Math.Min(row + 3, last) * count);
        Vector256<double> s00 = default, s01 = default, s10 = default, s11 = default, s20 = default, s21 = default, s30 = default, s31 = default;
        for (nuint j = 0; j < (nuint)count; j++)
        {
            Vector256<double> x0 = Vector256.LoadUnsafe(ref x, j * StripWidth), x1 = Vector256.LoadUnsafe(ref x, (j * StripWidth) + 4);
            var factor = Vector256.Create(Unsafe.Add(ref g0, j));
            s00 = Vector256.FusedMultiplyAdd(factor, x0, s00);
            s01 = Vector256.FusedMultiplyAdd(factor, x1, s01);
            factor = Vector256.Create(Unsafe.Add(ref g1, j));
            s10 = Vector256.FusedMultiplyAdd(factor, x0, s10);
            s11 = Vector256.FusedMultiplyAdd(factor, x1, s11);
            factor = Vector256.Create(Unsafe.Add(ref g2, j));
            s20 = Vector256.FusedMultiplyAdd(factor, x0, s20);
            s21 = Vector256.FusedMultiplyAdd(factor, x1, s21);
            factor = Vector256.Create(Unsafe.Add(ref g3, j));
            s30 = Vector256.FusedMultiplyAdd(factor, x0, s30);
            s31 = Vector256.FusedMultiplyAdd(factor, x1, s31);
        }
        Span<Vector256<double>> sums = [s00, s01, s10, s11, s20, s21, s30, s31];
        ReadOnlySpan<double> values = MemoryMarshal.Cast<Vector256<double>, double>(sums);
        int columns = Math.Min(StripWidth, width - column);
        for (int r = 0; r < Math.Min(Tile, count - row); r++)
            values.Slice(r * StripWidth, columns).CopyTo(y.AsSpan(((row + r) * width) + column));
    }

    // Sixteen sums in registers share eight loads a step, which keeps the multiplier busy instead of the memory.
    private static void MultiplyTile(double[] columns, int length, int i, int j, double[] gram, int count)
    {
        ref double x = ref MemoryMarshal.GetArrayDataReference(columns);
        nuint a0 = (nuint)(i * length), b0 = (nuint)(j * length), step = (nuint)length;
        Vector256<double> s00 = default, s01 = default, s02 = default, s03 = default, s10 = default, s11 = default, s12 = default, s13 = default;
        Vector256<double> s20 = default, s21 = default, s22 = default, s23 = default, s30 = default, s31 = default, s32 = default, s33 = default;
        nuint k = 0;
        for (; k + 4 <= step; k += 4)
        {
            Vector256<double> y0 = Vector256.LoadUnsafe(ref x, b0 + k), y1 = Vector256.LoadUnsafe(ref x, b0 + step + k);
            Vector256<double> y2 = Vector256.LoadUnsafe(ref x, b0 + (2 * step) + k), y3 = Vector256.LoadUnsafe(ref x, b0 + (3 * step) + k);
            var v = Vector256.LoadUnsafe(ref x, a0 + k);
            s00 = Vector256.FusedMultiplyAdd(v, y0, s00);
            s01 = Vector256.FusedMultiplyAdd(v, y1, s01);
            s02 = Vector256.FusedMultiplyAdd(v, y2, s02);
            s03 = Vector256.FusedMultiplyAdd(v, y3, s03);
            v = Vector256.LoadUnsafe(ref x, a0 + step + k);
            s10 = Vector256.FusedMultiplyAdd(v, y0, s10);
            s11 = Vector256.FusedMultiplyAdd(v, y1, s11);
            s12 = Vector256.FusedMultiplyAdd(v, y2, s12);
            s13 = Vector256.FusedMultiplyAdd(v, y3, s13);
            v = Vector256.LoadUnsafe(ref x, a0 + (2 * step) + k);
            s20 = Vector256.FusedMultiplyAdd(v, y0, s20);
            s21 = Vector256.FusedMultiplyAdd(v, y1, s21);
            s22 = Vector256.FusedMultiplyAdd(v, y2, s22);
            s23 = Vector256.FusedMultiplyAdd(v, y3, s23);
            v = Vector256.LoadUnsafe(ref x, a0 + (3 * step) + k);
            s30 = Vector256.FusedMultiplyAdd(v, y0, s30);
            s31 = Vector256.FusedMultiplyAdd(v, y1, s31);
            s32 = Vector256.FusedMultiplyAdd(v, y2, s32);
            s33 = Vector256.FusedMultiplyAdd(v, y3, s33);
        }
        ReadOnlySpan<Vector256<double>> sums = [s00, s01, s02, s03, s10, s11, s12, s13, s20, s21, s22, s23, s30, s31, s32, s33];
        for (int t = 0; t < sums.Length; t++)
        {
            int p = i + (t / Tile), q = j + (t % Tile);
            int rest = (int)k;
            ReadOnlySpan<double> tailP = columns.AsSpan((p * length) + rest, length - rest), tailQ = columns.AsSpan((q * length) + rest, length - rest);
            gram[(p * count) + q] = Vectors.Sum(sums[t]) + Vectors.Dot(tailP, tailQ);
        }
    }

    private static void MultiplyEdge(double[] columns, int length, int i, int j, double[] gram, int count)
    {
        for (int p = i; p < Math.Min(i + Tile, count); p++)
        {
            for (int q = j; q < Math.Min(j + Tile, count); q++)
                gram[(p * count) + q] = Vectors.Dot(columns.AsSpan(p * length, length), columns.AsSpan(q * length, length));
        }
    }
}
