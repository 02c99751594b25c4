using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Hosting;

/// <summary>Which models and spaces a host knows: those of the product, those beside the data, and those of the user's own.</summary>
public static class GridModels
{
    /// <summary>Where manifests and fits of the product are: GRID_MODELS, or beside the program.</summary>
    public static string ProductFolder =>
        Environment.GetEnvironmentVariable("GRID_MODELS") is { Length: > 0 } folder ? folder : Path.Combine(AppContext.BaseDirectory, "models");

    /// <summary>Where <c>grid models fit</c> puts a model of the user's own, and every host looks for it.</summary>
    /// <param name="dataFolder">The data folder.</param>
    public static string FolderOf(string dataFolder) => Path.Combine(dataFolder, "models");

    /// <summary>Reads all manifests.</summary>
    /// <param name="dataFolder">The data folder; it need not exist.</param>
    /// <param name="own">One more folder, or null.</param>
    /// <exception cref="BadInputException">A manifest is not what the format asks for, or an id occurs twice.</exception>
    public static ModelCatalog Load(string dataFolder, string? own = null)
    {
        string[] folders = own is null ? [ProductFolder, FolderOf(dataFolder)] : [ProductFolder, FolderOf(dataFolder), own];
        return ModelCatalog.Load(folders.Select(Path.GetFullPath).Distinct(StringComparer.Ordinal));
    }
}
