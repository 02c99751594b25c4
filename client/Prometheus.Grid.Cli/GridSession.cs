using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Embedded;
using Prometheus.Grid.Storage.Folder;

namespace Prometheus.Grid.Cli;

/// <summary>The one place where rooms are put together: a store, the models and the grid over them.</summary>
internal sealed partial class GridSession : IAsyncDisposable
{
    private GridSession(IGridStore store, IEmbeddingGrid grid) => (Store, Grid) = (store, grid);

    /// <summary>For what a grid does not do: checking, vacuuming, moving vectors in and out.</summary>
    public IGridStore Store { get; }

    public IEmbeddingGrid Grid { get; }

    public static async Task<GridSession> OpenAsync(StoreChoice choice, bool create, CancellationToken cancellationToken)
    {
        var workers = Environment.ProcessorCount;
        IGridStore store = choice.Postgres is null
            ? await FolderStore.OpenAsync(choice.Folder, new FolderStoreOptions { Create = create }, cancellationToken)
            : throw new BadInputException("--postgres", choice.Postgres, "nothing yet: this version works on a data folder");
        return new GridSession(store, new EmbeddedGrid(store, LoadCatalog(choice), Encoders(workers), workers));
    }

    /// <summary>The models that come with the product, and those that the user has put beside the data.</summary>
    public static ModelCatalog LoadCatalog(StoreChoice choice) => ModelCatalog.Load(ModelFolder, Path.Combine(choice.Folder, "models"));

    /// <summary>Where manifests and fits of the product are: GRID_MODELS, or beside the program.</summary>
    public static string ModelFolder =>
        Environment.GetEnvironmentVariable("GRID_MODELS") is { Length: > 0 } folder ? folder : Path.Combine(AppContext.BaseDirectory, "models");

    private static EncoderRegistry Encoders(int workers)
    {
        var encoders = EncoderRegistry.BuiltIn(workers);
        AddTransformer(encoders, workers);
        return encoders;
    }

    // Without an implementation, in a build without the transformer's packages, the call above falls away.
    static partial void AddTransformer(EncoderRegistry encoders, int workers);

    public ValueTask DisposeAsync() => Grid.DisposeAsync();
}
