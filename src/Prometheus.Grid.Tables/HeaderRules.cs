using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Tables;

/// <summary>
/// What a header may say. Further columns are ignored, which must not happen to one that is meant: a name that equals that of a missing
/// column but for case, blanks, hyphens or underscores, or that vendors use for it, is an error.
/// </summary>
internal static class HeaderRules
{
    /// <summary>Names that vendors of prices use, written as <see cref="Plain"/> writes them.</summary>
    private static readonly Dictionary<string, string[]> s_usual = new(StringComparer.Ordinal)
    {
        ["instrument_id"] = ["ticker", "symbol", "instrument", "permno", "isin"],
        ["trade_date"] = ["date", "day", "tradingdate", "tradingday", "pricedate", "datetime", "timestamp"],
        ["as_of_date"] = ["date", "asof"],
        ["open"] = ["openprice", "pxopen", "openprc"],
        ["high"] = ["highprice", "pxhigh", "askhi"],
        ["low"] = ["lowprice", "pxlow", "bidlo"],
        ["close"] = ["closeprice", "closingprice", "pxlast", "last", "price", "prc", "closeusd"],
        ["adjusted_close"] = ["adjclose", "adjcloseprice", "adjustedcloseprice", "adjustedclosingprice", "closeadj", "closeadjusted", "adjustedprice", "adjprice", "adjclosing"],
        ["volume"] = ["vol", "pxvolume", "sharevolume", "tradedvolume"],
        ["entity_id"] = ["id", "entity"],
        ["text"] = ["document", "description"],
    };

    /// <summary>Checks a header.</summary>
    /// <param name="place">File and line, for errors.</param>
    /// <param name="header">The names as they stand there.</param>
    /// <param name="required">Columns that must be there.</param>
    /// <param name="optional">Columns that are used when they are there.</param>
    /// <param name="isText">False where nothing stands between fields, so that no other separator can be meant.</param>
    /// <exception cref="BadInputException">A column is missing, comes twice, or has nearly the name of one that is used.</exception>
    public static void Check(string place, IReadOnlyList<string> header, IReadOnlyList<string> required, IReadOnlyList<string> optional, bool isText = true)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in header)
        {
            if (!seen.Add(name))
                throw new BadInputException(place, name, "each column once");
        }
        foreach (string known in required.Concat(optional).Where(known => !seen.Contains(known)))
        {
            if (header.FirstOrDefault(name => IsMeant(name, known) && !required.Contains(name) && !optional.Contains(name)) is { } meant)
                throw new BadInputException(place, meant, $"{known}, written so, for that is what this column seems to be; rename it, or rename it to something else if it is not");
        }
        if (required.FirstOrDefault(column => !seen.Contains(column)) is { } missing)
        {
            string found = header is [var only] && only.AsSpan().IndexOfAny(";\t|") is var at and >= 0 ? $"; it has '{Shown(only[at])}' between its fields" : "";
            throw new BadInputException(place, string.Join(',', header), isText ? $"a header with column {missing}, and commas between fields{found}" : $"a file with column {missing}");
        }
    }

    private static string Shown(char separator) => separator == '\t' ? "tab" : separator.ToString();

    private static bool IsMeant(string name, string known)
    {
        string plain = Plain(name);
        return plain == Plain(known) || (s_usual.TryGetValue(known, out string[]? usual) && usual.Contains(plain));
    }

    private static string Plain(string name) =>
        string.Concat(name.Where(character => !char.IsWhiteSpace(character) && character is not ('_' or '-' or '.' or '*'))).ToLowerInvariant();
}
