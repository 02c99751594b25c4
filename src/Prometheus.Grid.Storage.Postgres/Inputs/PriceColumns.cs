using Npgsql;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Prices;

namespace Prometheus.Grid.Storage.Postgres.Inputs;

/// <summary>Grows the columns of a price table row by row, and lets no bad row in.</summary>
internal sealed class PriceColumns
{
    private static readonly string[] s_names = ["open", "high", "low", "close", "adjusted_close", "volume"];
    private readonly double[][] _values = [.. s_names.Select(_ => Array.Empty<double>())];
    private int[] _days = [];

    /// <summary>Number of rows.</summary>
    public int Count { get; private set; }

    /// <summary>Adds the row that <paramref name="reader"/> stands at: date, open, high, low, close, adjusted close and volume from column 1 on.</summary>
    public void Add(NpgsqlDataReader reader, string instrumentId)
    {
        if (Count == _days.Length)
            Grow();
        DateOnly date = reader.GetFieldValue<DateOnly>(1);
        _days[Count] = date.DayNumber;
        for (int c = 0; c < s_names.Length; c++)
            _values[c][Count] = reader.IsDBNull(c + 2) ? double.NaN : reader.GetDouble(c + 2);
        double close = _values[3][Count];
        if (reader.IsDBNull(6))
            _values[4][Count] = close;
        for (int c = 0; c < s_names.Length; c++)
        {
            double value = _values[c][Count];
            bool isGood = c switch
            {
                < 3 => reader.IsDBNull(c + 2) || (value > 0 && double.IsFinite(value)),
                5 => value >= 0 && double.IsFinite(value),
                _ => value > 0 && double.IsFinite(value),
            };
            if (!isGood)
            {
                throw new BadInputException(
                    $"prices_daily.{s_names[c]} of {instrumentId} on {DateRange.Text(date)}",
                    reader.IsDBNull(c + 2) ? "null" : value,
                    c == 5 ? "a finite number of 0 or more" : "a finite number above 0");
            }
        }
        Count++;
    }

    /// <summary>All rows as one series without a name, to be cut into those of the instruments.</summary>
    public PriceSeries ToSeries() => new()
    {
        InstrumentId = "",
        Days = _days.AsMemory(0, Count),
        Open = Column(0),
        High = Column(1),
        Low = Column(2),
        Close = Column(3),
        AdjustedClose = Column(4),
        Volume = Column(5),
    };

    private ReadOnlyMemory<double> Column(int index) => _values[index].AsMemory(0, Count);

    private void Grow()
    {
        int size = Math.Max(1024, _days.Length * 2);
        Array.Resize(ref _days, size);
        for (int c = 0; c < _values.Length; c++)
            Array.Resize(ref _values[c], size);
    }
}
