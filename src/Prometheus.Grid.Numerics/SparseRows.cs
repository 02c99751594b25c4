using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Prometheus.Grid.Numerics;

/// <summary>A sparse matrix by rows, and by columns, so that products with it and with its transpose both run over rows in parallel.</summary>
public sealed class SparseRows
{
    private readonly int[] _starts;
    private readonly int[] _columns;
    private readonly float[] _values;

    private SparseRows(int[] starts, int[] columns, float[] values, int columnCount)
    {
        _starts = starts;
        _columns = columns;
        _values = values;
        ColumnCount = columnCount;
    }

    /// <summary>How many rows.</summary>
    public int RowCount => _starts.Length - 1;

    /// <summary>How many columns.</summary>
    public int ColumnCount { get; }

    /// <summary>Packs rows, each ascending by column.</summary>
    public static SparseRows Of(IReadOnlyList<IReadOnlyList<(int Column, float Value)>> rows, int columnCount)
    {
        int[] starts = new int[rows.Count + 1];
        for (int r = 0; r < rows.Count; r++)
            starts[r + 1] = starts[r] + rows[r].Count;
        int[] columns = new int[starts[^1]];
        float[] values = new float[starts[^1]];
        for (int r = 0; r < rows.Count; r++)
        {
            for (int i = 0; i < rows[r].Count; i++)
                (columns[starts[r] + i], values[starts[r] + i]) = rows[r][i];
        }
        return new SparseRows(starts, columns, values, columnCount);
    }

    /// <summary>The transpose, rows ascending.</summary>
    public SparseRows Transposed()
    {
        int[] starts = new int[ColumnCount + 1];
        foreach (int column in _columns)
            starts[column + 1]++;
        for (int c = 0; c < ColumnCount; c++)
            starts[c + 1] += starts[c];
        int[] next = [.. starts];
        int[] columns = new int[_columns.Length];
        float[] values = new float[_values.Length];
        for (int r = 0; r < RowCount; r++)
        {
            for (int i = _starts[r]; i < _starts[r + 1]; i++)
            {
                int to = next[_columns[i]]++;
                (columns[to], values[to]) = (r, _values[i]);
            }
        }
        return new SparseRows(starts, columns, values, RowCount);
    }

    /// <summary>Y = A X for a block of vectors.</summary>
    /// <param name="x"><see cref="ColumnCount"/> × <paramref name="width"/> values, row by row.</param>
    /// <param name="width">How many vectors.</param>
    /// <param name="workers">How many rows at once; each is summed by one of them, so the bits do not depend on it.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns><see cref="RowCount"/> × <paramref name="width"/> values, row by row.</returns>
    public double[] Multiply(double[] x, int width, int workers, CancellationToken cancellationToken)
    {
        double[] y = new double[RowCount * width];
        var options = new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken };
        Parallel.For(0, RowCount, options, r =>
        {
            var sums = y.AsSpan(r * width, width);
            for (int i = _starts[r]; i < _starts[r + 1]; i++)
                Vectors.AddScaled(sums, _values[i], x.AsSpan(_columns[i] * width, width));
        });
        return y;
    }

    /// <summary>How many vectors <see cref="MultiplyBlock"/> takes: their sums over a row stay in four registers of eight.</summary>
    public const int BlockWidth = 32;

    /// <summary>Y = A X for <see cref="BlockWidth"/> vectors in single precision; against <see cref="Multiply"/> with a hundred vectors it moves a fifth of the memory.</summary>
    /// <param name="x"><see cref="ColumnCount"/> × <see cref="BlockWidth"/> values, row by row.</param>
    /// <param name="y">Receives <see cref="RowCount"/> × <see cref="BlockWidth"/> values.</param>
    /// <param name="workers">How many rows at once; each is summed by one of them, so the bits do not depend on it.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public void MultiplyBlock(float[] x, float[] y, int workers, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(x.Length, ColumnCount * BlockWidth);
        ArgumentOutOfRangeException.ThrowIfNotEqual(y.Length, RowCount * BlockWidth);
        var options = new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken };
        Parallel.For(0, RowCount, options, r =>
        {
            ref float from = ref MemoryMarshal.GetArrayDataReference(x);
            Vector256<float> a = default, b = default, c = default, d = default;
            for (int i = _starts[r]; i < _starts[r + 1]; i++)
            {
                var value = Vector256.Create(_values[i]);
                nuint at = (nuint)(_columns[i] * BlockWidth);
                a = Vector256.FusedMultiplyAdd(value, Vector256.LoadUnsafe(ref from, at), a);
                b = Vector256.FusedMultiplyAdd(value, Vector256.LoadUnsafe(ref from, at + 8), b);
                c = Vector256.FusedMultiplyAdd(value, Vector256.LoadUnsafe(ref from, at + 16), c);
                d = Vector256.FusedMultiplyAdd(value, Vector256.LoadUnsafe(ref from, at + 24), d);
            }
            var to = y.AsSpan(r * BlockWidth, BlockWidth);
            a.CopyTo(to);
            b.CopyTo(to[8..]);
            c.CopyTo(to[16..]);
            d.CopyTo(to[24..]);
        });
    }

    /// <summary>The non-zero values of a row.</summary>
    public (ReadOnlyMemory<int> Columns, ReadOnlyMemory<float> Values) Row(int row) =>
        (_columns.AsMemory(_starts[row].._starts[row + 1]), _values.AsMemory(_starts[row].._starts[row + 1]));
}
