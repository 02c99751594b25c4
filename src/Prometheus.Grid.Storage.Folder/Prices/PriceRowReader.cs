using System.Text;

namespace Prometheus.Grid.Storage.Folder.Prices;

/// <summary>Reads rows of prices_daily from UTF-8 text, field by field in one pass.</summary>
internal ref struct PriceRowReader(ReadOnlySpan<byte> text, ReadOnlySpan<PriceField> columns)
{
    private readonly ReadOnlySpan<PriceField> _columns = columns;
    private CsvFields _fields = new(text);
    private bool _isAtEnd = true;

    /// <summary>Reads the next row; false at the end. After an error <see cref="SkipRow"/> goes to the row behind the bad one.</summary>
    /// <exception cref="BadRowException">The row is refused.</exception>
    public bool Read(out ReadOnlySpan<byte> instrument, ref PriceRow row)
    {
        instrument = default;
        if (!_fields.NextRow())
            return false;
        row = new PriceRow { Open = double.NaN, High = double.NaN, Low = double.NaN, AdjustedClose = double.NaN, Line = (uint)_fields.Line };
        _isAtEnd = false;
        for (int i = 0; ; i++)
        {
            var field = _fields.Next(out _isAtEnd);
            if (i >= _columns.Length || (_isAtEnd && i < _columns.Length - 1))
                throw Bad("row", $"{(_isAtEnd ? i + 1 : $"more than {_columns.Length}")} fields", $"{_columns.Length} fields, as the header has");
            switch (_columns[i])
            {
                case PriceField.InstrumentId:
                    instrument = Id(field);
                    break;
                case PriceField.TradeDate:
                    if (!Utf8Number.TryDay(field, out row.Day))
                        throw Bad(PriceField.TradeDate, field, PriceRules.Date);
                    break;
                case PriceField.Open:
                    row.Open = Price(field, PriceField.Open);
                    break;
                case PriceField.High:
                    row.High = Price(field, PriceField.High);
                    break;
                case PriceField.Low:
                    row.Low = Price(field, PriceField.Low);
                    break;
                case PriceField.Close:
                    row.Close = Price(field, PriceField.Close);
                    if (double.IsNaN(row.Close))
                        throw Bad(PriceField.Close, field, PriceRules.Price(PriceField.Close));
                    break;
                case PriceField.AdjustedClose:
                    row.AdjustedClose = Price(field, PriceField.AdjustedClose);
                    break;
                case PriceField.Volume:
                    if (!Utf8Number.TryDouble(field, out row.Volume) || !PriceRules.IsVolume(row.Volume))
                        throw Bad(PriceField.Volume, field, PriceRules.Volume);
                    break;
                default:
                    break;
            }
            if (_isAtEnd)
                return true;
        }
    }

    /// <summary>Passes over what is left of a refused row.</summary>
    public void SkipRow() => _fields.SkipRow(_isAtEnd);

    private readonly ReadOnlySpan<byte> Id(ReadOnlySpan<byte> field) =>
        PriceRules.IdFault(field) is { } allowed ? throw Bad(PriceField.InstrumentId, field, allowed) : field;

    // NaN for an empty field.
    private readonly double Price(ReadOnlySpan<byte> field, PriceField column)
    {
        if (field.IsEmpty)
            return double.NaN;
        return Utf8Number.TryDouble(field, out double value) && PriceRules.IsPrice(value) ? value : throw Bad(column, field, PriceRules.Price(column));
    }

    private readonly BadRowException Bad(PriceField column, ReadOnlySpan<byte> value, string allowed) =>
        Bad(PriceColumns.NameOf(column), Encoding.UTF8.GetString(value), allowed);

    private readonly BadRowException Bad(string column, string value, string allowed) => new(_fields.Line, column, value, allowed);
}
