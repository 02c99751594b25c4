using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Embedded;
using Prometheus.Grid.Storage.Folder;
using Prometheus.Grid.Synthetic;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Analysis.Tests;

/// <summary>A data folder with a made-up market, and a grid over it.</summary>
internal sealed class MarketFolder : IAsyncDisposable
{
    public const string Portfolios = "joint-portfolio-core-v1", Issuers = "joint-profile-core-v2";

    private readonly string _path;

    private MarketFolder(string path, EmbeddedGrid grid, UniverseAnswers universe) => (_path, Grid, Universe) = (path, grid, universe);

    public EmbeddedGrid Grid { get; }

    public UniverseAnswers Universe { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Writes a market, lets the caller change its files, and opens it.</summary>
    /// <param name="market">The market.</param>
    /// <param name="edit">Changes the folder; null for nothing.</param>
    /// <param name="backfills">What is built; see <see cref="OfPortfolios"/> and <see cref="OfIssuers"/>.</param>
    public static async Task<MarketFolder> MakeAsync(SyntheticMarketOptions market, Action<string>? edit, IReadOnlyList<BackfillRequest> backfills)
    {
        string path = Directory.CreateTempSubdirectory("grid-analysis-").FullName;
        await SyntheticMarket.WriteAsync(path, market, cancellationToken: Token);
        edit?.Invoke(path);
        var encoders = EncoderRegistry.BuiltIn(workers: 2);
        var store = await FolderStore.OpenAsync(path, new FolderStoreOptions(), Token);
        var grid = new EmbeddedGrid(store, ModelCatalog.Load(Path.Combine(TestData.RepositoryRoot, "models")), encoders, workers: 2);
        foreach (var request in backfills)
            await grid.BackfillAsync(request, null, Token);
        return new MarketFolder(path, grid, new UniverseAnswers(grid, store, encoders, workers: 2));
    }

    public static IReadOnlyList<BackfillRequest> OfPortfolios(DateRange dates) =>
    [
        new PortfolioBackfill { ModelId = "num-portfolio-core-v1", Dates = dates },
        new JointPortfolioBackfill { ModelId = Portfolios, Dates = dates },
    ];

    public static IReadOnlyList<BackfillRequest> OfIssuers(IEnumerable<DateOnly> dates) =>
    [
        .. dates.SelectMany(day => (BackfillRequest[])
        [
            new NumericBackfill { ModelId = "num-profile-core-v2", Dates = DateRange.On(day) },
            new NumericBackfill { ModelId = "num-regime-core-v2", Dates = DateRange.On(day) },
            new TextBackfill { ModelId = "text-lsa-v1", Dates = DateRange.On(day) },
            new JointProfileBackfill { ModelId = Issuers, Dates = DateRange.On(day) },
        ]),
    ];

    public async Task<List<JointRow>> ListAsync(string modelId, DateOnly day)
    {
        var rows = new List<JointRow>();
        await foreach (var row in Grid.ListJointAsync(new JointListing(modelId, DateRange.On(day)), Token))
            rows.Add(row);
        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        await Grid.DisposeAsync();
        Directory.Delete(_path, recursive: true);
    }
}
