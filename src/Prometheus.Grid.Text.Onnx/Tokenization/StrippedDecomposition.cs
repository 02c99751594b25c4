using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace Prometheus.Grid.Text.Onnx.Tokenization;

/// <summary>
/// Accent stripping: canonical decomposition (NFD) without its nonspacing marks. .NET's <c>string.Normalize</c> does nothing in invariant
/// mode, so the decompositions are a table; Hangul syllables follow from arithmetic (the Unicode Standard, section 3.12).
/// </summary>
/// <remarks>
/// NFD also orders neighbouring marks. What is left after stripping has 25 characters that take part in that order, none of them in a
/// vocabulary, so their word is unknown in any order.
/// </remarks>
internal static class StrippedDecomposition
{
    private const int HangulBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TrailBase = 0x11A7;
    private const int VowelCount = 21, TrailCount = 28, HangulCount = 19 * VowelCount * TrailCount;

    private static readonly FrozenDictionary<int, string> s_table = Read();

    /// <summary>Appends what remains of a character.</summary>
    public static void Append(Rune rune, ref BertNormalizer.WordWriter words)
    {
        if ((uint)(rune.Value - HangulBase) < HangulCount)
        {
            int syllable = rune.Value - HangulBase;
            words.Append((char)(LeadBase + syllable / (VowelCount * TrailCount)));
            words.Append((char)(VowelBase + syllable / TrailCount % VowelCount));
            if (syllable % TrailCount > 0)
                words.Append((char)(TrailBase + syllable % TrailCount));
        }
        else if (s_table.TryGetValue(rune.Value, out string? remains))
        {
            foreach (var part in remains.EnumerateRunes())
                words.Append(part);
        }
        else if (Rune.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark)
        {
            words.Append(rune);
        }
    }

    /// <summary>A line is a code point and what remains of it, all in hexadecimal; comments begin with #.</summary>
    private static FrozenDictionary<int, string> Read()
    {
        using var stream = Assembly.GetExecutingAssembly()
            .GetManifestResourceStream(typeof(StrippedDecomposition), "StrippedDecompositions.txt")!;
        using var reader = new StreamReader(stream);
        var table = new Dictionary<int, string>();
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
                continue;
            int[] codePoints = [.. line.Split(' ').Select(part => int.Parse(part, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
            table.Add(codePoints[0], string.Concat(codePoints.Skip(1).Select(char.ConvertFromUtf32)));
        }
        return table.ToFrozenDictionary();
    }
}
