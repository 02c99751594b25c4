using System.Buffers;
using System.Runtime.InteropServices;

namespace Prometheus.Grid.Core.Encoders.Text;

/// <summary>The terms of a class model: words, and pairs of neighbouring words written <c>first second</c>; finds them in documents.</summary>
internal sealed class ClassVocabulary
{
    private const int NoTerm = -1;

    // Soft hyphen, zero-width space, non-joiner and joiner, word joiner, and the mark that files begin with.
    private static readonly SearchValues<char> s_invisible = SearchValues.Create("\u00AD\u200B\u200C\u200D\u2060\uFEFF");

    // A word has a number here when it is a term, or a part of a term.
    private readonly Dictionary<string, int> _words = new(StringComparer.Ordinal);
    private readonly List<int> _placeOfWord = [];
    private readonly Dictionary<long, int> _placeOfPair = [];

    /// <param name="terms">The terms, ordinally ascending; the place of a term in this list is its number.</param>
    public ClassVocabulary(IReadOnlyList<string> terms)
    {
        Terms = terms;
        foreach ((int place, string term) in terms.Index())
        {
            string[] words = term.Split(' ');
            if (words.Length == 1)
                _placeOfWord[NumberOf(words[0])] = place;
            else
                _placeOfPair.Add(Pair(NumberOf(words[0]), NumberOf(words[1])), place);
        }
    }

    /// <summary>The terms.</summary>
    public IReadOnlyList<string> Terms { get; }

    /// <summary>The terms of a document that are known, ascending by place, each with the sum of the weights of its occurrences; early ones weigh more.</summary>
    public List<(int Place, double Weight)> WeighIn(string document)
    {
        var found = new List<(int Place, double Weight)>();
        var lookup = _words.GetAlternateLookup<ReadOnlySpan<char>>();
        int previous = NoTerm;
        LsaTerms.ForEach(Visible(document), (term, weight) =>
        {
            int word = lookup.TryGetValue(term, out int number) ? number : NoTerm;
            if (word != NoTerm && _placeOfWord[word] != NoTerm)
                found.Add((_placeOfWord[word], weight));
            if (word != NoTerm && previous != NoTerm && _placeOfPair.TryGetValue(Pair(previous, word), out int pair))
                found.Add((pair, weight));
            previous = word;
        });
        // By place, and of one place the lightest first: the sums have one order.
        found.Sort();
        var sums = new List<(int Place, double Weight)>(found.Count);
        foreach ((int place, double weight) in found)
        {
            if (sums.Count > 0 && sums[^1].Place == place)
                CollectionsMarshal.AsSpan(sums)[^1].Weight += weight;
            else
                sums.Add((place, weight));
        }
        return sums;
    }

    /// <summary>The words and pairs that enough documents of a corpus have, and not too many.</summary>
    /// <param name="documents">The corpus.</param>
    /// <param name="fewest">In how many documents a term must occur.</param>
    /// <param name="most">In how many it may.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>The terms, ordinally ascending, and in how many documents each is.</returns>
    public static (string[] Terms, int[] Documents) Count(
        IReadOnlyList<string> documents, int fewest, double most, CancellationToken cancellationToken)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var words = new List<string>();
        var counts = new Dictionary<long, int>();
        var lookup = numbers.GetAlternateLookup<ReadOnlySpan<char>>();
        var seen = new HashSet<long>();
        foreach (string document in documents)
        {
            cancellationToken.ThrowIfCancellationRequested();
            seen.Clear();
            int previous = NoTerm;
            LsaTerms.ForEach(Visible(document), (term, _) =>
            {
                if (!lookup.TryGetValue(term, out int word))
                {
                    word = words.Count;
                    words.Add(term.ToString());
                    numbers.Add(words[word], word);
                }
                seen.Add(Pair(word, NoTerm));
                if (previous != NoTerm)
                    seen.Add(Pair(previous, word));
                previous = word;
            });
            foreach (long term in seen)
                CollectionsMarshal.GetValueRefOrAddDefault(counts, term, out _)++;
        }

        var kept = counts
            .Where(term => term.Value >= fewest && term.Value <= most)
            .Select(term => (Text: TextOf(term.Key), Documents: term.Value))
            .OrderBy(term => term.Text, StringComparer.Ordinal)
            .ToArray();
        return ([.. kept.Select(term => term.Text)], [.. kept.Select(term => term.Documents)]);

        string TextOf(long term) => (int)term == NoTerm ? words[(int)(term >> 32)] : $"{words[(int)(term >> 32)]} {words[(int)term]}";
    }

    /// <summary>The document without characters that nobody sees: text out of a PDF has soft hyphens inside words, which would cut them in two.</summary>
    private static string Visible(string document) => document.AsSpan().IndexOfAny(s_invisible) < 0
        ? document
        : string.Concat(document.Where(c => !s_invisible.Contains(c)));

    private static long Pair(int first, int second) => ((long)first << 32) | (uint)second;

    private int NumberOf(string word)
    {
        if (_words.TryGetValue(word, out int number))
            return number;
        _words.Add(word, _placeOfWord.Count);
        _placeOfWord.Add(NoTerm);
        return _placeOfWord.Count - 1;
    }
}
