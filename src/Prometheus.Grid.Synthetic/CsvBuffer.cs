using System.Text;

namespace Prometheus.Grid.Synthetic;

/// <summary>
/// Builds CSV rows (RFC 4180, UTF-8, line feeds) in memory. Decimal numbers come as whole numbers of their last digit, because
/// formatting doubles took most of the time of writing prices.
/// </summary>
internal sealed class CsvBuffer
{
    private byte[] _bytes = new byte[64 * 1024];
    private int _length;
    private bool _inRow;

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

    public void Clear() => _length = 0;

    public CsvBuffer Text(string text)
    {
        Separate();
        if (text.AsSpan().ContainsAny(",\"\r\n"))
            text = $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        Reserve(Encoding.UTF8.GetMaxByteCount(text.Length));
        _length += Encoding.UTF8.GetBytes(text, _bytes.AsSpan(_length));
        return this;
    }

    /// <summary>Bytes that need no quotes, such as a date formatted once for all rows.</summary>
    public CsvBuffer Raw(ReadOnlySpan<byte> bytes)
    {
        Separate();
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
        return this;
    }

    /// <summary>A whole number.</summary>
    public CsvBuffer Whole(long value)
    {
        Separate();
        Reserve(20);
        value.TryFormat(_bytes.AsSpan(_length), out int written, default, System.Globalization.CultureInfo.InvariantCulture);
        _length += written;
        return this;
    }

    /// <summary>value / 10^decimals, not negative, without trailing zeros.</summary>
    public CsvBuffer Decimal(long value, int decimals)
    {
        while (decimals > 0 && value % 10 == 0)
            (value, decimals) = (value / 10, decimals - 1);
        if (decimals == 0)
            return Whole(value);
        long scale = 1L;
        for (int i = 0; i < decimals; i++)
            scale *= 10;
        Whole(value / scale);
        Reserve(decimals + 1);
        long fraction = value % scale;
        _bytes[_length] = (byte)'.';
        for (int i = decimals; i > 0; i--, fraction /= 10)
            _bytes[_length + i] = (byte)('0' + (fraction % 10));
        _length += decimals + 1;
        return this;
    }

    /// <summary>A number to six decimals at most.</summary>
    public CsvBuffer Number(double value) => Text(value.ToString("0.######", System.Globalization.CultureInfo.InvariantCulture));

    public void EndRow()
    {
        Reserve(1);
        _bytes[_length++] = (byte)'\n';
        _inRow = false;
    }

    private void Separate()
    {
        Reserve(1);
        if (_inRow)
            _bytes[_length++] = (byte)',';
        _inRow = true;
    }

    private void Reserve(int more)
    {
        if (_length + more > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + more));
    }
}
