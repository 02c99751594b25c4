using System.Globalization;
using System.Text;

namespace Prometheus.Grid.Text.Onnx.Tokenization;

/// <summary>
/// Where capital sigma lower-cases into ς: behind a cased letter and not before one, looking past characters without a case of their own
/// (Final_Sigma of the Unicode Standard, table 3-17). Simple case mapping, which .NET has, always gives σ.
/// </summary>
internal static class FinalSigmaRule
{
    /// <summary>Tells whether the sigma at <paramref name="at"/> ends its word.</summary>
    public static bool Applies(ReadOnlySpan<char> text, int at) => CasedBefore(text[..at]) && !CasedAfter(text[(at + 1)..]);

    private static bool CasedBefore(ReadOnlySpan<char> text)
    {
        while (Rune.DecodeLastFromUtf16(text, out var rune, out int length) == System.Buffers.OperationStatus.Done)
        {
            if (!IsIgnorable(rune))
                return IsCased(rune);
            text = text[..^length];
        }
        return false;
    }

    private static bool CasedAfter(ReadOnlySpan<char> text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (!IsIgnorable(rune))
                return IsCased(rune);
        }
        return false;
    }

    /// <summary>Case_Ignorable: marks, format characters, modifiers, and the punctuation that may stand inside a word.</summary>
    private static bool IsIgnorable(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format
            or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol
        || rune.Value is '\'' or '.' or ':' or 0xB7 or 0x387 or 0x55F or 0x5F4 or 0x2018 or 0x2019 or 0x2024 or 0x2027
            or 0xFE13 or 0xFE52 or 0xFE55 or 0xFF07 or 0xFF0E or 0xFF1A;

    /// <summary>Cased: letters with a case, and the ordinals, Roman numerals and letters in frames that count as such.</summary>
    private static bool IsCased(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
        || rune.Value is 0xAA or 0xBA or (>= 0x2160 and <= 0x217F) or (>= 0x24B6 and <= 0x24E9)
            or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189);
}
