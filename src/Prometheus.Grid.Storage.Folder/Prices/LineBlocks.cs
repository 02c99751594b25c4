using System.Buffers;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Storage.Folder.Prices;

/// <summary>A piece of text that ends with a line; the buffer goes back to the pool when it is parsed.</summary>
internal readonly record struct LineBlock(byte[] Buffer, int Start, int Length)
{
    public ReadOnlySpan<byte> Text => Buffer.AsSpan(Start, Length);

    public void Return() => ArrayPool<byte>.Shared.Return(Buffer);
}

/// <summary>Cuts a stream of CSV into blocks of whole rows. A line end inside quotes does not end a row.</summary>
internal sealed class LineBlocks(Stream stream, string path)
{
    // About 13,000 rows: enough to spread over cores, small enough that a few in flight stay in the cache.
    private const int BlockSize = 1 << 20;

    private byte[] _rest = [];

    /// <summary>The next block; null at the end.</summary>
    public LineBlock? Next()
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BlockSize);
        _rest.CopyTo(buffer, 0);
        int length = _rest.Length + stream.ReadAtLeast(buffer.AsSpan(_rest.Length, BlockSize - _rest.Length), BlockSize - _rest.Length, throwOnEndOfStream: false);
        if (length < BlockSize)
        {
            _rest = [];
            return length == 0 ? null : new LineBlock(buffer, 0, length);
        }
        int end = LastRowEnd(buffer.AsSpan(0, length));
        if (end == 0)
            throw new BadInputException(path, "a row of more than a megabyte", "rows with quotes that close");
        _rest = buffer.AsSpan(end, length - end).ToArray();
        return new LineBlock(buffer, 0, end);
    }

    // A row begins outside quotes, so a line end with an even number of quotes before it ends a row.
    private static int LastRowEnd(ReadOnlySpan<byte> text)
    {
        int quotes = text.Count((byte)'"');
        while (true)
        {
            int end = text.LastIndexOf((byte)'\n') + 1;
            quotes -= text[end..].Count((byte)'"');
            if (end == 0 || quotes % 2 == 0)
                return end;
            text = text[..(end - 1)];
        }
    }
}
