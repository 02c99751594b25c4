using System.Globalization;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Tables;

/// <summary>Reads a file line by line, under the rules of text and archives that tables have, for formats with a record a line.</summary>
internal static class TextLines
{
    /// <summary>The lines that are not blank, with their numbers from 1. A line is valid until the next one is asked for.</summary>
    /// <exception cref="GridException">There is no such file, or its text is refused.</exception>
    public static IEnumerable<(ReadOnlyMemory<byte> Text, long Line)> Read(InputFile file, CancellationToken cancellationToken)
    {
        using var raw = file.OpenRaw(out _);
        string path = file.Path;
        using var text = InputFile.Text(raw, path);
        var blocks = new RowBlocks(text, path, hasQuotes: false);
        long line = 1;
        while (blocks.Next() is { } block)
        {
            try
            {
                Check(block.Text, path, line);
                var rest = block.Buffer.AsMemory(block.Start, block.Length);
                while (!rest.IsEmpty)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    int end = rest.Span.IndexOf((byte)'\n');
                    var record = end < 0 ? rest : rest[..end];
                    if (record.Span.ContainsAnyExcept(" \t\r"u8))
                        yield return (record, line);
                    line++;
                    rest = end < 0 ? default : rest[(end + 1)..];
                }
            }
            finally
            {
                block.Return();
            }
        }
    }

    private static void Check(ReadOnlySpan<byte> text, string path, long firstLine)
    {
        try
        {
            TextRules.Check(text, []);
        }
        catch (BadRowException bad)
        {
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture, $"{path} line {firstLine + bad.Line}, {bad.Column}"), bad.Value, bad.Allowed);
        }
    }
}
