using System.Globalization;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Cluster.Fakes;

/// <summary>Vectors in memory, with versions, that notes each question it is asked.</summary>
internal sealed class TableStore : IGridStore, IVectorStore
{
    private readonly Dictionary<PartitionKey, VectorPartition> _partitions = [];
    private int _version;

    /// <summary>Each call in its order, for example <c>read num-portfolio-core-v1 on 2023-12-29 [PF_A]</c>.</summary>
    public List<string> Asked { get; } = [];

    public string Description => "tables in memory";

    /// <summary>Nothing that is tested on this store reads the user's tables.</summary>
    public IGridInputs Inputs => null!;

    public IVectorStore Vectors => this;

    public IAsyncEnumerable<KeptFinding> VerifyKeptAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public IArtifactStore Artifacts => throw new NotSupportedException();

    public Task<VectorPartition?> ReadAsync(
        PartitionKey key, IReadOnlyCollection<string>? entityIds, DateTimeOffset? asKnown, CancellationToken cancellationToken)
    {
        Asked.Add($"read {key} [{string.Join(' ', entityIds ?? ["*"])}]");
        var partition = _partitions.GetValueOrDefault(key);
        if (partition is null || entityIds is null)
            return Task.FromResult(partition);
        string[] ids = [.. entityIds.Where(id => partition.Rows.IndexOf(id) >= 0).Order(StringComparer.Ordinal)];
        return Task.FromResult<VectorPartition?>(partition with { Rows = Rows(ids.Select(id => (id, partition.Rows.Row(partition.Rows.IndexOf(id)).ToArray()))) });
    }

    public Task<string?> VersionAsync(PartitionKey key, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<VectorPartition?>> HeadersAsync(IReadOnlyList<PartitionKey> keys, CancellationToken cancellationToken)
    {
        Asked.Add($"headers of {string.Join(", ", keys)}");
        return Task.FromResult<IReadOnlyList<VectorPartition?>>(
            [.. keys.Select(key => _partitions.GetValueOrDefault(key) is { } partition ? partition with { Rows = Rows() } : null)]);
    }

    public Task<WriteOutcome> PutAsync(PartitionKey key, VectorBatch rows, string origin, CancellationToken cancellationToken)
    {
        Asked.Add($"put {key} [{string.Join(' ', rows.Headers.Select(header => header.EntityId))}]");
        var merged = new SortedDictionary<string, float[]>(StringComparer.Ordinal);
        if (_partitions.TryGetValue(key, out var before))
        {
            for (int i = 0; i < before.Rows.Count; i++)
                merged[before.Rows.Headers[i].EntityId] = before.Rows.Row(i).ToArray();
        }
        int unchanged = 0;
        for (int i = 0; i < rows.Count; i++)
        {
            float[] row = rows.Row(i).ToArray();
            unchanged += merged.TryGetValue(rows.Headers[i].EntityId, out float[]? known) && known.SequenceEqual(row) ? 1 : 0;
            merged[rows.Headers[i].EntityId] = row;
        }
        string version = (++_version).ToString(CultureInfo.InvariantCulture);
        _partitions[key] = new VectorPartition(key, Rows(merged.Select(row => (row.Key, row.Value))), origin, DateTimeOffset.UnixEpoch, version);
        return Task.FromResult(new WriteOutcome(rows.Count - unchanged, unchanged));
    }

    public async Task<IReadOnlyList<WriteOutcome>> PutTogetherAsync(IReadOnlyList<VectorPut> puts, CancellationToken cancellationToken)
    {
        var outcomes = new List<WriteOutcome>();
        foreach (var put in puts)
            outcomes.Add(await PutAsync(put.Key, put.Rows, put.Origin, cancellationToken));
        // One question, whatever the number of puts.
        Asked.RemoveRange(Asked.Count - puts.Count + 1, puts.Count - 1);
        return outcomes;
    }

    /// <summary>Rows of two values.</summary>
    public static VectorBatch Rows(params IEnumerable<(string Id, float[] Vector)> rows)
    {
        (string Id, float[] Vector)[] sorted = [.. rows.OrderBy(row => row.Id, StringComparer.Ordinal)];
        return new VectorBatch([.. sorted.Select(row => new RowHeader(row.Id))], sorted.SelectMany(row => row.Vector).ToArray(), 2);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    Task<IReadOnlyList<PartitionKey>> IVectorStore.ListAsync(BranchKind? kind, string? modelId, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    Task<IPartitionWriter> IVectorStore.BeginAsync(
        PartitionKey key, int dimension, string origin, string fingerprint, CancellationToken cancellationToken) => throw new NotSupportedException();

    IAsyncEnumerable<StoreFinding> IVectorStore.VerifyAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<VacuumOutcome> IVectorStore.VacuumAsync(DateTimeOffset olderThan, CancellationToken cancellationToken) => throw new NotSupportedException();
}
