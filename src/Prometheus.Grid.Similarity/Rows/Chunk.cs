using System.Numerics;

namespace Prometheus.Grid.Similarity.Rows;

/// <summary>
/// What a scan sees of a <see cref="ChunkStore"/>: how many rows there are and which of them are live. Immutable: a writer
/// fills rows beyond <see cref="Count"/> and publishes a new chunk over the same store, so a running scan keeps its view.
/// </summary>
internal sealed class Chunk(ChunkStore store, int count, ulong[] live)
{
    public ChunkStore Store { get; } = store;

    /// <summary>Rows written, live or not.</summary>
    public int Count { get; } = count;

    public int LiveCount { get; } = live.Sum(BitOperations.PopCount);

    public int Tiles => (Count + ChunkStore.TileRows - 1) / ChunkStore.TileRows;

    /// <summary>Rows 64·tile to 64·tile + 63 that are live, as bits.</summary>
    public ulong LiveAt(int tile) => live[tile];

    public bool IsLive(int row) => (live[row >> 6] >> (row & 63) & 1) != 0;

    /// <summary>This chunk with one more row, already written to the store.</summary>
    public Chunk Appended()
    {
        ulong[] bits = (ulong[])live.Clone();
        bits[Count >> 6] |= 1UL << (Count & 63);
        return new Chunk(Store, Count + 1, bits);
    }

    /// <summary>This chunk without one of its rows.</summary>
    public Chunk Without(int row)
    {
        ulong[] bits = (ulong[])live.Clone();
        bits[row >> 6] &= ~(1UL << (row & 63));
        return new Chunk(Store, Count, bits);
    }

    /// <summary>A chunk of the first <paramref name="count"/> rows of a store, all live.</summary>
    public static Chunk Full(ChunkStore store, int count)
    {
        ulong[] bits = new ulong[store.Capacity / ChunkStore.TileRows];
        for (int row = 0; row < count; row += 64)
            bits[row >> 6] = count - row >= 64 ? ulong.MaxValue : (1UL << (count - row)) - 1;
        return new Chunk(store, count, bits);
    }
}
