using System.Runtime.InteropServices;

namespace Prometheus.Grid.Core.Encoders.Text;

/// <summary>
/// The tokens that documents have had so far, with their features hashed. A text repeats the words of those before it, so nearly every
/// word and gram is looked up and not hashed: 10,000 business texts take a third of the time. For one caller at a time.
/// </summary>
/// <param name="dimension">Length of the vectors.</param>
internal sealed class HashedVocabulary(int dimension)
{
    private const int ShortestGram = 3;
    private const int LongestGram = 5;

    // About 20 MB. Texts without end, as of a long history, would fill the memory with words that come once.
    private const int MostFeatures = 1 << 18;

    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly List<HashedToken> _tokens = [];
    private readonly Dictionary<ulong, int> _gramPlaces = [];
    private readonly List<int> _grams = [];

    /// <summary>Words and grams; a document adds its pairs behind them for its own time.</summary>
    public List<HashedFeature> Features { get; } = [];

    /// <summary>How many tokens there are.</summary>
    public int Tokens => _tokens.Count;

    /// <summary>A token, by its place.</summary>
    public HashedToken this[int token] => _tokens[token];

    /// <summary>The grams of a token, as places in <see cref="Features"/>, one for each time that the token has it.</summary>
    public ReadOnlySpan<int> GramsOf(in HashedToken token) =>
        CollectionsMarshal.AsSpan(_grams).Slice(token.FirstGram, token.Grams);

    /// <summary>Forgets everything once it has become too much. Only between documents.</summary>
    public void Bound()
    {
        if (Features.Count < MostFeatures)
            return;
        _places.Clear();
        _tokens.Clear();
        _gramPlaces.Clear();
        _grams.Clear();
        Features.Clear();
    }

    /// <summary>The place of a token, which is new if no document had it.</summary>
    /// <param name="token">Lower-case ASCII letters and digits, at least one.</param>
    public int PlaceOf(ReadOnlySpan<char> token)
    {
        if (_places.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(token, out int place))
            return place;
        place = _tokens.Count;
        string text = token.ToString();
        _places.Add(text, place);

        int word = Features.Count, firstGram = _grams.Count;
        Features.Add(HashedFeature.Of(
            HashedFeature.Hash(HashedFeature.Prefix('w'), text), HashedFeature.OrderOf('w', text), dimension, first: place));
        AddGrams($"<{text}>");
        ulong pairPrefix = HashedFeature.Hash(HashedFeature.Hash(HashedFeature.Prefix('b'), text), ' ');
        _tokens.Add(new HashedToken(text, word, firstGram, _grams.Count - firstGram, pairPrefix, HashedFeature.OrderOf('b', text + " ")));
        return place;
    }

    /// <summary>The pair of two neighbours.</summary>
    public HashedFeature Pair(int first, int second)
    {
        var left = _tokens[first];
        string right = _tokens[second].Text;
        ulong order = left.Text.Length >= 6 ? left.PairOrder : HashedFeature.OrderOf('b', $"{left.Text} {right}");
        return HashedFeature.Of(HashedFeature.Hash(left.PairPrefix, right), order, dimension, first, second);
    }

    private void AddGrams(ReadOnlySpan<char> bracketed)
    {
        for (int from = 0; from + ShortestGram <= bracketed.Length; from++)
        {
            for (int length = ShortestGram; length <= LongestGram && from + length <= bracketed.Length; length++)
                _grams.Add(Gram(bracketed.Slice(from, length)));
        }
    }

    private int Gram(ReadOnlySpan<char> gram)
    {
        ulong order = HashedFeature.OrderOf('c', gram);
        if (_gramPlaces.TryGetValue(order, out int place))
            return place;
        place = Features.Count;
        _gramPlaces.Add(order, place);
        Features.Add(HashedFeature.Of(HashedFeature.Hash(HashedFeature.Prefix('c'), gram), order, dimension));
        return place;
    }
}

/// <summary>A token and where its features are.</summary>
/// <param name="Text">The token.</param>
/// <param name="Word">Its word feature.</param>
/// <param name="FirstGram">Where its grams begin.</param>
/// <param name="Grams">How many they are.</param>
/// <param name="PairPrefix">The hash of "b:token ", which the next token completes.</param>
/// <param name="PairOrder">The place in order of its pairs, as far as the token alone decides it.</param>
internal readonly record struct HashedToken(string Text, int Word, int FirstGram, int Grams, ulong PairPrefix, ulong PairOrder);
