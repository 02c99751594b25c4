using System.Runtime.CompilerServices;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Live;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Search;
using Prometheus.Grid.Core.State;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Core.Telemetry;
using Prometheus.Grid.Embedded.Search;
using Prometheus.Grid.Similarity;

namespace Prometheus.Grid.Embedded;

/// <summary>The grid in one process, over any store. Safe for concurrent callers; the store decides how many processes may write.</summary>
public sealed class EmbeddedGrid : IEmbeddingGrid
{
    /// <summary>Shards between queries take at most this part of the memory: the rest is for backfills and the page cache under the store.</summary>
    private const int ShareOfMemory = 4;

    private readonly IGridStore _store;
    private readonly BackfillJob _backfill;
    private readonly EntityReader _entities;
    private readonly LiveUpdate _liveUpdate;
    private readonly SimilaritySearch _search;
    private readonly SpaceReader _spaces;
    private readonly ScanScheduler? _scans;
    private readonly HistoryReader _history;

    /// <summary>Opens the grid with shards in this process; it owns <paramref name="store"/> from now on.</summary>
    /// <param name="store">Inputs and vectors.</param>
    /// <param name="catalog">Models and spaces.</param>
    /// <param name="encoders">What the models compute with.</param>
    /// <param name="workers">Cores to use, at least 1.</param>
    public EmbeddedGrid(IGridStore store, ModelCatalog catalog, EncoderRegistry encoders, int workers)
        : this(store, catalog, encoders, new ScanScheduler(workers), new BackfillJob(new BackfillContext(store, catalog, encoders, workers)))
    {
    }

    /// <summary>Opens the grid over a scanner and a backfill that reach beyond this process; it owns <paramref name="store"/> from now on.</summary>
    /// <param name="store">Inputs and vectors.</param>
    /// <param name="catalog">Models and spaces.</param>
    /// <param name="encoders">What the models compute with.</param>
    /// <param name="scanner">Scans the candidates of searches.</param>
    /// <param name="backfill">Runs backfills.</param>
    public EmbeddedGrid(IGridStore store, ModelCatalog catalog, EncoderRegistry encoders, ICandidateScanner scanner, BackfillJob backfill)
    {
        _store = store;
        Catalog = catalog;
        _backfill = backfill;
        _spaces = new SpaceReader(store);
        _entities = new EntityReader(store, catalog);
        _liveUpdate = new LiveUpdate(store, catalog);
        _search = new SimilaritySearch(store, catalog, encoders, scanner);
        _history = new HistoryReader(store, catalog, scanner);
    }

    private EmbeddedGrid(IGridStore store, ModelCatalog catalog, EncoderRegistry encoders, ScanScheduler scans, BackfillJob backfill)
        : this(store, catalog, encoders, ScannerOf(store, scans), backfill) => _scans = scans;

    /// <inheritdoc/>
    public ModelCatalog Catalog { get; }

    /// <inheritdoc/>
    public async Task<PutReceipt> PutBranchAsync(BranchPut put, CancellationToken cancellationToken)
    {
        var operation = LiveUpdate.Begin(put);
        return await operation.EndsWithAsync(_liveUpdate.PutAsync(put, cancellationToken));
    }

    /// <inheritdoc/>
    public async Task<EntitySnapshot> GetStateAsync(StateQuery query, CancellationToken cancellationToken)
    {
        var operation = GridOperation.Of("get state");
        return await operation.EndsWithAsync(_entities.GetStateAsync(query, cancellationToken));
    }

    /// <inheritdoc/>
    public async Task<JointRow> GetJointAsync(JointQuery query, CancellationToken cancellationToken)
    {
        var operation = GridOperation.Of("get joint");
        return await operation.EndsWithAsync(_entities.GetJointAsync(query, cancellationToken));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<JointRow> ListJointAsync(JointListing listing, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (listing.Limit is < 1)
            throw new BadInputException(nameof(listing.Limit), listing.Limit, "a whole number of 1 or more");
        var space = Catalog.Space(listing.ModelId);
        string[]? wanted = listing.EntityId is null ? null : [listing.EntityId];
        int left = listing.Limit ?? int.MaxValue;
        foreach (var date in await _spaces.DatesAsync(space, listing.Dates, cancellationToken))
        {
            PartitionKey key = new(BranchKind.Joint, space.ModelId, date);
            if (await _store.Vectors.ReadAsync(key, wanted, listing.AsKnown, cancellationToken) is not { } partition)
                continue;
            for (int row = 0; row < partition.Rows.Count; row++)
            {
                if (left-- == 0)
                    yield break;
                yield return EntityReader.ToJointRow(partition, row);
            }
        }
    }

    /// <inheritdoc/>
    public Task<SimilarityAnswer> FindSimilarAsync(SimilarityQuery query, CancellationToken cancellationToken) =>
        _search.FindAsync(query, cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<HistoryPoint>> HistoryAsync(HistoryQuery query, CancellationToken cancellationToken)
    {
        var operation = GridOperation.Of("history");
        return await operation.EndsWithAsync(_history.ReadAsync(query, cancellationToken));
    }

    /// <inheritdoc/>
    public Task<BackfillReport> BackfillAsync(
        BackfillRequest request, IProgress<BackfillProgress>? progress, CancellationToken cancellationToken) =>
        _backfill.RunAsync(request, progress, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _scans?.Dispose();
        return _store.DisposeAsync();
    }

    private static ShardScanner ScannerOf(IGridStore store, ScanScheduler scans)
    {
        var memory = new RowMemory(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / ShareOfMemory);
        GridMetrics.Watch(memory);
        return new([new ShardRows(store, EntityBuckets.All, memory)], new SharedScans(scans));
    }
}
