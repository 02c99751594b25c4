using System.Buffers;
using System.Text;

namespace Prometheus.Grid.Tables;

/// <summary>
/// Reads the fields of CSV (RFC 4180) from UTF-8 text, in one pass: lines end in LF or CRLF, a field with a comma, a quote or a line end is
/// quoted as a whole with its quotes doubled, blank lines between rows do not count. Anything else is refused.
/// </summary>
/// <param name="text">Whole rows.</param>
/// <param name="at">Where to begin: at a row.</param>
/// <param name="line">Line ends before that.</param>
internal ref struct CsvFields(ReadOnlySpan<byte> text, int at = 0, int line = 0)
{
    private const string QuoteRule = "quoted fields with quotes doubled";
    private const int ShownBytes = 40;
    private const int ShortField = 16;
    private static readonly SearchValues<byte> s_special = SearchValues.Create(",\n\r\""u8);

    private readonly ReadOnlySpan<byte> _text = text;
    private int _at = at;
    private int _lineEnds;

    /// <summary>Line ends before the current row.</summary>
    public int Line { get; private set; } = line;

    /// <summary>Line ends before the next row.</summary>
    public readonly int NextLine => Line + _lineEnds;

    /// <summary>Where the next field begins.</summary>
    public readonly int Position => _at;

    /// <summary>Goes to the next row; false at the end. All fields of the row before have been read.</summary>
    public bool NextRow()
    {
        Line += _lineEnds;
        _lineEnds = 0;
        while (_at < _text.Length)
        {
            if (_text[_at] == (byte)'\n')
                _at++;
            else if (_text[_at] == (byte)'\r' && _at + 1 < _text.Length && _text[_at + 1] == (byte)'\n')
                _at += 2;
            else
                return true;
            Line++;
        }
        return false;
    }

    /// <summary>The next field of the row, without its quotes.</summary>
    /// <param name="isLast">True when the row ends behind it.</param>
    /// <exception cref="BadRowException">A quote or a line end stands where none may.</exception>
    public ReadOnlySpan<byte> Next(out bool isLast)
    {
        var rest = _text[_at..];
        if (!rest.IsEmpty && rest[0] == (byte)'"')
            return Quoted(rest, out isLast);
        int length = Length(rest);
        if (length < rest.Length && rest[length] == (byte)',')
        {
            isLast = false;
            _at += length + 1;
            return rest[..length];
        }
        if (length == rest.Length)
        {
            isLast = true;
            _at = _text.Length;
            return rest;
        }
        if (rest[length] == (byte)'"')
            throw Bad(rest, QuoteRule);
        End(rest, length, out isLast);
        return rest[..length];
    }

    // Most fields are shorter than a call of the search, and what ends them is below the digits and letters: with this a table of prices is read in
    // nine tenths of the time.
    private static int Length(ReadOnlySpan<byte> rest)
    {
        int length = 0, looked = Math.Min(rest.Length, ShortField);
        while (length < looked && rest[length] > (byte)',')
            length++;
        if (length < looked && s_special.Contains(rest[length]))
            return length;
        int further = rest[length..].IndexOfAny(s_special);
        return further < 0 ? rest.Length : length + further;
    }

    /// <summary>Passes over what is left of the row.</summary>
    public void SkipRow(bool isLast)
    {
        while (!isLast)
            Next(out isLast);
    }

    // Steps over the comma or the line end at a place.
    private void End(ReadOnlySpan<byte> rest, int place, out bool isLast)
    {
        isLast = place == rest.Length || rest[place] != (byte)',';
        if (place < rest.Length && rest[place] == (byte)'\r')
        {
            if (place + 1 == rest.Length || rest[place + 1] != (byte)'\n')
                throw Bad(rest, "lines that end in LF or CRLF; this one ends in CR alone, as old spreadsheets write them");
            place++;
        }
        if (isLast && place < rest.Length)
            _lineEnds++;
        _at = Math.Min(_text.Length, _at + place + 1);
    }

    private ReadOnlySpan<byte> Quoted(ReadOnlySpan<byte> rest, out bool isLast)
    {
        bool hasQuotes = false;
        for (int end = 1; end < rest.Length; end++)
        {
            if (rest[end] == (byte)'\n')
                _lineEnds++;
            if (rest[end] != (byte)'"')
                continue;
            if (end + 1 < rest.Length && rest[end + 1] == (byte)'"')
            {
                hasQuotes = true;
                end++;
                continue;
            }
            if (end + 1 < rest.Length && rest[end + 1] is not ((byte)',' or (byte)'\n' or (byte)'\r'))
                break;
            End(rest, end + 1, out isLast);
            var field = rest[1..end];
            return hasQuotes ? Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(field).Replace("\"\"", "\"", StringComparison.Ordinal)) : field;
        }
        throw Bad(rest, QuoteRule);
    }

    private readonly BadRowException Bad(ReadOnlySpan<byte> rest, string allowed) =>
        new(Line, "row", Encoding.UTF8.GetString(Shown(rest)), allowed, hidesRows: true);

    // The beginning of what is left of the line.
    private static ReadOnlySpan<byte> Shown(ReadOnlySpan<byte> rest)
    {
        int end = rest.IndexOfAny((byte)'\n', (byte)'\r');
        return rest[..Math.Min(end > 0 ? end : rest.Length, ShownBytes)];
    }
}
