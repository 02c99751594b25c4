using System.Numerics;

namespace Prometheus.Grid.Similarity;

/// <summary>A set of ordinals as a bitmap: what a filter leaves. Not safe to change while a search reads it.</summary>
public sealed class OrdinalSet
{
    private ulong[] _words = [];

    /// <summary>An empty set with room for ordinals below <paramref name="capacity"/>; it grows beyond when needed.</summary>
    public OrdinalSet(int capacity = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        _words = new ulong[(capacity + 63L) / 64];
    }

    /// <summary>How many ordinals are in the set.</summary>
    public int Count => _words.Sum(BitOperations.PopCount);

    /// <summary>Adds an ordinal, at least 0.</summary>
    public void Add(int ordinal)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ordinal);
        int word = ordinal >> 6;
        if (word >= _words.Length) Array.Resize(ref _words, Math.Max(word + 1, _words.Length * 2));
        _words[word] |= 1UL << (ordinal & 63);
    }

    /// <summary>True when the ordinal is in the set.</summary>
    public bool Contains(int ordinal) => (WordAt(ordinal >> 6) >> (ordinal & 63) & 1) != 0;

    /// <summary>Ordinals 64·index to 64·index + 63 as bits.</summary>
    internal ulong WordAt(int index) => (uint)index < (uint)_words.Length ? _words[index] : 0;
}
