using System.Buffers.Binary;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Prices;

namespace Prometheus.Grid.Storage.Postgres.Inputs;

/// <summary>
/// Grows the columns of a price table from rows of a binary COPY, and lets no bad row in. A row is the place of its instrument, the date and
/// six prices; the rows of an instrument follow each other, the last day first.
/// </summary>
/// <param name="instrumentIds">The instruments, by their places.</param>
/// <param name="expected">Rows to have room for at first, so that columns of megabytes are not copied as they grow.</param>
internal sealed class PriceSeriesBuilder(IReadOnlyList<string> instrumentIds, int expected)
{
    private const int Fields = 8, Prices = 6, Close = 3, AdjustedClose = 4, Volume = 5;
    private const int Null = -1;
    private static readonly string[] s_names = ["open", "high", "low", "close", "adjusted_close", "volume"];
    private static readonly int s_epoch = new DateOnly(2000, 1, 1).DayNumber;

    private readonly double[][] _values = [.. s_names.Select(_ => Array.Empty<double>())];
    private readonly int[] _counts = new int[instrumentIds.Count];
    private int[] _days = [];
    private int _count;

    /// <summary>Takes complete rows; see <see cref="Connections.BinaryCopy"/>.</summary>
    /// <exception cref="BadInputException">A price cannot be; table, column, instrument, date and value are named.</exception>
    public int Take(ReadOnlySpan<byte> bytes)
    {
        int used = 0;
        while (TryTakeRow(bytes[used..]) is var size and > 0)
            used += size;
        return used;
    }

    /// <summary>The series of every instrument, in their order.</summary>
    public PriceSeries[] ToSeries()
    {
        var all = new PriceSeries
        {
            InstrumentId = "",
            Days = _days.AsMemory(0, _count),
            Open = Column(0),
            High = Column(1),
            Low = Column(2),
            Close = Column(Close),
            AdjustedClose = Column(AdjustedClose),
            Volume = Column(Volume),
        };
        var series = new PriceSeries[instrumentIds.Count];
        for (int i = 0, start = 0; i < series.Length; start += _counts[i++])
        {
            _days.AsSpan(start, _counts[i]).Reverse();
            foreach (double[] column in _values)
                column.AsSpan(start, _counts[i]).Reverse();
            series[i] = all.Slice(start, _counts[i]) with { InstrumentId = instrumentIds[i] };
        }
        return series;
    }

    /// <summary>Takes one row and returns its size; 0 when it is not complete, or no row.</summary>
    private int TryTakeRow(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < sizeof(short) || BinaryPrimitives.ReadInt16BigEndian(bytes) != Fields)
            return 0;
        if (_count == _days.Length)
            Grow();
        int at = sizeof(short);
        int instrument = -1;
        for (int field = 0; field < Fields; field++)
        {
            if (bytes.Length < at + sizeof(int))
                return 0;
            int size = BinaryPrimitives.ReadInt32BigEndian(bytes[at..]);
            at += sizeof(int);
            if (size != Null && bytes.Length < at + size)
                return 0;
            if (field == 0)
                instrument = BinaryPrimitives.ReadInt32BigEndian(bytes[at..]) - 1;
            else if (field == 1)
                _days[_count] = s_epoch + BinaryPrimitives.ReadInt32BigEndian(bytes[at..]);
            else
                _values[field - 2][_count] = size == Null ? double.NaN : BinaryPrimitives.ReadDoubleBigEndian(bytes[at..]);
            at += Math.Max(size, 0);
        }
        Check(instrument);
        _counts[instrument]++;
        _count++;
        return at;
    }

    /// <summary>Refuses a bad price, and puts the close where there is no adjusted one.</summary>
    private void Check(int instrument)
    {
        if (double.IsNaN(_values[AdjustedClose][_count]))
            _values[AdjustedClose][_count] = _values[Close][_count];
        for (int c = 0; c < Prices; c++)
        {
            double value = _values[c][_count];
            bool isGood = c == Volume ? value >= 0 : value > 0 || (c < Close && double.IsNaN(value));
            if (isGood && !double.IsPositiveInfinity(value))
                continue;
            throw new BadInputException(
                $"prices_daily.{s_names[c]} of {instrumentIds[instrument]} on {DateRange.Text(DateOnly.FromDayNumber(_days[_count]))}",
                double.IsNaN(value) ? "null or NaN" : value,
                c == Volume ? "a finite number of 0 or more" : "a finite number above 0");
        }
    }

    private ReadOnlyMemory<double> Column(int index) => _values[index].AsMemory(0, _count);

    private void Grow()
    {
        int size = Math.Max(Math.Max(1024, expected), _days.Length * 2);
        Array.Resize(ref _days, size);
        for (int c = 0; c < _values.Length; c++)
            Array.Resize(ref _values[c], size);
    }
}
