using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Embedded;
using Prometheus.Grid.Storage.Folder;

namespace Prometheus.Grid.Conformance.Grids;

public sealed class EmbeddedOnFolder : GridFixture
{
    protected override async Task<IEmbeddingGrid> OpenAsync(string folder, ModelCatalog catalog, TimeProvider time)
    {
        var store = await FolderStore.OpenAsync(folder, new FolderStoreOptions { Time = time }, TestContext.Current.CancellationToken);
        return new EmbeddedGrid(store, catalog, EncoderRegistry.BuiltIn(workers: 2), workers: 2);
    }
}

public sealed class EmbeddedGridOnFolderTests(EmbeddedOnFolder fixture) : GridConformance<EmbeddedOnFolder>(fixture);
