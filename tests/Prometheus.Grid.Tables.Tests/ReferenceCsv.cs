using System.Text;

namespace Prometheus.Grid.Tables.Tests;

/// <summary>CSV by the letter of the rules, a character at a time: slow, short, and written without a look at the product's reader.</summary>
internal static class ReferenceCsv
{
    /// <summary>The rows, or null when the text is refused as a whole.</summary>
    public static List<string[]>? Parse(byte[] bytes)
    {
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
        if (text.Contains('\0'))
            return null;
        text = text.StartsWith('\uFEFF') ? text[1..] : text;
        var rows = new List<string[]>();
        int at = 0;
        while (at < text.Length)
        {
            if (text[at] == '\n' || (text[at] == '\r' && at + 1 < text.Length && text[at + 1] == '\n'))
            {
                at += text[at] == '\n' ? 1 : 2;
                continue;
            }
            var row = new List<string>();
            while (true)
            {
                var field = new StringBuilder();
                if (at < text.Length && text[at] == '"')
                {
                    for (at++; ; at++)
                    {
                        if (at == text.Length)
                            return null;
                        if (text[at] == '"' && at + 1 < text.Length && text[at + 1] == '"')
                            at++;
                        else if (text[at] == '"')
                            break;
                        field.Append(text[at]);
                    }
                    at++;
                }
                else
                {
                    while (at < text.Length && text[at] is not (',' or '\n' or '\r'))
                    {
                        if (text[at] == '"')
                            return null;
                        field.Append(text[at++]);
                    }
                }
                row.Add(field.ToString());
                if (at == text.Length)
                    break;
                if (text[at] == ',')
                {
                    at++;
                    continue;
                }
                if (text[at] == '\r' && at + 1 < text.Length && text[at + 1] == '\n')
                    at++;
                if (text[at] != '\n')
                    return null;
                at++;
                break;
            }
            rows.Add([.. row]);
        }
        return rows;
    }
}
