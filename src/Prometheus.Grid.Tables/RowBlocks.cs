using System.Buffers;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Tables;

/// <summary>A piece of text that ends with a row; the buffer goes back to the pool when it is parsed.</summary>
internal readonly record struct RowBlock(byte[] Buffer, int Start, int Length)
{
    public ReadOnlySpan<byte> Text => Buffer.AsSpan(Start, Length);

    public void Return() => ArrayPool<byte>.Shared.Return(Buffer);
}

/// <summary>Cuts a stream of CSV into blocks of whole rows. A line end inside quotes does not end a row. One thread at a time.</summary>
/// <param name="stream">UTF-8 text, with or without its mark.</param>
/// <param name="path">For errors.</param>
/// <param name="hasQuotes">False for lines of another kind, in which a quote means nothing.</param>
internal sealed class RowBlocks(Stream stream, string path, bool hasQuotes = true)
{
    // About 13,000 rows of prices: enough to spread over cores, small enough that a few in flight stay in the cache.
    private const int BlockSize = 1 << 20;

    // A quote that never closes must not swallow a whole file.
    private const int LongestRow = 16 << 20;

    private static readonly byte[] s_mark = [0xEF, 0xBB, 0xBF];
    private byte[] _rest = [];
    private bool _isStarted;
    private bool _isEnded;
    private long _lines;

    /// <summary>The next block; null at the end.</summary>
    /// <exception cref="BadInputException">The text is in another encoding, an archive is not whole, or a row has no end.</exception>
    public RowBlock? Next()
    {
        int size = BlockSize;
        while (size <= _rest.Length)
            size *= 2;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(size);
        _rest.CopyTo(buffer, 0);
        int length = Fill(buffer, _rest.Length, size);
        int start = _isStarted ? 0 : Begin(buffer.AsSpan(0, length));
        _rest = [];
        while (!_isEnded)
        {
            int end = LastRowEnd(buffer.AsSpan(start, length - start));
            if (end > 0)
            {
                _rest = buffer.AsSpan(start + end, length - start - end).ToArray();
                _lines += buffer.AsSpan(start, end).Count((byte)'\n');
                return new RowBlock(buffer, start, end);
            }
            if (size >= LongestRow)
                throw NoEnd(buffer.AsSpan(start, length - start));
            size *= 2;
            byte[] larger = ArrayPool<byte>.Shared.Rent(size);
            buffer.AsSpan(0, length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
            length = Fill(buffer, length, size);
        }
        return length == start ? null : new RowBlock(buffer, start, length - start);
    }

    private int Fill(byte[] buffer, int length, int size)
    {
        try
        {
            int filled = length + stream.ReadAtLeast(buffer.AsSpan(length, size - length), size - length, throwOnEndOfStream: false);
            _isEnded = filled < size;
            return filled;
        }
        catch (Exception error) when (FileFault.IsFileError(error))
        {
            throw FileFault.From($"cannot read {path}", error);
        }
    }

    private int Begin(ReadOnlySpan<byte> text)
    {
        _isStarted = true;
        if (TextRules.ForeignEncoding(text) is { } encoding)
            throw new BadInputException($"{path} line 1, encoding", encoding, "UTF-8, with or without its mark; save the file as UTF-8");
        return text.StartsWith(s_mark) ? s_mark.Length : 0;
    }

    // A row begins outside quotes, so a line end with an even number of quotes before it ends a row.
    private int LastRowEnd(ReadOnlySpan<byte> text)
    {
        int quotes = hasQuotes ? text.Count((byte)'"') : 0;
        while (true)
        {
            int end = text.LastIndexOf((byte)'\n') + 1;
            quotes -= hasQuotes ? text[end..].Count((byte)'"') : 0;
            if (end == 0 || quotes % 2 == 0)
                return end;
            text = text[..(end - 1)];
        }
    }

    // Where a stray quote is the reason, its own row says it best.
    private BadInputException NoEnd(ReadOnlySpan<byte> text)
    {
        var fields = new CsvFields(text);
        try
        {
            while (hasQuotes && fields.NextRow())
                fields.SkipRow(isLast: false);
        }
        catch (BadRowException bad)
        {
            return new BadInputException($"{path} line {_lines + bad.Line + 1}, {bad.Column}", bad.Value, bad.Allowed);
        }
        return new BadInputException($"{path} line {_lines + 1}, row", $"more than {LongestRow} bytes", "rows of 16 MB at most, in lines that end in LF or CRLF");
    }
}
