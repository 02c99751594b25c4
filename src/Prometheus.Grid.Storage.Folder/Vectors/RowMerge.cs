using System.Runtime.InteropServices;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Storage.Folder.Vectors;

/// <summary>What a partition becomes when rows are written over it.</summary>
internal sealed class RowMerge
{
    // The row that a merged row is taken from: incoming, or the complement of a stored one.
    private readonly List<int> _origins;

    private RowMerge(int capacity)
    {
        _origins = new List<int>(capacity);
        Headers = new List<RowHeader>(capacity);
        Since = new List<int>(capacity);
    }

    /// <summary>Rows for a partition that does not exist yet; their values need not be looked at.</summary>
    public static RowMerge First(IReadOnlyList<RowHeader> incoming, int generation)
    {
        var merge = new RowMerge(incoming.Count) { Outcome = new WriteOutcome(incoming.Count, 0) };
        merge.Headers.AddRange(incoming);
        for (int row = 0; row < incoming.Count; row++)
        {
            merge.Since.Add(generation);
            merge._origins.Add(row);
        }
        return merge;
    }

    /// <summary>Merges <paramref name="incoming"/> over <paramref name="stored"/>, both in ordinal order of ids.</summary>
    /// <param name="stored">The live rows.</param>
    /// <param name="incoming">The new rows; they win.</param>
    /// <param name="generation">The generation that new and changed rows belong to.</param>
    public static RowMerge Over(StoredRows stored, VectorBatch incoming, int generation)
    {
        var old = stored.Batch;
        var merge = new RowMerge(old.Count + incoming.Count);
        int oldRow = 0, newRow = 0, written = 0;
        while (oldRow < old.Count || newRow < incoming.Count)
        {
            int order = oldRow == old.Count ? 1
                : newRow == incoming.Count ? -1
                : string.CompareOrdinal(old.Headers[oldRow].EntityId, incoming.Headers[newRow].EntityId);
            if (order < 0)
            {
                merge.Add(old.Headers[oldRow], stored.Since[oldRow], ~oldRow++);
                continue;
            }
            bool isUnchanged = order == 0 && old.Headers[oldRow] == incoming.Headers[newRow] && HasSameBits(old.Row(oldRow), incoming.Row(newRow));
            merge.Add(incoming.Headers[newRow], isUnchanged ? stored.Since[oldRow] : generation, newRow++);
            written += isUnchanged ? 0 : 1;
            oldRow += order == 0 ? 1 : 0;
        }
        merge.Outcome = new WriteOutcome(written, incoming.Count - written);
        merge.RemainingOldRows = merge.Headers.Count - incoming.Count;
        return merge;
    }

    /// <summary>Whose rows the result has.</summary>
    public List<RowHeader> Headers { get; }

    /// <summary>The generation in which each row got its value.</summary>
    public List<int> Since { get; }

    /// <summary>What the write changes.</summary>
    public WriteOutcome Outcome { get; private set; }

    /// <summary>Stored rows that no incoming row replaces.</summary>
    public int RemainingOldRows { get; private set; }

    /// <summary>The values of row <paramref name="index"/> of the result.</summary>
    public ReadOnlyMemory<float> Row(int index, StoredRows? stored, VectorBatch incoming) =>
        _origins[index] < 0 ? stored!.Batch.Row(~_origins[index]) : incoming.Row(_origins[index]);

    private void Add(RowHeader header, int since, int origin)
    {
        Headers.Add(header);
        Since.Add(since);
        _origins.Add(origin);
    }

    // Bits, not numbers: 0 and -0 are equal numbers but different files.
    private static bool HasSameBits(ReadOnlyMemory<float> a, ReadOnlyMemory<float> b) =>
        MemoryMarshal.AsBytes(a.Span).SequenceEqual(MemoryMarshal.AsBytes(b.Span));
}
