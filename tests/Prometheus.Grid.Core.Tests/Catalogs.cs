using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Core.Tests;

internal static class Catalogs
{
    /// <summary>The models that ship with the product.</summary>
    public static ModelCatalog Shipped { get; } = ModelCatalog.Load(Path.Combine(TestData.RepositoryRoot, "models"));
}
