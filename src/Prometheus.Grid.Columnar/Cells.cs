using System.Globalization;
using Apache.Arrow;
using Apache.Arrow.Types;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Columnar;

/// <summary>The cells of a column in a block. Rows count from 0.</summary>
public abstract class Cells
{
    /// <summary>Bytes of a cell of text as they stand in the file, which nobody has checked to be UTF-8; empty for a missing cell and for other kinds.</summary>
    public virtual ReadOnlySpan<byte> Bytes(int row) => [];

    /// <summary>True when <see cref="Bytes"/> has the cells.</summary>
    public virtual bool AreText => false;

    /// <summary>True when there is none.</summary>
    public abstract bool IsMissing(int row);

    /// <summary>
    /// The cell as a table of text has it: numbers so that they read back as the same bits, dates as yyyy-MM-dd, also those that are the
    /// beginning of a day; empty when it is missing.
    /// </summary>
    /// <exception cref="BadInputException">The column holds what has no text.</exception>
    public abstract string Text(int row);

    /// <summary>The cell as a number; false when the column is not of numbers.</summary>
    public virtual bool TryNumber(int row, out double value)
    {
        value = double.NaN;
        return false;
    }

    /// <summary>The cell as a <see cref="DateOnly.DayNumber"/>; false when the column is not of dates or this is none.</summary>
    public virtual bool TryDay(int row, out int day)
    {
        day = 0;
        return false;
    }

    /// <summary>The cell as a vector, each number the nearest of 32 bits; empty when the column is not of lists of numbers, or a number is missing.</summary>
    public virtual float[] Vector(int row) => [];

    internal static Cells Of(IArrowArray column, string place) => column switch
    {
        StringArray array => new TextCells(array),
        LargeStringArray array => new LargeTextCells(array),
        DictionaryArray array => new DictionaryCells(array, place),
        Date32Array array => new DayCells(array),
        Date64Array array => new InstantCells(array, TimeSpan.TicksPerMillisecond, 1),
        TimestampArray array => InstantCells.Of(array),
        DoubleArray array => new NumberCells<double>(array, value => value),
        FloatArray array => new NumberCells<float>(array, value => value),
        HalfFloatArray array => new NumberCells<Half>(array, value => (double)value),
        Int64Array array => new NumberCells<long>(array, value => value),
        Int32Array array => new NumberCells<int>(array, value => value),
        Int16Array array => new NumberCells<short>(array, value => value),
        Int8Array array => new NumberCells<sbyte>(array, value => value),
        UInt64Array array => new NumberCells<ulong>(array, value => value),
        UInt32Array array => new NumberCells<uint>(array, value => value),
        UInt16Array array => new NumberCells<ushort>(array, value => value),
        UInt8Array array => new NumberCells<byte>(array, value => value),
        Decimal128Array array => new DecimalCells(array, array.GetString),
        Decimal256Array array => new DecimalCells(array, array.GetString),
        BooleanArray array => new TruthCells(array),
        FixedSizeListArray array => new VectorCells(array, array.Values, row => ((array.Offset + row) * Size(array), Size(array)), place),
        ListArray array => new VectorCells(array, array.Values, row => (array.ValueOffsets[row], array.GetValueLength(row)), place),
        LargeListArray array => new VectorCells(array, array.Values, row => ((int)array.ValueOffsets[row], array.GetValueLength(row)), place),
        NullArray => new MissingCells(),
        _ => new OtherCells(column, place),
    };

    private static int Size(FixedSizeListArray array) => ((FixedSizeListType)array.Data.DataType).ListSize;

    // What a file says of the sizes of its parts is checked once, so that no read goes astray behind it.
    private static void Check(bool isSound)
    {
        if (!isSound)
            throw new InvalidDataException("a column is shorter than the file says");
    }

    private static void CheckMissing(IArrowArray column)
    {
        var data = column.Data;
        Check(data.GetNullCount() == 0 || data.Buffers[0].Length * 8L >= (long)data.Offset + data.Length);
    }

    private sealed class TextCells : Cells
    {
        private readonly StringArray _array;

        public TextCells(StringArray array)
        {
            CheckMissing(array);
            var offsets = array.ValueOffsets;
            Check(offsets.Length > array.Length || array.Length == 0);
            for (int i = 0; i < array.Length; i++)
                Check(offsets[i] >= 0 && offsets[i] <= offsets[i + 1] && offsets[i + 1] <= array.ValueBuffer.Length);
            _array = array;
        }

        public override bool AreText => true;

