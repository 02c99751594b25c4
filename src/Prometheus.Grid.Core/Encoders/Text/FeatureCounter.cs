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

    private readonly record struct Feature(ulong Hash, char Kind, int Start, int Length, int Count);

    private byte[] _spaced = new byte[4096];
    private byte[] _bracketed = new byte[4096];
    private int[] _slots = new int[8192];
    private Feature[] _features = new Feature[4096];
    private int _count;

    /// <summary>Counts the features of a document, forgetting the one before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Count(string document)
    {
        _count = 0;
        Array.Clear(_slots);
        // A token of one letter is "x " in one buffer and "<x>" in the other: three bytes a character is the most.
        int most = document.Length * 3 + 2;
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
    /// change a sum, features are grouped by slot and sorted there, which costs a third of sorting them all.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void AddSigned(Span<double> sums)
    {
        Span<int> ends = stackalloc int[sums.Length + 1];
        ends.Clear();
        for (int i = 0; i < _count; i++)
            ends[(int)(_features[i].Hash % (ulong)sums.Length) + 1]++;
        for (int slot = 0; slot < sums.Length; slot++)
            ends[slot + 1] += ends[slot];

        int[] bySlot = System.Buffers.ArrayPool<int>.Shared.Rent(_count);
        Span<int> next = stackalloc int[sums.Length];
        ends[..^1].CopyTo(next);
        for (int i = 0; i < _count; i++)
            bySlot[next[(int)(_features[i].Hash % (ulong)sums.Length)]++] = i;

        for (int slot = 0; slot < sums.Length; slot++)
        {
            Span<int> members = bySlot.AsSpan(ends[slot]..ends[slot + 1]);
            if (members.Length > 2)
                members.Sort(Ordinal);
            foreach (int member in members)
            {
                double weight = 1 + Math.Log(_features[member].Count);
                sums[slot] += _features[member].Hash >> 63 == 1 ? -weight : weight;
            }
        }
        System.Buffers.ArrayPool<int>.Shared.Return(bySlot);
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
        for (int slot = Slot(hash); ; slot = (slot + 1) & mask)
        {
            int index = _slots[slot] - 1;
            if (index < 0)
            {
                _features[_count] = new Feature(hash, kind, start, length, 1);
                _slots[slot] = ++_count;
                return;
            }
            ref Feature known = ref _features[index];
            if (known.Hash == hash && known.Kind == kind && Bytes(known).SequenceEqual(Bytes(kind, start, length)))
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

    private int Ordinal(int left, int right)
    {
        ref readonly Feature x = ref _features[left];
        ref readonly Feature y = ref _features[right];
        return x.Kind != y.Kind ? x.Kind.CompareTo(y.Kind) : Bytes(x).SequenceCompareTo(Bytes(y));
    }

    private ReadOnlySpan<byte> Bytes(in Feature feature) => Bytes(feature.Kind, feature.Start, feature.Length);

    private ReadOnlySpan<byte> Bytes(char kind, int start, int length) => (kind == 'c' ? _bracketed : _spaced).AsSpan(start, length);
}
