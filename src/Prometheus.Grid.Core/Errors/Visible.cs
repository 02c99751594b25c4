using System.Globalization;
using System.Text;

namespace Prometheus.Grid.Core.Errors;

/// <summary>
/// Makes text of unknown origin fit for a terminal: control characters, which could move its cursor or erase what it shows, and characters
/// that change the direction of others, become escapes such as <c>\u001b</c>; halves of surrogate pairs likewise.
/// </summary>
internal static class Visible
{
    /// <summary>The text with what cannot be seen escaped.</summary>
    public static string Of(string text)
    {
        if (!text.Any(IsHidden))
            return text;
        var visible = new StringBuilder(text.Length + 16);
        for (int i = 0; i < text.Length; i++)
        {
            bool isPair = char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]);
            if (isPair)
                visible.Append(text[i]).Append(text[++i]);
            else if (IsHidden(text[i]))
                visible.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[i]:x4}");
            else
                visible.Append(text[i]);
        }
        return visible.ToString();
    }

    private static bool IsHidden(char character) =>
        char.IsControl(character) || char.IsSurrogate(character) || character is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') or '\u2028' or '\u2029';
}
