using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Grains.Storage;

/// <summary>
/// What an entity holds of the store: the rows of the date that it was last asked for. The tables are the truth, so each call begins with one
/// question for the versions of all that is held, asked together with the other entities of the silo, and drops what is no longer true.
/// </summary>
/// <param name="store">The store of the silo.</param>
internal sealed class EntityRows(SharedStore store)
{
    private DateOnly _date;
    private Dictionary<RowKey, VectorPartition?> _held = [];

    /// <summary>The store for one call. Nothing that it answers is older than this question.</summary>
    public async Task<IGridStore> OpenAsync(DateOnly asOf, CancellationToken cancellationToken)
    {
        if (asOf != _date)
            (_date, _held) = (asOf, []);
        // Calls interleave: each trusts what it verified or read itself, never what another call is just reading.
        Dictionary<RowKey, VectorPartition?> held = _held;
        KeyValuePair<RowKey, VectorPartition?>[] before = [.. held];
        PartitionKey[] keys = [.. before.Select(row => row.Key.Partition).Distinct()];
        IReadOnlyList<string?> versions = keys.Length > 0 ? await store.Vectors.VersionsAsync(keys, cancellationToken) : [];
        var verified = new Dictionary<RowKey, VectorPartition?>(before.Length);
        foreach ((RowKey key, VectorPartition? row) in before)
        {
            if (row?.Version == versions[Array.IndexOf(keys, key.Partition)])
                verified.Add(key, row);
        }
        return new View(store, held, verified);
    }

    /// <summary>A row of an entity in a partition; no entity for the partition's recipe alone.</summary>
    private readonly record struct RowKey(PartitionKey Partition, string? EntityId);

    private sealed class View(SharedStore store, Dictionary<RowKey, VectorPartition?> held, Dictionary<RowKey, VectorPartition?> verified)
        : DelegatingVectorStore(store.Vectors), IGridStore
    {
        // A write leaves a row without a version: true for the rest of this call, to be read again by the next.
        private const string Unknown = "";

        public string Description => store.Description;

        public IGridInputs Inputs => store.Inputs;

        public IVectorStore Vectors => this;

        public IArtifactStore Artifacts => store.Artifacts;

        public override async Task<VectorPartition?> ReadAsync(
            PartitionKey key, IReadOnlyCollection<string>? entityIds, DateTimeOffset? asKnown, CancellationToken cancellationToken)
        {
            if (asKnown is not null || entityIds is null || entityIds.Count > 1)
                return await base.ReadAsync(key, entityIds, asKnown, cancellationToken);
            var row = new RowKey(key, entityIds.FirstOrDefault());
            if (verified.TryGetValue(row, out VectorPartition? known))
                return known;
            VectorPartition? read = row.EntityId is { } id
                ? await store.Vectors.ReadRowAsync(key, id, cancellationToken)
                : await base.ReadAsync(key, entityIds, null, cancellationToken);
            return held[row] = verified[row] = read;
        }

        public override async Task<WriteOutcome> PutAsync(PartitionKey key, VectorBatch rows, string origin, CancellationToken cancellationToken)
        {
            WriteOutcome outcome = await base.PutAsync(key, rows, origin, cancellationToken);
            var written = new VectorPartition(key, rows, origin, default, Unknown);
            foreach (RowKey row in (RowKey[])[new RowKey(key, null), new RowKey(key, rows.Headers[0].EntityId)])
                held[row] = verified[row] = written;
            return outcome;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
