using System.Text;

namespace Prometheus.Grid.Storage.Folder.Prices;

/// <summary>A row that is refused, by its line within its block.</summary>
internal sealed class BadPriceRowException(int line, string column, string value, string allowed) : Exception
{
    public int Line { get; } = line;

    public string Column { get; } = column;

    public string Value { get; } = value;

    public string Allowed { get; } = allowed;
}

/// <summary>Reads rows of prices_daily from UTF-8 text, field by field in one pass.</summary>
internal ref struct PriceRowReader(ReadOnlySpan<byte> text, ReadOnlySpan<PriceField> fields)
{
    private const int LongestId = 256;
    private readonly ReadOnlySpan<byte> _text = text;
    private readonly ReadOnlySpan<PriceField> _fields = fields;
    private int _at;
    private int _line;

    /// <summary>Reads the next row; false at the end.</summary>
    public bool Read(out ReadOnlySpan<byte> instrument, ref PriceRow row)
    {
        instrument = default;
        while (_at < _text.Length && _text[_at] is (byte)'\n' or (byte)'\r')
            _line += _text[_at++] == (byte)'\n' ? 1 : 0;
        if (_at == _text.Length)
            return false;
        row = new PriceRow { Open = double.NaN, High = double.NaN, Low = double.NaN, AdjustedClose = double.NaN, Line = (uint)_line };
        int lineEnds = 0;
        for (int i = 0; ; i++)
        {
            var field = Field(ref lineEnds, out bool isLast);
            if (i >= _fields.Length || (isLast && i < _fields.Length - 1))
                throw Bad("row", $"{(isLast ? i + 1 : $"more than {_fields.Length}")} fields", $"{_fields.Length} fields, as the header has");
            switch (_fields[i])
            {
                case PriceField.InstrumentId:
                    if (field.Length is 0 or > LongestId || field.ContainsAnyInRange((byte)0, (byte)31))
                        throw Bad(PriceField.InstrumentId, field, $"1 to {LongestId} bytes without control characters");
                    instrument = field;
                    break;
                case PriceField.TradeDate:
                    if (!Utf8Number.TryDay(field, out row.Day))
                        throw Bad(PriceField.TradeDate, field, "a date as yyyy-MM-dd, for example 2023-11-30");
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
                        throw Bad(PriceField.Close, field, "a finite number above 0");
                    break;
                case PriceField.AdjustedClose:
                    row.AdjustedClose = Price(field, PriceField.AdjustedClose);
                    break;
                case PriceField.Volume:
                    if (!Utf8Number.TryDouble(field, out row.Volume) || !double.IsFinite(row.Volume) || row.Volume < 0)
                        throw Bad(PriceField.Volume, field, "a finite number, 0 or more");
                    break;
                default:
                    break;
            }
            if (isLast)
                break;
        }
        _line += lineEnds;
        if (double.IsNaN(row.AdjustedClose))
            row.AdjustedClose = row.Close;
        return true;
    }

    // NaN for an empty field.
    private readonly double Price(ReadOnlySpan<byte> field, PriceField column)
    {
        if (field.IsEmpty)
            return double.NaN;
        return Utf8Number.TryDouble(field, out double value) && value > 0 && double.IsFinite(value)
            ? value
            : throw Bad(column, field, column == PriceField.Close ? "a finite number above 0" : "a finite number above 0, or nothing");
    }

    private ReadOnlySpan<byte> Field(scoped ref int lineEnds, out bool isLast)
    {
        var rest = _text[_at..];
        if (!rest.IsEmpty && rest[0] == (byte)'"')
            return QuotedField(rest, ref lineEnds, out isLast);
        int length = rest.IndexOfAny((byte)',', (byte)'\n');
        isLast = length < 0 || rest[length] == (byte)'\n';
        if (length < 0)
            length = rest.Length;
        else if (isLast)
            lineEnds++;
        _at = Math.Min(_text.Length, _at + length + 1);
        var field = rest[..length];
        return isLast && field.EndsWith("\r"u8) ? field[..^1] : field;
    }

    private ReadOnlySpan<byte> QuotedField(ReadOnlySpan<byte> rest, scoped ref int lineEnds, out bool isLast)
    {
        bool hasQuotes = false;
        for (int end = 1; end < rest.Length; end++)
        {
            lineEnds += rest[end] == (byte)'\n' ? 1 : 0;
            if (rest[end] != (byte)'"')
                continue;
            if (end + 1 < rest.Length && rest[end + 1] == (byte)'"')
            {
                hasQuotes = true;
                end++;
                continue;
            }
            int next = end + 1;
            if (next < rest.Length && rest[next] == (byte)'\r')
                next++;
            isLast = next == rest.Length || rest[next] == (byte)'\n';
            if (!isLast && rest[next] != (byte)',')
                break;
            lineEnds += isLast && next < rest.Length ? 1 : 0;
            _at = Math.Min(_text.Length, _at + next + 1);
            var field = rest[1..end];
            return hasQuotes ? Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(field).Replace("\"\"", "\"", StringComparison.Ordinal)) : field;
        }
        throw Bad("row", Encoding.UTF8.GetString(rest[..Math.Min(rest.Length, 40)]), "quoted fields with quotes doubled");
    }

    private readonly BadPriceRowException Bad(PriceField column, ReadOnlySpan<byte> value, string allowed) =>
        Bad(PriceColumns.NameOf(column), Encoding.UTF8.GetString(value), allowed);

    private readonly BadPriceRowException Bad(string column, string value, string allowed) => new(_line, column, value, allowed);
}
