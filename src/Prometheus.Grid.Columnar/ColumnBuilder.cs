using System.Runtime.InteropServices;
using Apache.Arrow;

namespace Prometheus.Grid.Columnar;

/// <summary>Gathers the cells of a column for one block.</summary>
internal abstract class ColumnBuilder
{
    public static ColumnBuilder Of(Column column, int rows) => column.Kind switch
    {
        CellKind.Text => new TextBuilder(),
        CellKind.Date => new DateBuilder(),
        CellKind.Whole => new WholeBuilder(),
        CellKind.Number => new NumberBuilder(),
        _ => new VectorBuilder(column, rows),
    };

    /// <summary>Adds a cell; null for none.</summary>
    /// <exception cref="InvalidCastException">The cell is of another kind than the column.</exception>
    public abstract void Add(object? cell);

    /// <summary>The cells, valid until the next is added; the builder then is empty.</summary>
    public abstract IArrowArray Take();

    private sealed class TextBuilder : ColumnBuilder
    {
        private readonly StringArray.Builder _cells = new();

        public override void Add(object? cell) => _cells.Append((string?)cell);

        public override IArrowArray Take()
        {
            var cells = _cells.Build();
            _cells.Clear();
            return cells;
        }
    }

    private sealed class DateBuilder : ColumnBuilder
    {
        private readonly Date32Array.Builder _cells = new();

        public override void Add(object? cell) => _ = cell is null ? _cells.AppendNull() : _cells.Append((DateOnly)cell);

        public override IArrowArray Take()
        {
            var cells = _cells.Build();
            _cells.Clear();
            return cells;
        }
    }

    private sealed class WholeBuilder : ColumnBuilder
    {
        private readonly Int32Array.Builder _cells = new();

        public override void Add(object? cell) => _ = cell is null ? _cells.AppendNull() : _cells.Append((int)cell);

        public override IArrowArray Take()
        {
            var cells = _cells.Build();
            _cells.Clear();
            return cells;
        }
    }

    private sealed class NumberBuilder : ColumnBuilder
    {
        private readonly DoubleArray.Builder _cells = new();

        public override void Add(object? cell) => _ = cell is null ? _cells.AppendNull() : _cells.Append((double)cell);

        public override IArrowArray Take()
        {
            var cells = _cells.Build();
            _cells.Clear();
            return cells;
        }
    }

    // One buffer for all blocks of a builder: a block is written before the builder's next begins.
    private sealed class VectorBuilder(Column column, int rows) : ColumnBuilder
    {
        private readonly byte[] _values = new byte[(long)rows * column.Length * sizeof(float)];
        private int _count;

        public override void Add(object? cell)
        {
            var vector = (ReadOnlyMemory<float>)cell!;
            if (vector.Length != column.Length)
                throw new ArgumentException($"{column.Name} of {vector.Length} values in a column of {column.Length}", nameof(cell));
            int width = column.Length * sizeof(float);
            MemoryMarshal.AsBytes(vector.Span).CopyTo(_values.AsSpan(_count * width, width));
            _count++;
        }

        public override IArrowArray Take()
        {
            int values = _count * column.Length;
            var items = new FloatArray(new ArrowBuffer(_values.AsMemory(0, values * sizeof(float))), ArrowBuffer.Empty, values, 0, 0);
            var vectors = new FixedSizeListArray(Column.VectorType(column.Length), _count, items, ArrowBuffer.Empty, 0);
            _count = 0;
            return vectors;
        }
    }
}
