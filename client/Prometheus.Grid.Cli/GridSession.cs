using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Embedded;
using Prometheus.Grid.Storage.Folder;
using Prometheus.Grid.Storage.Postgres;
using Prometheus.Grid.Text.Onnx;

namespace Prometheus.Grid.Cli;

/// <summary>The one place where rooms are put together: a store, the models and the grid over them.</summary>
internal sealed class GridSession : IAsyncDisposable
{
    // Unless a command says it: cpu, or cuda and cuda:N with the GPU package in the place of the other one (docs/text.md).
    private const string DeviceVariable = "GRID_TEXT_DEVICE";

    private GridSession(IGridStore store, IEmbeddingGrid grid) => (Store, Grid) = (store, grid);

    /// <summary>For what a grid does not do: checking, vacuuming, moving vectors in and out.</summary>
    public IGridStore Store { get; }

    public IEmbeddingGrid Grid { get; }

    public static async Task<GridSession> OpenAsync(StoreChoice choice, bool create, string? device, CancellationToken cancellationToken)
    {
        int workers = Environment.ProcessorCount;
        var encoders = Encoders(workers, device ?? Environment.GetEnvironmentVariable(DeviceVariable) ?? "");
        var catalog = LoadCatalog(choice);
        IGridStore store = choice.Postgres is { } connection
            ? await PostgresStore.OpenAsync(connection, catalog, null, cancellationToken)
            : await FolderStore.OpenAsync(choice.Folder, new FolderStoreOptions { Create = create }, cancellationToken);
        return new GridSession(store, new EmbeddedGrid(store, catalog, encoders, workers));
    }

    /// <summary>The models that come with the product, and those that the user has put beside the data.</summary>
    public static ModelCatalog LoadCatalog(StoreChoice choice) => ModelCatalog.Load(ModelFolder, Path.Combine(choice.Folder, "models"));

    /// <summary>Where manifests and fits of the product are: GRID_MODELS, or beside the program.</summary>
    public static string ModelFolder =>
        Environment.GetEnvironmentVariable("GRID_MODELS") is { Length: > 0 } folder ? folder : Path.Combine(AppContext.BaseDirectory, "models");

    /// <summary>Whether this build has the transformer encoder.</summary>
    public static bool HasTransformer => Encoders(workers: 1, device: "").HasText("transformer");

    private static EncoderRegistry Encoders(int workers, string device)
    {
        var encoders = EncoderRegistry.BuiltIn(workers);
        encoders.AddTransformer(new TransformerOptions { Workers = workers, Device = device.Length == 0 ? "cpu" : device });
        return encoders;
    }

    public ValueTask DisposeAsync() => Grid.DisposeAsync();
}
