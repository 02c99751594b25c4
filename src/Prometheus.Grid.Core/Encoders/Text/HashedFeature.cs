using System.Runtime.CompilerServices;

namespace Prometheus.Grid.Core.Encoders.Text;

/// <summary>A feature of <c>text-hash-v1</c>: where it goes, and what its place in ordinal order depends on.</summary>
/// <param name="Order">The kind and the first seven bytes after "w:", "b:" or "c:", as a number that sorts as they do.</param>
/// <param name="First">The token of a word, the first of a pair; -1 for a gram, which <paramref name="Order"/> holds whole.</param>
/// <param name="Second">The second token of a pair, or -1.</param>
/// <param name="Slot">Coordinate of the vector.</param>
/// <param name="Sign">1 or -1, which multiplies its weight: signs are random, and a branch on one would be mispredicted every other time.</param>
internal readonly record struct HashedFeature(ulong Order, int First, int Second, int Slot, double Sign)
{
    private const ulong FnvOffset = 14695981039346656037;
    private const ulong FnvPrime = 1099511628211;
    private const int OrderBytes = sizeof(ulong) - 1;

    /// <summary>A feature with this hash.</summary>
    public static HashedFeature Of(ulong hash, ulong order, int dimension, int first = -1, int second = -1) =>
        new(order, first, second, (int)(hash % (ulong)dimension), 1 - (2.0 * (hash >> 63)));

    /// <summary>Begins the FNV-1a 64 hash of a feature (Fowler, Noll and Vo): "w:", "b:" or "c:".</summary>
    public static ulong Prefix(char kind) => Hash(Hash(FnvOffset, kind), ':');

    /// <summary>Goes on by a character below 128, which is its own UTF-8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Hash(ulong hash, char next) => unchecked((hash ^ next) * FnvPrime);

    /// <inheritdoc cref="Hash(ulong, char)"/>
    public static ulong Hash(ulong hash, ReadOnlySpan<char> next)
    {
        foreach (char c in next)
            hash = Hash(hash, c);
        return hash;
    }

    /// <summary>The first part of a feature's place in ordinal order.</summary>
    public static ulong OrderOf(char kind, ReadOnlySpan<char> text)
    {
        ulong order = kind;
        for (int i = 0; i < OrderBytes; i++)
            order = (order << 8) | (i < text.Length ? text[i] : 0u);
        return order;
    }
}
