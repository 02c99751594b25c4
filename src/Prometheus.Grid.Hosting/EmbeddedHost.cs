using Prometheus.Grid.Analysis;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Core.Universes;
using Prometheus.Grid.Embedded;
using Prometheus.Grid.Storage.Folder;
using Prometheus.Grid.Storage.Postgres;

namespace Prometheus.Grid.Hosting;

/// <summary>A grid in this process: the store, the models and the encoders, put together.</summary>
public sealed class EmbeddedHost : IAsyncDisposable
{
    private EmbeddedHost(IGridStore store, EmbeddedGrid grid, UniverseAnswers universe) => (Store, Grid, Universe) = (store, grid, universe);

    /// <summary>For what a grid does not do: checking, vacuuming, moving vectors in and out.</summary>
    public IGridStore Store { get; }

    /// <summary>The grid over <see cref="Store"/>.</summary>
    public IEmbeddingGrid Grid { get; }

    /// <summary>Answers about whole spaces of <see cref="Grid"/>.</summary>
    public IUniverseAnswers Universe { get; }

    /// <summary>Opens a grid over Postgres, or over a data folder where <paramref name="postgres"/> is null.</summary>
    /// <param name="postgres">A connection string, or null.</param>
    /// <param name="dataFolder">The data folder; with Postgres only its models count.</param>
    /// <param name="folder">How a data folder is opened.</param>
    /// <param name="textDevice">Where transformers run; see <see cref="GridEncoders.Create"/>.</param>
    /// <param name="cancellationToken">Ends the call early.</param>
    /// <exception cref="GridException">The store cannot be opened, or a setting or manifest is refused.</exception>
    public static async Task<EmbeddedHost> OpenAsync(
        string? postgres, string dataFolder, FolderStoreOptions folder, string? textDevice, CancellationToken cancellationToken)
    {
        int workers = Environment.ProcessorCount;
        var encoders = GridEncoders.Create(workers, textDevice);
        var catalog = GridModels.Load(dataFolder);
        IGridStore store = postgres is not null
            ? await PostgresStore.OpenAsync(postgres, catalog, null, cancellationToken)
            : await FolderStore.OpenAsync(dataFolder, folder, cancellationToken);
        var grid = new EmbeddedGrid(store, catalog, encoders, workers);
        return new EmbeddedHost(store, grid, new UniverseAnswers(grid, store, encoders, workers));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Grid.DisposeAsync();
}
