using System.Runtime.InteropServices;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Storage.Folder.Vectors;

/// <summary>What a partition becomes when rows are written over it.</summary>
internal sealed class RowMerge
{
    private readonly List<int> _origins = [];

    /// <summary>Merges <paramref name="incoming"/> over <paramref name="stored"/>, both in ordinal order of ids.</summary>
    /// <param name="stored">The live rows, or null.</param>
    /// <param name="incoming">The new rows; they win.</param>
    /// <param name="generation">The generation that new and changed rows belong to.</param>
    public RowMerge(StoredRows? stored, VectorBatch incoming, int generation)
    {
        VectorBatch? old = stored?.Batch;
        int oldRow = 0, newRow = 0, written = 0;
        while (oldRow < (old?.Count ?? 0) || newRow < incoming.Count)
        {
            int order = oldRow == (old?.Count ?? 0) ? 1
                : newRow == incoming.Count ? -1
                : string.CompareOrdinal(old!.Headers[oldRow].EntityId, incoming.Headers[newRow].EntityId);
            if (order < 0)
            {
                Headers.Add(old!.Headers[oldRow]);
                Since.Add(stored!.Since[oldRow]);
                _origins.Add(~oldRow++);
                continue;
            }
            bool isUnchanged = order == 0 && old!.Headers[oldRow] == incoming.Headers[newRow] && HasSameBits(old.Row(oldRow), incoming.Row(newRow));
            Headers.Add(incoming.Headers[newRow]);
            Since.Add(isUnchanged ? stored!.Since[oldRow] : generation);
            _origins.Add(newRow++);
            written += isUnchanged ? 0 : 1;
            oldRow += order == 0 ? 1 : 0;
        }
        Outcome = new WriteOutcome(written, incoming.Count - written);
        RemainingOldRows = Headers.Count - incoming.Count;
    }

    /// <summary>Whose rows the result has.</summary>
    public List<RowHeader> Headers { get; } = [];

    /// <summary>The generation in which each row got its value.</summary>
    public List<int> Since { get; } = [];

    /// <summary>What the write changes.</summary>
    public WriteOutcome Outcome { get; }

    /// <summary>Stored rows that no incoming row replaces.</summary>
    public int RemainingOldRows { get; }

    /// <summary>The values of row <paramref name="index"/> of the result.</summary>
    public ReadOnlyMemory<float> Row(int index, StoredRows? stored, VectorBatch incoming) =>
        _origins[index] < 0 ? stored!.Batch.Row(~_origins[index]) : incoming.Row(_origins[index]);

    // Bits, not numbers: 0 and -0 are equal numbers but different files.
    private static bool HasSameBits(ReadOnlyMemory<float> a, ReadOnlyMemory<float> b) =>
        MemoryMarshal.AsBytes(a.Span).SequenceEqual(MemoryMarshal.AsBytes(b.Span));
}
