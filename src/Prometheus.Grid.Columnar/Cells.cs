using System.Globalization;
using System.Numerics;
using System.Text;
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

    /// <summary>Some cells as numbers of 32 bits; false when the column is not of numbers, or one is missing.</summary>
    /// <param name="first">The first of them.</param>
    /// <param name="values">As many as there is room for.</param>
    public virtual bool TryNumbers(int first, Span<float> values) => false;

    internal static Cells Of(IArrowArray column, string place) => column switch
    {
        StringArray array => TextCells.Of(array, array.Length == 0 ? [] : array.ValueOffsets, array.ValueBuffer.Span),
        LargeStringArray array => TextCells.Of(array, array.Length == 0 ? [] : array.ValueOffsets, array.ValueBuffer.Span),
        DictionaryArray array => new DictionaryCells(array, place),
        Date32Array array => new DayCells(array),
        Date64Array array => new InstantCells(array, TimeSpan.TicksPerMillisecond, 1),
        TimestampArray array => InstantCells.Of(array),
        DoubleArray array => new NumberCells<double>(array),
        FloatArray array => new NumberCells<float>(array),
        HalfFloatArray array => new NumberCells<Half>(array),
        Int64Array array => new NumberCells<long>(array),
        Int32Array array => new NumberCells<int>(array),
        Int16Array array => new NumberCells<short>(array),
        Int8Array array => new NumberCells<sbyte>(array),
        UInt64Array array => new NumberCells<ulong>(array),
        UInt32Array array => new NumberCells<uint>(array),
        UInt16Array array => new NumberCells<ushort>(array),
        UInt8Array array => new NumberCells<byte>(array),
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

    // Which cells are there; null when all are.
    private static bool[]? Present(IArrowArray column)
    {
        var data = column.Data;
        if (data.GetNullCount() == 0)
            return null;
        Check(data.Buffers[0].Length * 8L >= (long)data.Offset + data.Length);
        var bits = data.Buffers[0].Span;
        bool[] present = new bool[data.Length];
        for (int i = 0; i < present.Length; i++)
            present[i] = (bits[(data.Offset + i) >> 3] >> ((data.Offset + i) & 7) & 1) != 0;
        return present;
    }

    // The library looks its buffers up at every cell; an array of ours, copied at once, is several times as fast to read.
    private static T[] Copied<T>(PrimitiveArray<T> array)
        where T : struct, IEquatable<T>
    {
        var values = array.Values;
        Check(values.Length == array.Length);
        return values.ToArray();
    }

    private sealed class TextCells(byte[] text, int[] ends, bool[]? present) : Cells
    {
        public override bool AreText => true;

        public static TextCells Of<T>(IArrowArray array, ReadOnlySpan<T> offsets, ReadOnlySpan<byte> text)
            where T : struct, IBinaryInteger<T>
        {
            int[] ends = new int[array.Length + 1];
            if (array.Length == 0)
                return new TextCells([], ends, null);
            Check(offsets.Length > array.Length);
            long first = long.CreateChecked(offsets[0]), last = long.CreateChecked(offsets[array.Length]);
            Check(first >= 0 && first <= last && last <= text.Length);
            for (int i = 0; i < array.Length; i++)
            {
                long end = long.CreateChecked(offsets[i + 1]) - first;
                Check(end >= ends[i] && end <= last - first);
                ends[i + 1] = (int)end;
            }
            return new TextCells(text[(int)first..(int)last].ToArray(), ends, Present(array));
        }

        public override bool IsMissing(int row) => present is not null && !present[row];

        public override ReadOnlySpan<byte> Bytes(int row) => IsMissing(row) ? [] : text.AsSpan(ends[row], ends[row + 1] - ends[row]);

        public override string Text(int row) => Encoding.UTF8.GetString(Bytes(row));
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

    private sealed class DayCells(Date32Array array) : Cells
    {
        private static readonly int s_epoch = new DateOnly(1970, 1, 1).DayNumber;
        private readonly int[] _days = Copied(array);
        private readonly bool[]? _present = Present(array);

        public override bool IsMissing(int row) => _present is not null && !_present[row];

        public override bool TryDay(int row, out int day)
        {
            long days = (long)s_epoch + _days[row];
            day = (int)days;
            return !IsMissing(row) && days >= 0 && days <= DateOnly.MaxValue.DayNumber;
        }

        public override string Text(int row) =>
            TryDay(row, out int day) ? Day(day) : IsMissing(row) ? "" : string.Create(CultureInfo.InvariantCulture, $"day {_days[row]}");
    }

    // A time that is the beginning of a day stands for the day, as pandas writes dates.
    private sealed class InstantCells(PrimitiveArray<long> array, long ticks, long parts) : Cells
    {
        private readonly long[] _times = Copied(array);
        private readonly bool[]? _present = Present(array);

        public static InstantCells Of(TimestampArray array) => ((TimestampType)array.Data.DataType).Unit switch
        {
            TimeUnit.Second => new InstantCells(array, TimeSpan.TicksPerSecond, 1),
            TimeUnit.Millisecond => new InstantCells(array, TimeSpan.TicksPerMillisecond, 1),
            TimeUnit.Microsecond => new InstantCells(array, TimeSpan.TicksPerMicrosecond, 1),
            _ => new InstantCells(array, 1, 100),
        };

        public override bool IsMissing(int row) => _present is not null && !_present[row];

        public override bool TryDay(int row, out int day)
        {
            day = 0;
            if (IsMissing(row) || _times[row] % parts != 0 || Ticks(row) is not { } time || time % TimeSpan.TicksPerDay != 0)
                return false;
            day = (int)(time / TimeSpan.TicksPerDay);
            return true;
        }

        public override string Text(int row)
        {
            if (IsMissing(row))
                return "";
            if (TryDay(row, out int day))
                return Day(day);
            return Ticks(row) is { } time
                ? new DateTime(time, DateTimeKind.Unspecified).ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture)
                : _times[row].ToString(CultureInfo.InvariantCulture);
        }

        // Null beyond the years 1 to 9999.
        private long? Ticks(int row)
        {
            var time = (Int128)_times[row] * ticks / parts + DateTime.UnixEpoch.Ticks;
            return time >= 0 && time <= DateTime.MaxValue.Ticks ? (long)time : null;
        }
    }

    private sealed class NumberCells<T>(PrimitiveArray<T> array) : Cells
        where T : struct, INumber<T>
    {
        private readonly T[] _values = Copied(array);
        private readonly bool[]? _present = Present(array);

        public override bool IsMissing(int row) => _present is not null && !_present[row];

        public override bool TryNumber(int row, out double value)
        {
            value = double.CreateTruncating(_values[row]);
            return !IsMissing(row);
        }

        // A number of 32 bits is the number of 64 bits that it equals, whether it is read as text or as a number.
        public override string Text(int row) => IsMissing(row) ? ""
            : typeof(T) == typeof(float) || typeof(T) == typeof(Half) ? double.CreateTruncating(_values[row]).ToString("R", CultureInfo.InvariantCulture)
            : _values[row].ToString(null, CultureInfo.InvariantCulture);

        public override bool TryNumbers(int first, Span<float> values)
        {
            if (_values is float[] same && _present is null)
            {
                same.AsSpan(first, values.Length).CopyTo(values);
                return true;
            }
            for (int i = 0; i < values.Length; i++)
            {
                if (!TryNumber(first + i, out double value))
                    return false;
                values[i] = (float)value;
            }
            return true;
        }
    }

    private sealed class DecimalCells : Cells
    {
        private readonly bool[]? _present;
        private readonly Func<int, string?> _text;

        public DecimalCells(IArrowArray array, Func<int, string?> text)
        {
            int width = ((FixedWidthType)array.Data.DataType).BitWidth / 8;
            Check(array.Data.Buffers[1].Length >= ((long)array.Data.Offset + array.Length) * width);
            (_present, _text) = (Present(array), text);
        }

        public override bool IsMissing(int row) => _present is not null && !_present[row];

        public override string Text(int row) => _text(row) ?? "";
    }

    private sealed class TruthCells : Cells
    {
        private readonly BooleanArray _array;
        private readonly bool[]? _present;

        public TruthCells(BooleanArray array)
        {
            Check(array.ValueBuffer.Length * 8L >= (long)array.Offset + array.Length);
            (_array, _present) = (array, Present(array));
        }

        public override bool IsMissing(int row) => _present is not null && !_present[row];

        public override string Text(int row) => _array.GetValue(row) switch { null => "", true => "true", false => "false" };
    }

    private sealed class VectorCells : Cells
    {
        private readonly (int Start, int Count)[] _ranges;
        private readonly bool[]? _present;
        private readonly Cells _items;

        public VectorCells(IArrowArray array, IArrowArray items, Func<int, (int Start, int Count)> range, string place)
        {
            _items = Of(items, place);
            _present = Present(array);
            _ranges = new (int Start, int Count)[array.Length];
            for (int i = 0; i < _ranges.Length; i++)
            {
                (int start, int count) = _ranges[i] = range(i);
                Check(start >= 0 && count >= 0 && (long)start + count <= items.Length);
            }
        }

        public override bool IsMissing(int row) => _present is not null && !_present[row];

        public override string Text(int row) => IsMissing(row) ? "" : $"[{string.Join(", ", Vector(row).Take(3))}, …]";

        public override float[] Vector(int row)
        {
            if (IsMissing(row))
                return [];
            (int start, int count) = _ranges[row];
            float[] vector = new float[count];
            return _items.TryNumbers(start, vector) ? vector : [];
        }
    }

    private sealed class MissingCells : Cells
    {
        public override bool IsMissing(int row) => true;

        public override string Text(int row) => "";
    }

    private sealed class OtherCells(IArrowArray array, string place) : Cells
    {
        public override bool IsMissing(int row) => false;

        public override string Text(int row) =>
            throw new BadInputException(place, array.Data.DataType.Name, "a column of text, numbers, dates or lists of numbers");
    }

    private static string Day(int day) => DateOnly.FromDayNumber(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
