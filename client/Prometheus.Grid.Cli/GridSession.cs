using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Core.Universes;
using Prometheus.Grid.Hosting;
using Prometheus.Grid.Storage.Folder;

namespace Prometheus.Grid.Cli;

/// <summary>The grid that a command works on.</summary>
internal sealed class GridSession : IAsyncDisposable
{
    private readonly EmbeddedHost _host;

    private GridSession(EmbeddedHost host) => _host = host;

    /// <summary>For what a grid does not do: checking, vacuuming, moving vectors in and out.</summary>
    public IGridStore Store => _host.Store;

    public IEmbeddingGrid Grid => _host.Grid;

    /// <summary>Answers about whole spaces.</summary>
    public IUniverseAnswers Universe => _host.Universe;

    public static async Task<GridSession> OpenAsync(StoreChoice choice, bool create, string? device, BadRowPolicy badRows, CancellationToken cancellationToken) =>
        new(await EmbeddedHost.OpenAsync(choice.Postgres, choice.Folder, new FolderStoreOptions { Create = create, BadRows = badRows }, device, cancellationToken));

    /// <summary>The models that come with the product, and those that the user has put beside the data.</summary>
    public static ModelCatalog LoadCatalog(StoreChoice choice) => GridModels.Load(choice.Folder);

    public ValueTask DisposeAsync() => _host.DisposeAsync();
}
