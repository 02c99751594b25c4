namespace Prometheus.Grid.Core.Encoders.Text;

/// <summary>Splits a document into terms with weights; the same for fitting and for encoding.</summary>
internal static class LsaTerms
{
    // Business descriptions open with what the company does and end with where it sits and when it was founded. An occurrence weighs
    // 0.2 + 0.8 · 2^(−position / 30); against equal weights sector precision@10 rises from 0.730 to 0.740 (docs/models.md).
    private const double FloorWeight = 0.2;
    private static readonly double s_decay = Math.Pow(0.5, 1.0 / 30);

    private const int LongestTerm = 64;

    /// <summary>Calls <paramref name="visit"/> with each ASCII token <c>[a-z0-9]+</c> of the lower-cased document and its weight, in order.</summary>
    public static void ForEach(string document, TermVisitor visit)
    {
        Span<char> term = stackalloc char[LongestTerm];
        int length = 0;
        double decay = 1;
        for (int i = 0; i <= document.Length; i++)
        {
            char c = i < document.Length ? char.ToLowerInvariant(document[i]) : ' ';
            if (char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c))
            {
                if (length < LongestTerm)
                    term[length] = c;
                length++;
                continue;
            }
            if (length is > 0 and <= LongestTerm)
                visit(term[..length], FloorWeight + ((1 - FloorWeight) * decay));
            decay *= length > 0 ? s_decay : 1;
            length = 0;
        }
    }
}

/// <summary>Receives a term and the weight of this occurrence.</summary>
internal delegate void TermVisitor(ReadOnlySpan<char> term, double weight);
