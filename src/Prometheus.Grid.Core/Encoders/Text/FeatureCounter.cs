using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Prometheus.Grid.Core.Encoders.Text;

/// <summary>
/// Counts the features of one document at a time in buffers that it keeps, so that encoding a corpus allocates almost nothing. A feature is
/// a slice of one of two buffers: every feature of the recipe is contiguous in "token token token" or in "&lt;token&gt;&lt;token&gt;".
/// Its loops are compiled in full at once: a backfill of 10,000 texts is over before tiered compilation has replaced the slow code, and takes
/// half as long without it.
/// </summary>
internal sealed class FeatureCounter
{
    private const ulong FnvOffset = 14695981039346656037;
    private const ulong FnvPrime = 1099511628211;
    private const int ShortestGram = 3;
    private const int LongestGram = 5;

    private static readonly double[] s_weights = [.. Enumerable.Range(0, 64).Select(count => 1 + Math.Log(count))];

    private readonly record struct Feature(ulong Hash, ulong Order, int Start, int Length, int Count);

    // Eight bytes can be read from any place of a buffer.
    private const int Slack = sizeof(ulong);

    private byte[] _spaced = new byte[4096];
    private byte[] _bracketed = new byte[4096];
    private int[] _slots = new int[8192];
    private Feature[] _features = new Feature[4096];
    private int[] _slotOf = [];
    private int[] _bySlot = [];
    private int _count;


    /// <summary>Counts the features of a document, forgetting the one before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Count(string document)
    {
        _count = 0;
        Array.Clear(_slots);
        // A token of one letter is "x " in one buffer and "<x>" in the other: three bytes a character is the most.
        int most = document.Length * 3 + 2 + Slack;
        if (_bracketed.Length < most)
        {
            _spaced = new byte[most];
            _bracketed = new byte[most];
        }

        int spaced = 0, bracketed = 0, previousToken = -1, position = 0;
        while (position < document.Length)
        {
            int token = spaced, bracket = bracketed;
            _bracketed[bracketed++] = (byte)'<';
            while (position < document.Length && TokenByte(document[position]) is var letter and not 0)
            {
                _spaced[spaced++] = letter;
                _bracketed[bracketed++] = letter;
                position++;
            }
            if (spaced == token)
            {
                bracketed = bracket;
                position++;
                continue;
            }
            _bracketed[bracketed++] = (byte)'>';
            AddWord(token, spaced, previousToken);
            AddGrams(bracket, bracketed);
            previousToken = token;
            _spaced[spaced++] = (byte)' ';
        }
    }

