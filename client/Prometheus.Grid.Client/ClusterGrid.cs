using System.Runtime.CompilerServices;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Grains;

namespace Prometheus.Grid.Client;

/// <summary>The grid of a cluster. Safe for concurrent callers; calls ride out the loss of silos.</summary>
public sealed class ClusterGrid : IEmbeddingGrid
{
    private readonly IGrainFactory _grains;
    private readonly ClusterCalls _calls;
    private readonly ClusterGridOptions _options;
    private readonly IAsyncDisposable? _owned;
    private readonly GrainsOf<IPortfolioGrain> _portfolios;
    private readonly GrainsOf<IIssuerGrain> _issuers;

    /// <summary>The grid of a cluster whose models are known.</summary>
    /// <param name="grains">A connected client, or the grain factory of a silo.</param>
    /// <param name="catalog">Models and spaces of the cluster.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="owned">Disposed with the grid, or null.</param>
    public ClusterGrid(IGrainFactory grains, ModelCatalog catalog, ClusterGridOptions? options, IAsyncDisposable? owned = null)
    {
        _grains = grains;
        _options = options ?? new ClusterGridOptions();
        _calls = new ClusterCalls(_options);
        _owned = owned;
        _portfolios = new GrainsOf<IPortfolioGrain>(grains);
        _issuers = new GrainsOf<IIssuerGrain>(grains);
        Catalog = catalog;
    }

    /// <inheritdoc/>
    public ModelCatalog Catalog { get; }

    private ISearchGrain Search => _grains.GetGrain<ISearchGrain>(0);

    /// <summary>Opens the grid behind a connected Orleans client, and learns its models and spaces.</summary>
    /// <param name="grains">A connected client, or the grain factory of a silo.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Ends the call early.</param>
    /// <param name="owned">Disposed with the grid, or null.</param>
    public static async Task<ClusterGrid> OpenAsync(
        IGrainFactory grains, ClusterGridOptions? options, CancellationToken cancellationToken, IAsyncDisposable? owned = null)
    {
        options ??= new ClusterGridOptions();
        string catalog = await new ClusterCalls(options).RunAsync(
            "cannot read the models", grains.GetGrain<ISearchGrain>(0).GetCatalogAsync, cancellationToken);
        return new ClusterGrid(grains, ModelCatalog.FromJson(catalog), options, owned);
    }

    /// <inheritdoc/>
    public Task<PutReceipt> PutBranchAsync(BranchPut put, CancellationToken cancellationToken) => _calls.RunAsync(
        $"cannot put a vector of {put.Entity}",
        token => put.Entity.Kind == EntityKind.Instrument ? Search.PutInstrumentAsync(put, token) : EntityOf(put.Entity).PutBranchAsync(put, token),
        cancellationToken);

    /// <inheritdoc/>
    public Task<EntitySnapshot> GetStateAsync(StateQuery query, CancellationToken cancellationToken) =>
        _calls.RunAsync($"cannot read {query.Entity}", token => EntityOf(query.Entity).GetStateAsync(query, token), cancellationToken);

    /// <inheritdoc/>
    public Task<JointRow> GetJointAsync(JointQuery query, CancellationToken cancellationToken)
    {
        var entity = new EntityKey(Catalog.Space(query.ModelId).Entity, query.EntityId);
        return _calls.RunAsync($"cannot read {entity}", token => EntityOf(entity).GetJointAsync(query, token), cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<JointRow> ListJointAsync(JointListing listing, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var stream = new ListingStream(_grains, listing);
        await using (stream)
        {
            while (await _calls.RunAsync("cannot list joint vectors", stream.NextAsync, cancellationToken) is { } row)
                yield return row;
        }
    }

    /// <inheritdoc/>
    public Task<SimilarityAnswer> FindSimilarAsync(SimilarityQuery query, CancellationToken cancellationToken) =>
        _calls.RunAsync("cannot search", token => Search.FindSimilarAsync(query, token), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<HistoryPoint>> HistoryAsync(HistoryQuery query, CancellationToken cancellationToken) =>
        _calls.RunAsync("cannot read the history", token => Search.HistoryAsync(query, token), cancellationToken);

    /// <summary>The mean of the joint vectors of what a portfolio holds on a date, by weight.</summary>
    /// <param name="portfolioId">The portfolio.</param>
    /// <param name="jointModelId">A joint model of issuers.</param>
    /// <param name="asOf">The date of positions and vectors.</param>
    /// <param name="cancellationToken">Ends the call early.</param>
    public Task<HoldingsProfile> GetHoldingsAsync(string portfolioId, string jointModelId, DateOnly asOf, CancellationToken cancellationToken) =>
        _calls.RunAsync(
            $"cannot read portfolio {portfolioId}",
            token => _grains.GetGrain<IPortfolioGrain>(portfolioId).GetHoldingsAsync(jointModelId, asOf, token),
            cancellationToken);

    /// <inheritdoc/>
    public async Task<BackfillReport> BackfillAsync(
        BackfillRequest request, IProgress<BackfillProgress>? progress, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var id = Guid.NewGuid();
        try
        {
            var report = await BackfillAsync(id, request, progress, cancellationToken);
            await ForgetAsync(id);
            return report;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await ForgetAsync(id);
            throw;
        }
    }

    /// <summary>Runs the backfill of an id, or goes on with it: for callers that may be gone before its end, and have others go on.</summary>
    /// <param name="id">Names the backfill in the cluster.</param>
    /// <param name="request">What to build; the same in all calls of one id.</param>
    /// <param name="progress">Told after each committed chunk; may be null.</param>
    /// <param name="cancellationToken">Ends the wait, not the backfill; see <see cref="EndBackfillAsync"/>.</param>
    public async Task<BackfillReport> BackfillAsync(
        Guid id, BackfillRequest request, IProgress<BackfillProgress>? progress, CancellationToken cancellationToken)
    {
        var backfill = _grains.GetGrain<IBackfillGrain>(id);
        BackfillProgress? told = null;
        for (var pause = _options.FirstPause; ; pause = _calls.Longer(pause))
        {
            var status = await _calls.RunAsync("cannot backfill", token => backfill.DriveAsync(request, token), cancellationToken);
            if (status.Progress is { } latest && latest != told)
            {
                progress?.Report(latest);
                told = latest;
            }
            if (status.Report is { } report)
                return report;
            await Task.Delay(pause, cancellationToken);
        }
    }

    /// <summary>Ends the backfill of an id after the chunk under way, and has it forgotten; one that has ended is forgotten too.</summary>
    /// <param name="id">Names the backfill in the cluster.</param>
    /// <param name="cancellationToken">Ends the call early.</param>
    public Task EndBackfillAsync(Guid id, CancellationToken cancellationToken) => _calls.RunAsync(
        "cannot end the backfill",
        async _ =>
        {
            await _grains.GetGrain<IBackfillGrain>(id).EndAsync();
            return true;
        },
        cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _owned?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>Has a backfill forgotten. One that cannot be told now ends by itself and leaves a small record; that is no reason to fail.</summary>
    private async Task ForgetAsync(Guid id)
    {
        try
        {
            await EndBackfillAsync(id, CancellationToken.None);
        }
        catch (GridFaultException)
        {
        }
    }

    private IEntityGrain EntityOf(EntityKey entity) => string.IsNullOrWhiteSpace(entity.Id)
        ? throw new NotFoundException(entity.Kind.ToString().ToLowerInvariant(), entity.Id, "an id is not blank")
        : entity.Kind == EntityKind.Portfolio
        ? _portfolios.Of(entity.Id)
        : _issuers.Of(entity.Id);
}