        public override bool IsMissing(int row) => _array.IsNull(row);

        public override ReadOnlySpan<byte> Bytes(int row) => _array.GetBytes(row);

        public override string Text(int row) => System.Text.Encoding.UTF8.GetString(_array.GetBytes(row));
    }

    private sealed class LargeTextCells : Cells
    {
        private readonly LargeStringArray _array;

        public LargeTextCells(LargeStringArray array)
        {
            CheckMissing(array);
            var offsets = array.ValueOffsets;
            Check(offsets.Length > array.Length || array.Length == 0);
            for (int i = 0; i < array.Length; i++)
                Check(offsets[i] >= 0 && offsets[i] <= offsets[i + 1] && offsets[i + 1] <= array.ValueBuffer.Length);
            _array = array;
        }

        public override bool AreText => true;

        public override bool IsMissing(int row) => _array.IsNull(row);

        public override ReadOnlySpan<byte> Bytes(int row) => _array.GetBytes(row);

        public override string Text(int row) => System.Text.Encoding.UTF8.GetString(_array.GetBytes(row));
    }

    private sealed class DictionaryCells : Cells
    {
        private readonly int[] _rows;
        private readonly Cells _values;

        public DictionaryCells(DictionaryArray array, string place)
        {
            _values = Of(array.Dictionary, place);
            var indices = Of(array.Indices, place);
            _rows = new int[array.Length];
            for (int i = 0; i < _rows.Length; i++)
            {
                _rows[i] = -1;
                if (indices.IsMissing(i))
                    continue;
                Check(indices.TryNumber(i, out double at) && at >= 0 && at < array.Dictionary.Length);
                _rows[i] = (int)at;
            }
        }

        public override bool AreText => _values.AreText;

        public override bool IsMissing(int row) => _rows[row] < 0 || _values.IsMissing(_rows[row]);

        public override ReadOnlySpan<byte> Bytes(int row) => _rows[row] < 0 ? [] : _values.Bytes(_rows[row]);

        public override string Text(int row) => _rows[row] < 0 ? "" : _values.Text(_rows[row]);

        public override bool TryNumber(int row, out double value)
        {
            value = double.NaN;
            return _rows[row] >= 0 && _values.TryNumber(_rows[row], out value);
        }

        public override bool TryDay(int row, out int day)
        {
            day = 0;
            return _rows[row] >= 0 && _values.TryDay(_rows[row], out day);
        }
    }

    private sealed class DayCells : Cells
    {
        private static readonly int s_epoch = new DateOnly(1970, 1, 1).DayNumber;
        private readonly Date32Array _array;

        public DayCells(Date32Array array)
        {
            CheckMissing(array);
            Check(array.Values.Length == array.Length);
            _array = array;
        }

        public override bool IsMissing(int row) => _array.IsNull(row);

        public override bool TryDay(int row, out int day)
        {
            long days = (long)s_epoch + _array.Values[row];
            day = (int)days;
            return !_array.IsNull(row) && days >= 0 && days <= DateOnly.MaxValue.DayNumber;
        }

        public override string Text(int row) =>
            TryDay(row, out int day) ? Day(day) : _array.IsNull(row) ? "" : string.Create(CultureInfo.InvariantCulture, $"day {_array.Values[row]}");
    }

    // A time that is the beginning of a day stands for the day, as pandas writes dates.
    private sealed class InstantCells : Cells
    {
        private readonly PrimitiveArray<long> _array;
        private readonly long _ticks;
        private readonly long _parts;

        public InstantCells(PrimitiveArray<long> array, long ticks, long parts)
        {
            CheckMissing(array);
            Check(array.Values.Length == array.Length);
            (_array, _ticks, _parts) = (array, ticks, parts);
        }

        public static InstantCells Of(TimestampArray array) => ((TimestampType)array.Data.DataType).Unit switch
        {
            TimeUnit.Second => new InstantCells(array, TimeSpan.TicksPerSecond, 1),
            TimeUnit.Millisecond => new InstantCells(array, TimeSpan.TicksPerMillisecond, 1),
            TimeUnit.Microsecond => new InstantCells(array, TimeSpan.TicksPerMicrosecond, 1),
            _ => new InstantCells(array, 1, 100),
        };

        public override bool IsMissing(int row) => _array.IsNull(row);

        public override bool TryDay(int row, out int day)
        {
            day = 0;
            if (_array.IsNull(row) || _array.Values[row] % _parts != 0 || Ticks(row) is not { } ticks || ticks % TimeSpan.TicksPerDay != 0)
                return false;
            day = (int)(ticks / TimeSpan.TicksPerDay);
            return true;
        }

