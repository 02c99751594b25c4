using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Cli;

/// <summary>What commands ask of an id that may be a branch model or a joint one.</summary>
internal static class CatalogExtensions
{
    public static BranchKind KindOf(this ModelCatalog catalog, string modelId) =>
        IsJoint(catalog, modelId) ? BranchKind.Joint : catalog.Model(modelId).Kind;

    /// <summary>Length of its vectors, or null when a run decides it.</summary>
    public static int? DimensionOf(this ModelCatalog catalog, string modelId) =>
        IsJoint(catalog, modelId) ? catalog.Space(modelId).Dimension : catalog.Model(modelId).Dimension;

    private static bool IsJoint(ModelCatalog catalog, string modelId) => catalog.Spaces.Any(space => space.ModelId == modelId);
}
