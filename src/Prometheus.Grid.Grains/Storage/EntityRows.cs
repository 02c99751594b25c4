using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Grains.Storage;

/// <summary>
/// What an entity holds of the store: the rows of the date that it was last asked for. The tables are the truth, so each call begins with one
/// question for the recipes and versions of all partitions that it holds rows of or is about, asked together with the other entities of the silo,
/// and drops what is no longer true.
/// </summary>
/// <param name="store">The store of the silo.</param>
internal sealed class EntityRows(SharedStore store)
{
    private DateOnly _date;
    private Dictionary<RowKey, VectorPartition?> _held = [];
    private Dictionary<PartitionKey, VectorPartition?>? _recipes;

    /// <summary>The store for one call. Nothing that it answers is older than this question.</summary>
    /// <param name="asOf">The date of the call.</param>
    /// <param name="about">Partitions whose recipes the call will want.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IGridStore> OpenAsync(DateOnly asOf, IEnumerable<PartitionKey> about, CancellationToken cancellationToken)
    {
        if (asOf != _date)
            (_date, _held, _recipes) = (asOf, [], null);
        // Calls interleave: each trusts what it verified or read itself, never what another call is just reading.
        var held = _held;
        KeyValuePair<RowKey, VectorPartition?>[] before = [.. held];
        PartitionKey[] keys = [.. about.Concat(before.Select(row => row.Key.Partition)).Distinct()];
        var answers = keys.Length > 0 ? await store.Vectors.HeadersAsync(keys, cancellationToken) : [];
        var headers = keys.Zip(answers).ToDictionary(pair => pair.First, pair => pair.Second);
        var verified = new Dictionary<RowKey, VectorPartition?>(before.Length);
        foreach ((var key, var row) in before)
        {
            if (row?.Version == headers[key.Partition]?.Version)
                verified.Add(key, row);
        }
        return new View(this, store, held, verified, headers, isAsked: true);
    }

    /// <summary>
    /// The store for a put like the last one of the date, without a question: that one relied on nothing but the recipes of partitions, and a write of this
    /// store is refused where a partition has another by now.
    /// </summary>
    /// <param name="asOf">The date of the put.</param>
    /// <returns>Null where the store is to be asked. The writes of what is returned may throw <see cref="OutdatedException"/>; then it is to be asked too.</returns>
    public IGridStore? TryOpen(DateOnly asOf) =>
        asOf == _date && _recipes is { } recipes ? new View(this, store, _held, [], new(recipes), isAsked: false) : null;

    /// <summary>The row of an entity in a partition.</summary>
    private readonly record struct RowKey(PartitionKey Partition, string EntityId);

    private sealed class View(
        EntityRows owner,
        SharedStore store,
        Dictionary<RowKey, VectorPartition?> held,
        Dictionary<RowKey, VectorPartition?> verified,
        Dictionary<PartitionKey, VectorPartition?> headers,
        bool isAsked)
        : DelegatingVectorStore(store.Vectors), IGridStore
    {
        // A write leaves a row without a version: true for the rest of this call, to be read again by the next.
        private const string Unknown = "";

        // Whether the call knows more of the store than recipes.
        private bool _hasRead;

        public string Description => store.Description;

        public IGridInputs Inputs => store.Inputs;

        public IVectorStore Vectors => this;

        public IArtifactStore Artifacts => store.Artifacts;

        public IAsyncEnumerable<KeptFinding> VerifyKeptAsync(CancellationToken cancellationToken) => store.VerifyKeptAsync(cancellationToken);

        public override async Task<VectorPartition?> ReadAsync(
            PartitionKey key, IReadOnlyCollection<string>? entityIds, DateTimeOffset? asKnown, CancellationToken cancellationToken)
        {
            _hasRead |= entityIds is not { Count: 0 };
            if (asKnown is not null || entityIds is null || entityIds.Count > 1)
                return await base.ReadAsync(key, entityIds, asKnown, cancellationToken);
            if (entityIds.FirstOrDefault() is not { } id)
                return headers.TryGetValue(key, out var header) ? header : headers[key] = await base.ReadAsync(key, entityIds, null, cancellationToken);
            var row = new RowKey(key, id);
            if (verified.TryGetValue(row, out var known))
                return known;
            var read = await store.Vectors.ReadRowAsync(key, id, cancellationToken);
            return held[row] = verified[row] = read;
        }

        public override async Task<IReadOnlyList<VectorPartition?>> HeadersAsync(IReadOnlyList<PartitionKey> keys, CancellationToken cancellationToken) =>
            keys.All(headers.ContainsKey) ? [.. keys.Select(key => headers[key])]
            : isAsked ? await base.HeadersAsync(keys, cancellationToken)
            : throw new OutdatedException();

        public override async Task<WriteOutcome> PutAsync(PartitionKey key, VectorBatch rows, string origin, CancellationToken cancellationToken) =>
            (await PutTogetherAsync([new VectorPut(key, rows, origin)], cancellationToken))[0];

        public override async Task<IReadOnlyList<WriteOutcome>> PutTogetherAsync(IReadOnlyList<VectorPut> puts, CancellationToken cancellationToken)
        {
            var outcomes = isAsked
                ? await base.PutTogetherAsync(puts, cancellationToken)
                : await TryPutAsync(puts, cancellationToken) ?? throw new OutdatedException();
            foreach (var put in puts)
            {
                var written = new VectorPartition(put.Key, put.Rows, put.Origin, default, Unknown);
                var row = new RowKey(put.Key, put.Rows.Headers[0].EntityId);
                (headers[put.Key], held[row], verified[row]) = (written, written, written);
            }
            if (owner._held == held)
                owner._recipes = _hasRead ? null : new(headers);
            return outcomes;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        /// <summary>Puts if all that the call relied on is still so; null where it is not, or is more than the store can tell in a write.</summary>
        private async Task<IReadOnlyList<WriteOutcome>?> TryPutAsync(IReadOnlyList<VectorPut> puts, CancellationToken cancellationToken)
        {
            if (_hasRead)
                return null;
            PartitionRecipe[] expected =
            [
                .. headers.Where(header => puts.All(put => put.Key != header.Key)).Select(header => new PartitionRecipe(header.Key, header.Value?.Origin)),
            ];
            return await store.Vectors.TryPutTogetherAsync(puts, expected, cancellationToken);
        }
    }
}