        public override string Text(int row)
        {
            if (_array.IsNull(row))
                return "";
            if (TryDay(row, out int day))
                return Day(day);
            return Ticks(row) is { } ticks
                ? new DateTime(ticks, DateTimeKind.Unspecified).ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture)
                : _array.Values[row].ToString(CultureInfo.InvariantCulture);
        }

        // Null beyond the years 1 to 9999.
        private long? Ticks(int row)
        {
            var ticks = (Int128)_array.Values[row] * _ticks / _parts + DateTime.UnixEpoch.Ticks;
            return ticks >= 0 && ticks <= DateTime.MaxValue.Ticks ? (long)ticks : null;
        }
    }

    private sealed class NumberCells<T> : Cells
        where T : struct, IEquatable<T>, IFormattable
    {
        private readonly PrimitiveArray<T> _array;
        private readonly Func<T, double> _number;

        public NumberCells(PrimitiveArray<T> array, Func<T, double> number)
        {
            CheckMissing(array);
            Check(array.Values.Length == array.Length);
            (_array, _number) = (array, number);
        }

        public override bool IsMissing(int row) => _array.IsNull(row);

        public override bool TryNumber(int row, out double value)
        {
            value = _number(_array.Values[row]);
            return !_array.IsNull(row);
        }

        // A number of 32 bits is the number of 64 bits that it equals, whether it is read as text or as a number.
        public override string Text(int row) => _array.IsNull(row) ? ""
            : typeof(T) == typeof(float) || typeof(T) == typeof(Half) ? _number(_array.Values[row]).ToString("R", CultureInfo.InvariantCulture)
            : _array.Values[row].ToString(null, CultureInfo.InvariantCulture);
    }

    private sealed class DecimalCells : Cells
    {
        private readonly IArrowArray _array;
        private readonly Func<int, string?> _text;

        public DecimalCells(IArrowArray array, Func<int, string?> text)
        {
            CheckMissing(array);
            int width = ((FixedWidthType)array.Data.DataType).BitWidth / 8;
            Check(array.Data.Buffers[1].Length >= ((long)array.Data.Offset + array.Length) * width);
            (_array, _text) = (array, text);
        }

        public override bool IsMissing(int row) => _array.IsNull(row);

        public override string Text(int row) => _text(row) ?? "";
    }

    private sealed class TruthCells : Cells
    {
        private readonly BooleanArray _array;

        public TruthCells(BooleanArray array)
        {
            CheckMissing(array);
            Check(array.ValueBuffer.Length * 8L >= (long)array.Offset + array.Length);
            _array = array;
        }

        public override bool IsMissing(int row) => _array.IsNull(row);

        public override string Text(int row) => _array.GetValue(row) switch { null => "", true => "true", false => "false" };
    }

    private sealed class VectorCells : Cells
    {
        private readonly IArrowArray _array;
        private readonly Cells _items;
        private readonly Func<int, (int Start, int Count)> _range;

        public VectorCells(IArrowArray array, IArrowArray items, Func<int, (int Start, int Count)> range, string place)
        {
            CheckMissing(array);
            _items = Of(items, place);
            for (int i = 0; i < array.Length; i++)
            {
                (int start, int count) = range(i);
                Check(start >= 0 && count >= 0 && (long)start + count <= items.Length);
            }
            (_array, _range) = (array, range);
        }

        public override bool IsMissing(int row) => _array.IsNull(row);

        public override string Text(int row) => _array.IsNull(row) ? "" : $"[{string.Join(", ", Vector(row).Take(3))}, …]";

        public override float[] Vector(int row)
        {
            if (_array.IsNull(row))
                return [];
            (int start, int count) = _range(row);
            float[] vector = new float[count];
            for (int i = 0; i < count; i++)
            {
                if (!_items.TryNumber(start + i, out double value))
                    return [];
                vector[i] = (float)value;
            }
            return vector;
        }
    }

    private sealed class MissingCells : Cells
    {
        public override bool IsMissing(int row) => true;

        public override string Text(int row) => "";
    }

    private sealed class OtherCells(IArrowArray array, string place) : Cells
    {
        public override bool IsMissing(int row) => array.IsNull(row);

        public override string Text(int row) =>
            throw new BadInputException(place, array.Data.DataType.Name, "a column of text, numbers, dates or lists of numbers");
    }

    private static string Day(int day) => DateOnly.FromDayNumber(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
