using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Embedded.Tests;

/// <summary>A store of joint rows that finds buckets and keeps a log of changes, as Postgres does, and counts what it is asked.</summary>
internal sealed class BucketsInMemory : IGridStore, IVectorStore, IBucketStore
{
    private readonly SortedDictionary<string, (float[] Row, int Version)> _rows = new(StringComparer.Ordinal);
    private int _version;
    private int _logSince;

    public string History { get; set; } = "database 1";

    public int BucketReads { get; private set; }

    public int ChangeReads { get; private set; }

    public string Description => "memory";

    public IVectorStore Vectors => this;

    public IAsyncEnumerable<KeptFinding> VerifyKeptAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public IGridInputs Inputs => throw new NotSupportedException();

    public IArtifactStore Artifacts => throw new NotSupportedException();

    public void Put(string entityId, params float[] row) => _rows[entityId] = (row, ++_version);

    public void Delete(string entityId)
    {
        _rows.Remove(entityId);
        DropLog();
    }

    /// <summary>From now on the log does not say what changed before.</summary>
    public void DropLog() => _logSince = ++_version;

    /// <summary>The state of a version before, as a backup has it.</summary>
    public (SortedDictionary<string, (float[], int)> Rows, int Version) Back() => (new(_rows, StringComparer.Ordinal), _version);

    public void Restore((SortedDictionary<string, (float[] Row, int Version)> Rows, int Version) backup)
    {
        _rows.Clear();
        foreach (var row in backup.Rows)
            _rows.Add(row.Key, row.Value);
        _version = backup.Version;
    }

    public Task<VectorPartition?> ReadBucketAsync(PartitionKey key, int bucket, int count, IRowSink sink, CancellationToken cancellationToken)
    {
        BucketReads++;
        if (_rows.Count == 0)
            return Task.FromResult<VectorPartition?>(null);
        sink.Begin(Dimension);
        // Not in their order.
        foreach ((string id, var row) in _rows.Where(row => EntityBuckets.BucketOf(row.Key, count) == bucket).Reverse())
            row.Row.CopyTo(sink.Add(new RowHeader(id, "", "", "here")));
        return Task.FromResult<VectorPartition?>(Of(key, []));
    }

    public Task<VectorChanges?> ReadChangedAsync(PartitionKey key, EntityBuckets buckets, string since, CancellationToken cancellationToken)
    {
        ChangeReads++;
        int version = int.Parse(since, System.Globalization.CultureInfo.InvariantCulture);
        string[] changed = [.. _rows.Where(row => row.Value.Version > version && buckets.Hold(row.Key)).Select(row => row.Key)];
        return Task.FromResult(version < _logSince || version > _version ? null : new VectorChanges(Of(key, changed), AreAll: false));
    }

    public Task<string> HistoryAsync(CancellationToken cancellationToken) => Task.FromResult(History);

    public Task<IReadOnlyList<VectorPartition?>> HeadersAsync(IReadOnlyList<PartitionKey> keys, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<VectorPartition?>>([.. keys.Select(key => _rows.Count == 0 ? null : Of(key, []))]);

    public async Task<string?> VersionAsync(PartitionKey key, CancellationToken cancellationToken) => (await HeadersAsync([key], cancellationToken))[0]?.Version;

    public Task<VectorPartition?> ReadAsync(PartitionKey key, IReadOnlyCollection<string>? entityIds, DateTimeOffset? asKnown, CancellationToken cancellationToken) =>
        Task.FromResult<VectorPartition?>(_rows.Count == 0 ? null : Of(key, [.. _rows.Keys.Where(id => entityIds?.Contains(id) != false)]));

    public Task<IReadOnlyList<PartitionKey>> ListAsync(BranchKind? kind, string? modelId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IPartitionWriter> BeginAsync(PartitionKey key, int dimension, string origin, string fingerprint, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<WriteOutcome> PutAsync(PartitionKey key, VectorBatch rows, string origin, CancellationToken cancellationToken) => throw new NotSupportedException();

    public IAsyncEnumerable<StoreFinding> VerifyAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<VacuumOutcome> VacuumAsync(DateTimeOffset olderThan, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private int Dimension => _rows.First().Value.Row.Length;

    private VectorPartition Of(PartitionKey key, string[] ids) => new(
        key, new VectorBatch([.. ids.Select(id => new RowHeader(id, "", "", "here"))], ids.SelectMany(id => _rows[id].Row).ToArray(), Dimension), "o", default,
        FormattableString.Invariant($"{_version}"));
}
