using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Grains.Storage;

/// <summary>Gives each of several holders its part of what was read for all of them.</summary>
internal static class VectorChangesOf
{
    /// <summary>For each call the rows of its buckets; null where there were none to be had.</summary>
    public static IReadOnlyList<VectorChanges?> Divide(VectorChanges? changes, int of, IReadOnlyList<IReadOnlyList<int>> calls)
    {
        if (changes is null)
            return new VectorChanges?[calls.Count];
        var divided = calls.Count == 1 ? [changes.Partition.Rows] : EntityBuckets.Divide(changes.Partition.Rows, of, calls);
        return [.. divided.Select(rows => changes with { Partition = changes.Partition with { Rows = rows } })];
    }
}