    /// <summary>
    /// Adds ±(1 + ln count) of each feature to its slot. The recipe sums in ordinal feature order; since only the order inside a slot can
    /// change a sum, features are grouped by slot, and only a slot where rounding can happen is sorted.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void AddSigned(Span<double> sums)
    {
        var modulus = new Modulus((uint)sums.Length);
        Span<int> slots = Rows(ref _slotOf), bySlot = Rows(ref _bySlot);
        Span<int> ends = stackalloc int[sums.Length + 1];
        ends.Clear();
        for (int i = 0; i < _count; i++)
        {
            slots[i] = (int)modulus.Of(_features[i].Hash);
            ends[slots[i] + 1]++;
        }
        for (int slot = 0; slot < sums.Length; slot++)
            ends[slot + 1] += ends[slot];

        Span<int> next = stackalloc int[sums.Length];
        ends[..^1].CopyTo(next);
        for (int i = 0; i < _count; i++)
            bySlot[next[slots[i]]++] = i;

        for (int slot = 0; slot < sums.Length; slot++)
            sums[slot] += Sum(bySlot[ends[slot]..ends[slot + 1]]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Sum(Span<int> members)
    {
        bool isExact = true;
        foreach (int member in members)
            isExact &= _features[member].Count == 1;
        // Two numbers, and any whole numbers, add up to the same in any order.
        if (members.Length > 2 && !isExact)
            Sort(members);
        double sum = 0;
        foreach (int member in members)
        {
            double weight = Weight(_features[member].Count);
            sum += _features[member].Hash >> 63 == 1 ? -weight : weight;
        }
        return sum;
    }

    private static double Weight(int count) => count < s_weights.Length ? s_weights[count] : 1 + Math.Log(count);

    private Span<int> Rows(ref int[] buffer)
    {
        if (buffer.Length < _count)
            buffer = new int[_features.Length];
        return buffer.AsSpan(0, _count);
    }

    private static byte TokenByte(char character) => character switch
    {
        >= 'a' and <= 'z' or >= '0' and <= '9' => (byte)character,
        >= 'A' and <= 'Z' => (byte)(character | 0x20),
        _ => 0,
    };

    private void AddWord(int token, int end, int previousToken)
    {
        Add(Hash(Prefix('w'), _spaced.AsSpan(token..end)), 'w', token, end - token);
        if (previousToken >= 0)
            Add(Hash(Prefix('b'), _spaced.AsSpan(previousToken..end)), 'b', previousToken, end - previousToken);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddGrams(int start, int end)
    {
        for (int from = start; from + ShortestGram <= end; from++)
        {
            // The hash of a gram continues the hash of the shorter one.
            ulong hash = Hash(Prefix('c'), _bracketed.AsSpan(from, ShortestGram - 1));
            for (int length = ShortestGram; length <= LongestGram && from + length <= end; length++)
            {
                hash = (hash ^ _bracketed[from + length - 1]) * FnvPrime;
                Add(hash, 'c', from, length);
            }
        }
    }

    private static ulong Prefix(char kind) => Hash(FnvOffset, [(byte)kind, (byte)':']);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ulong Hash(ulong hash, ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
            hash = (hash ^ b) * FnvPrime;
        return hash;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Add(ulong hash, char kind, int start, int length)
    {
        if (2 * _count >= _slots.Length)
            Grow();
        int mask = _slots.Length - 1;
        ulong order = Order(kind, start, length);
        for (int slot = Slot(hash); ; slot = (slot + 1) & mask)
        {
            int index = _slots[slot] - 1;
            if (index < 0)
            {
                _features[_count] = new Feature(hash, order, start, length, 1);
                _slots[slot] = ++_count;
                return;
            }
            ref Feature known = ref _features[index];
            if (known.Hash == hash && known.Order == order && known.Length == length && (length < sizeof(ulong) || Bytes(known).SequenceEqual(Bytes(kind, start, length))))
            {
                known = known with { Count = known.Count + 1 };
                return;
            }
        }
    }

    // FNV's low bits decide the vector slot; its high bits, spread by a multiplication, decide the table slot.
    private int Slot(ulong hash) => (int)((hash * 0x9E3779B97F4A7C15) >> (64 - BitOperations.Log2((uint)_slots.Length)));

    private void Grow()
    {
        _slots = new int[_slots.Length * 2];
        Array.Resize(ref _features, _features.Length * 2);
        int mask = _slots.Length - 1;
        for (int i = 0; i < _count; i++)
        {
            int slot = Slot(_features[i].Hash);
            while (_slots[slot] != 0)
                slot = (slot + 1) & mask;
            _slots[slot] = i + 1;
        }
    }

    // By insertion: a slot has a handful of features.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Sort(Span<int> members)
    {
        for (int i = 1; i < members.Length; i++)
        {
            int member = members[i], place = i;
            for (; place > 0 && IsBefore(_features[member], _features[members[place - 1]]); place--)
                members[place] = members[place - 1];
            members[place] = member;
        }
    }

    private bool IsBefore(in Feature x, in Feature y) =>
        x.Order != y.Order ? x.Order < y.Order : Bytes(x).SequenceCompareTo(Bytes(y)) < 0;

    /// <summary>The kind and the first seven bytes, as a number that sorts as they do.</summary>
    private ulong Order(char kind, int start, int length)
    {
        ulong bytes = BinaryPrimitives.ReadUInt64BigEndian(Buffer(kind).AsSpan(start));
        ulong known = length < sizeof(ulong) ? bytes & ~(ulong.MaxValue >> (8 * length)) : bytes;
        return ((ulong)kind << 56) | (known >> 8);
    }

    private ReadOnlySpan<byte> Bytes(in Feature feature) => Bytes((char)(feature.Order >> 56), feature.Start, feature.Length);

    private ReadOnlySpan<byte> Bytes(char kind, int start, int length) => Buffer(kind).AsSpan(start, length);

    private byte[] Buffer(char kind) => kind == 'c' ? _bracketed : _spaced;
}
