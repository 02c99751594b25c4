using Prometheus.Grid.Core.Fusion;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Search;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Embedded.Search;

/// <summary>
/// Keeps the partitions that searches scan in memory, coded and ready, as long as the store says that they are still true; the least
/// recently used go first when they outgrow the budget.
/// </summary>
internal sealed class RowSetCache(IGridStore store, long budgetBytes)
{
    private readonly SpaceReader _spaces = new(store);
    private readonly Dictionary<(string ModelId, DateOnly AsOf, string Branches), Entry> _entries = [];
    private long _clock;

    /// <summary>The stored joint rows of a date.</summary>
    public async Task<RowSet> JointAsync(SpaceManifest space, DateOnly asOf, DateTimeOffset? asKnown, CancellationToken cancellationToken)
    {
        if (asKnown is not null)
            return RowSet.Of(await _spaces.JointAsync(space, asOf, null, asKnown, cancellationToken), cancellationToken);
        Entry entry = EntryOf((space.ModelId, asOf, ""));
        await entry.Gate.WaitAsync(cancellationToken);
        try
        {
            string? version = await store.Vectors.VersionAsync(KeyOf(space, asOf), cancellationToken);
            if (version is not null && version == entry.Version)
                return entry.Sets[0];
            VectorPartition partition = await _spaces.JointAsync(space, asOf, null, null, cancellationToken);
            if (entry.Sets is [var known] && known.Shard.Shape.Dimensions == partition.Rows.Dimension)
                known.Update(partition);
            else
                entry.Sets = [RowSet.Of(partition, cancellationToken)];
            entry.Version = partition.Version;
            return entry.Sets[0];
        }
        finally
        {
            entry.Gate.Release();
            Trim();
        }
    }

    /// <summary>The branch vectors behind the joint rows of a date, a set for each combination of branches that rows have.</summary>
    /// <param name="fused">The space with the branch models that the rows of the date were fused from.</param>
    /// <param name="asOf">The date.</param>
    /// <param name="asKnown">Rows as known at this time; null for now.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public async Task<IReadOnlyList<RowSet>> BranchesAsync(
        SpaceManifest fused, DateOnly asOf, DateTimeOffset? asKnown, CancellationToken cancellationToken)
    {
        if (asKnown is not null)
            return await ReadBranchesAsync(fused, asOf, asKnown, cancellationToken);
        Entry entry = EntryOf((fused.ModelId, asOf, JointOrigin.Of(fused)));
        await entry.Gate.WaitAsync(cancellationToken);
        try
        {
            // Read before the rows: rows that are newer than their version are read again, never the other way round.
            string version = await VersionOfBranchesAsync(fused, asOf, cancellationToken);
            if (version != entry.Version)
            {
                entry.Sets = await ReadBranchesAsync(fused, asOf, null, cancellationToken);
                entry.Version = version;
            }
            return entry.Sets;
        }
        finally
        {
            entry.Gate.Release();
            Trim();
        }
    }

    private async Task<IReadOnlyList<RowSet>> ReadBranchesAsync(
        SpaceManifest fused, DateOnly asOf, DateTimeOffset? asKnown, CancellationToken cancellationToken)
    {
        VectorPartition joint = await _spaces.JointAsync(fused, asOf, null, asKnown, cancellationToken);
        ReadOnlyMemory<float>[][] branches = await _spaces.BranchesAsync(fused, asOf, joint.Rows.Headers, allRows: true, asKnown, cancellationToken);
        return BranchRows.Of(BranchFusion.For(fused), joint, branches, cancellationToken);
    }

    private async Task<string> VersionOfBranchesAsync(SpaceManifest fused, DateOnly asOf, CancellationToken cancellationToken)
    {
        string?[] versions = new string?[fused.Branches.Count + 1];
        versions[0] = await store.Vectors.VersionAsync(KeyOf(fused, asOf), cancellationToken);
        for (int branch = 0; branch < fused.Branches.Count; branch++)
        {
            PartitionKey key = new(fused.Branches[branch].Kind, fused.Branches[branch].ModelId, asOf);
            versions[branch + 1] = await store.Vectors.VersionAsync(key, cancellationToken);
        }
        return string.Join('\n', versions);
    }

    private static PartitionKey KeyOf(SpaceManifest space, DateOnly asOf) => new(BranchKind.Joint, space.ModelId, asOf);

    private Entry EntryOf((string, DateOnly, string) key)
    {
        lock (_entries)
        {
            if (!_entries.TryGetValue(key, out Entry? entry))
                _entries.Add(key, entry = new Entry());
            entry.LastUsed = ++_clock;
            return entry;
        }
    }

    /// <summary>Forgets the least recently used entries; searches that still hold one finish with it.</summary>
    private void Trim()
    {
        lock (_entries)
        {
            long bytes = _entries.Values.Sum(entry => entry.Bytes);
            foreach (var (key, entry) in _entries.OrderBy(pair => pair.Value.LastUsed).SkipLast(1).ToArray())
            {
                if (bytes <= budgetBytes)
                    return;
                bytes -= entry.Bytes;
                _entries.Remove(key);
            }
        }
    }

    private sealed class Entry
    {
        public SemaphoreSlim Gate { get; } = new(1);

        public string? Version { get; set; }

        public IReadOnlyList<RowSet> Sets { get; set; } = [];

        public long LastUsed { get; set; }

        public long Bytes => Sets.Sum(set => set.Bytes);
    }
}
