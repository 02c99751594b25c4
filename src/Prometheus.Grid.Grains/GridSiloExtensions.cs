using Microsoft.Extensions.DependencyInjection;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Grains.Backfill;
using Prometheus.Grid.Grains.Placement;
using Prometheus.Grid.Grains.Search;

namespace Prometheus.Grid.Grains;

/// <summary>Makes a silo part of the grid.</summary>
public static class GridSiloExtensions
{
    /// <summary>
    /// Adds the grains' shared parts. <see cref="IGridStore"/>, <see cref="ModelCatalog"/> and <see cref="EncoderRegistry"/> are to be
    /// registered by the host, and a grain storage named <see cref="BackfillStorage"/>.
    /// </summary>
    public static ISiloBuilder AddGrid(this ISiloBuilder silo, GridOptions options)
    {
        silo.Services.AddSingleton(options);
        silo.Services.AddSingleton<IChunkEncoder, SiloChunks>();
        silo.Services.AddSingleton<SiloGrid>();
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, SiloReadiness>();
        silo.AddPlacementDirector<SpreadShards, SpreadShardsDirector>();
        silo.AddPlacementDirector<AtSilo, AtSiloDirector>();
        return silo;
    }

    /// <summary>Name of the grain storage in which backfills remember their completed days.</summary>
    public const string BackfillStorage = "grid";
}
