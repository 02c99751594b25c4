using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Prometheus.Grid.Core.Encoders.Text;

/// <summary>
/// Counts the features of one document at a time in buffers that it keeps, so that encoding a corpus allocates almost nothing. Its loops are
/// compiled in full at once: a backfill of 10,000 texts is over before tiered compilation has replaced the slow code.
/// </summary>
/// <param name="dimension">Length of the vectors.</param>
internal sealed class FeatureCounter(int dimension)
{
    private static readonly double[] s_weights = [.. Enumerable.Range(0, 64).Select(count => 1 + Math.Log(count))];

    private readonly HashedVocabulary _vocabulary = new(dimension);
    private readonly Dictionary<long, int> _pairs = [];
    private readonly List<int> _sequence = [];
    private char[] _lowered = [];

    // Zero outside of a document: what it has touched is listed, and cleared with it.
    private int[] _tokenCounts = new int[1024];
    private int[] _counts = new int[8192];
    private int[] _present = new int[8192];
    private int _presentCount;
    private int[] _bySlot = [];

    // On the heap: their length is a manifest's, and a stack ends at a megabyte.
    private readonly double[] _sums = new double[dimension];
    private readonly int[] _ends = new int[dimension + 1];
    private readonly int[] _next = new int[dimension];

    /// <summary>
    /// The sums of ±(1 + ln count) over the features of each slot. The recipe sums in ordinal feature order; since only the order
    /// inside a slot can change a sum, features are grouped by slot, and only a slot where rounding can happen is sorted. Valid until the next call.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public ReadOnlySpan<double> Sum(string document)
    {
        Split(document);
        int known = _vocabulary.Features.Count;
        CountFeatures();

        ReadOnlySpan<HashedFeature> features = CollectionsMarshal.AsSpan(_vocabulary.Features);
        Span<int> ends = _ends, next = _next;
        ends.Clear();
        ReadOnlySpan<int> present = _present.AsSpan(0, _presentCount);
        foreach (int feature in present)
            ends[features[feature].Slot + 1]++;
        for (int slot = 0; slot < dimension; slot++)
            ends[slot + 1] += ends[slot];
        ends[..^1].CopyTo(next);
        if (_bySlot.Length < present.Length)
            _bySlot = new int[_present.Length];
        foreach (int feature in present)
            _bySlot[next[features[feature].Slot]++] = feature;
        for (int slot = 0; slot < dimension; slot++)
            _sums[slot] = SumOf(_bySlot.AsSpan(ends[slot]..ends[slot + 1]), features);

        foreach (int feature in present)
            _counts[feature] = 0;
        _vocabulary.Features.RemoveRange(known, _vocabulary.Features.Count - known);
        return _sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Split(string document)
    {
        _vocabulary.Bound();
        _sequence.Clear();
        if (_lowered.Length < document.Length)
            _lowered = new char[document.Length];
        int length = 0;
        foreach (char character in document)
        {
            char letter = TokenLetter(character);
            if (letter != 0)
                _lowered[length++] = letter;
            else if (length > 0)
                End();
        }
        if (length > 0)
            End();

        void End()
        {
            _sequence.Add(_vocabulary.PlaceOf(_lowered.AsSpan(0, length)));
            length = 0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CountFeatures()
    {
        _presentCount = 0;
        _pairs.Clear();
        if (_tokenCounts.Length < _vocabulary.Tokens)
            Array.Resize(ref _tokenCounts, 2 * _vocabulary.Tokens);
        // A document has at most one pair a token.
        int most = _vocabulary.Features.Count + _sequence.Count;
        if (_counts.Length < most)
            (_counts, _present) = (new int[2 * most], new int[2 * most]);

        ReadOnlySpan<int> sequence = CollectionsMarshal.AsSpan(_sequence);
        for (int i = 0; i < sequence.Length; i++)
        {
            _tokenCounts[sequence[i]]++;
            if (i > 0)
                AddPair(sequence[i - 1], sequence[i]);
        }
        foreach (int token in sequence)
        {
            int count = _tokenCounts[token];
            if (count == 0)
                continue;
            _tokenCounts[token] = 0;
            var known = _vocabulary[token];
            Add(known.Word, count);
            foreach (int gram in _vocabulary.GramsOf(known))
                Add(gram, count);
        }
    }

    private void AddPair(int first, int second)
    {
        ref int place = ref CollectionsMarshal.GetValueRefOrAddDefault(_pairs, ((long)first << 32) | (uint)second, out bool isKnown);
        if (!isKnown)
        {
            place = _vocabulary.Features.Count;
            _vocabulary.Features.Add(_vocabulary.Pair(first, second));
        }
        Add(place, 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Add(int feature, int count)
    {
        if (_counts[feature] == 0)
            _present[_presentCount++] = feature;
        _counts[feature] += count;
    }

    private double SumOf(Span<int> members, ReadOnlySpan<HashedFeature> features)
    {
        double sum = SumInOrder(members, features, out bool isWhole);
        // Two numbers, and any whole numbers, add up to the same in any order.
        if (members.Length <= 2 || isWhole)
            return sum;
        Sort(members, features);
        return SumInOrder(members, features, out _);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double SumInOrder(ReadOnlySpan<int> members, ReadOnlySpan<HashedFeature> features, out bool isWhole)
    {
        int[] counts = _counts;
        int anyCount = 1;
        double sum = 0;
        foreach (int member in members)
        {
            anyCount |= counts[member];
            sum += features[member].Sign * Weight(counts[member]);
        }
        isWhole = anyCount == 1;
        return sum;
    }

    private static double Weight(int count) => count < s_weights.Length ? s_weights[count] : 1 + Math.Log(count);

    // By insertion: a slot has a handful of features.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Sort(Span<int> members, ReadOnlySpan<HashedFeature> features)
    {
        for (int i = 1; i < members.Length; i++)
        {
            int member = members[i], place = i;
            for (; place > 0 && IsBefore(features[member], features[members[place - 1]]); place--)
                members[place] = members[place - 1];
            members[place] = member;
        }
    }

    private bool IsBefore(in HashedFeature x, in HashedFeature y)
    {
        if (x.Order != y.Order)
            return x.Order < y.Order;
        // A space sorts before every letter and digit, so pairs sort by their first token and then by their second.
        int first = string.CompareOrdinal(Text(x.First), Text(y.First));
        return first != 0 ? first < 0 : string.CompareOrdinal(Text(x.Second), Text(y.Second)) < 0;
    }

    private string? Text(int token) => token < 0 ? null : _vocabulary[token].Text;

    private static char TokenLetter(char character) => character switch
    {
        >= 'a' and <= 'z' or >= '0' and <= '9' => character,
        >= 'A' and <= 'Z' => (char)(character | 0x20),
        _ => '\0',
    };
}
