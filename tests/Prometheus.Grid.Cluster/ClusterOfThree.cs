using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using Prometheus.Grid.Client;
using Prometheus.Grid.Conformance.Grids;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Grains;
using Prometheus.Grid.Storage.Folder;

namespace Prometheus.Grid.Cluster;

/// <summary>Three silos in this process over one data folder, and a client that knows nothing but the cluster.</summary>
public class ClusterOfThree : GridFixture
{
    /// <summary>So few that every backfill of the suite has several.</summary>
    public const int ChunkSize = 7;

    private InProcessTestCluster? _cluster;
    private FolderStore? _store;

    /// <summary>The silos and their client.</summary>
    public InProcessTestCluster Cluster => _cluster!;

    /// <summary>How many chunks of backfills each silo was asked to encode.</summary>
    public ConcurrentDictionary<string, int> ChunksBySilo { get; } = new(StringComparer.Ordinal);

    protected override async Task<IEmbeddingGrid> OpenAsync(string folder, ModelCatalog catalog, TimeProvider time)
    {
        var token = TestContext.Current.CancellationToken;
        _store = await FolderStore.OpenAsync(folder, new FolderStoreOptions { Time = time }, token);
        _cluster = await StartAsync(_store, catalog, ChunksBySilo);
        return await OverAsync(await ClusterGrid.OpenAsync(_cluster.Client, null, token), _store);
    }

    /// <summary>What the suite asks: the cluster itself, or something in front of it.</summary>
    protected virtual Task<IEmbeddingGrid> OverAsync(ClusterGrid grid, IGridStore store) => Task.FromResult<IEmbeddingGrid>(grid);

    public override async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
            await _cluster.DisposeAsync();
        if (_store is not null)
            await _store.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private static async Task<InProcessTestCluster> StartAsync(IGridStore store, ModelCatalog catalog, ConcurrentDictionary<string, int> chunks)
    {
        var builder = new InProcessTestClusterBuilder(initialSilosCount: 3);
        builder.ConfigureSilo((options, silo) =>
        {
            // Instances, not factories: the silos must not close what they share.
            silo.Services.AddSingleton(store).AddSingleton(catalog).AddSingleton(EncoderRegistry.BuiltIn(workers: 2));
            silo.AddMemoryGrainStorage(GridSiloExtensions.BackfillStorage);
            silo.AddGrid(new GridOptions { Workers = 2, ChunkSize = ChunkSize });
            silo.AddIncomingGrainCallFilter(call =>
            {
                if (call.Grain is IChunkGrain)
                    chunks.AddOrUpdate(options.SiloName, 1, (_, count) => count + 1);
                return call.Invoke();
            });
        });
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;
    }
}
