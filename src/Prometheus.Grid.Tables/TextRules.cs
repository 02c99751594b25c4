using System.Text;
using System.Text.Unicode;

namespace Prometheus.Grid.Tables;

/// <summary>What text may come in: UTF-8, with or without its mark, without NUL bytes.</summary>
internal static class TextRules
{
    private const int Sniffed = 256;

    /// <summary>The name of the encoding when the first bytes of a file show that it is not UTF-8, else null.</summary>
    public static string? ForeignEncoding(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE, 0, 0]) || start.StartsWith((ReadOnlySpan<byte>)[0, 0, 0xFE, 0xFF]))
            return "UTF-32";
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || start.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
            return "UTF-16";
        // Without a mark: every other byte of ASCII text is NUL.
        start = start[..Math.Min(start.Length, Sniffed)];
        int even = 0, odd = 0;
        for (int i = 0; i < start.Length; i++)
        {
            if (start[i] == 0)
                _ = i % 2 == 0 ? even++ : odd++;
        }
        return start.Length >= 4 && Math.Max(even, odd) > 0.4 * (start.Length / 2) && Math.Min(even, odd) <= 0.1 * (start.Length / 2) ? "UTF-16" : null;
    }

    /// <summary>Refuses text that is not UTF-8 or has NUL bytes, with its row and column.</summary>
    /// <param name="text">Whole rows.</param>
    /// <param name="columns">The names of the columns; empty where the first row names them.</param>
    /// <exception cref="BadRowException">The text is refused.</exception>
    public static void Check(ReadOnlySpan<byte> text, IReadOnlyList<string> columns)
    {
        if (text.IndexOf((byte)0) is var nul and >= 0)
            throw At(text, nul, columns, "text without NUL bytes");
        if (!Utf8.IsValid(text))
            throw At(text, FirstInvalid(text), columns, "UTF-8; this looks like Latin-1 or Windows-1252, save the file as UTF-8");
    }

    private static int FirstInvalid(ReadOnlySpan<byte> text)
    {
        int at = 0;
        while (at < text.Length && Rune.DecodeFromUtf8(text[at..], out _, out int size) == System.Buffers.OperationStatus.Done)
            at += size;
        return at;
    }

    private static BadRowException At(ReadOnlySpan<byte> text, int offset, IReadOnlyList<string> columns, string allowed)
    {
        var fields = new CsvFields(text);
        List<string> names = [.. columns];
        bool isHeader = names.Count == 0;
        try
        {
            for (; fields.NextRow(); isHeader = false)
            {
                bool isLast = false;
                for (int i = 0; !isLast; i++)
                {
                    int from = fields.Position;
                    string name = Encoding.UTF8.GetString(fields.Next(out isLast));
                    if (isHeader)
                        names.Add(name);
                    if (fields.Position > offset || fields.Position == text.Length)
                    {
                        string column = i < names.Count && !isHeader ? names[i] : isHeader ? "header" : "row";
                        return new BadRowException(fields.Line, column, Shown(text[from..Math.Max(from, fields.Position - 1)]), allowed, hidesRows: true);
                    }
                }
            }
        }
        catch (BadRowException broken)
        {
            // A quote before it leaves its column unknown.
            if (text[..offset].Count((byte)'\n') >= broken.Line)
                return broken;
        }
        return new BadRowException(text[..offset].Count((byte)'\n'), "row", Shown(text[offset..Math.Min(text.Length, offset + 40)]), allowed, hidesRows: true);
    }

    // Every byte of another encoding shows as some character.
    private static string Shown(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes).TrimEnd('\r', '\n');
}
