using Microsoft.Extensions.Logging;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Search;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Core.Telemetry;
using Prometheus.Grid.Embedded;
using Prometheus.Grid.Embedded.Search;
using Prometheus.Grid.Embedded.Snapshots;
using Prometheus.Grid.Grains.Placement;
using Prometheus.Grid.Grains.Search;
using Prometheus.Grid.Grains.Storage;
using Prometheus.Grid.Similarity;

namespace Prometheus.Grid.Grains;

/// <summary>
/// What the grains of a silo share: a grid over the cluster's store whose searches fan out to the shard grains. Grains add identity, turn
/// order and placement to it, and nothing else.
/// </summary>
public sealed class SiloGrid : IAsyncDisposable
{
    private readonly ScanScheduler _scans;
    private readonly SnapshotFolder? _snapshots;

    /// <summary>Puts the grid of a silo together.</summary>
    /// <param name="store">The cluster's store, which every silo opens for itself; its host closes it.</param>
    /// <param name="catalog">Models and spaces; the same in all silos.</param>
    /// <param name="encoders">What the models compute with.</param>
    /// <param name="grains">Reaches shards and writers.</param>
    /// <param name="membership">Says which silos there are.</param>
    /// <param name="chunks">Spreads the chunks of a backfill over the silos.</param>
    /// <param name="options">How this silo takes part.</param>
    /// <param name="here">This silo.</param>
    /// <param name="logs">Told what is lost of snapshots.</param>
    public SiloGrid(
        IGridStore store,
        ModelCatalog catalog,
        EncoderRegistry encoders,
        IGrainFactory grains,
        IClusterMembershipService membership,
        IChunkEncoder chunks,
        GridOptions options,
        ILocalSiloDetails here,
        ILoggerFactory logs)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Shards);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Shards, 1024);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.ChunkSize);
        _scans = new ScanScheduler(options.Workers);
        Catalog = catalog;
        Store = new SharedStore(store, options.UniverseAge, grains);
        var memory = new RowMemory(options.ShardMemoryBytes);
        GridMetrics.Watch(memory);
        _snapshots = options.SnapshotFolder is { } folder
            ? new SnapshotFolder(folder, options.SnapshotBytes, TimeProvider.System, new SnapshotLog(logs.CreateLogger<SnapshotFolder>()).Warn)
            : null;
        Shards = new LocalShards(Store, catalog, _scans, memory, _snapshots);
        Homes = new ShardHomes(membership, options.Shards);
        Handover = new ShardHandover(grains, membership, Homes, Shards, here, options, logs.CreateLogger<ShardHandover>());
        var whole = new ShardScanner([new ShardRows(Store, EntityBuckets.All, memory)], new SharedScans(_scans));
        var context = new BackfillContext(Store, catalog, encoders, options.Workers) { ChunkSize = options.ChunkSize };
        Backfill = new BackfillJob(context, chunks);
        Chunks = new ChunkWorker(context);
        Scanner = new FanOutScanner(grains, Homes, options, whole);
        Grid = new EmbeddedGrid(Store, catalog, encoders, Scanner, Backfill);
    }

    /// <summary>Models and spaces.</summary>
    public ModelCatalog Catalog { get; }

    /// <summary>The tables of the cluster's store; issuers and instruments are kept for a while, as <see cref="GridOptions.UniverseAge"/> says.</summary>
    public IGridInputs Inputs => Store.Inputs;

    internal SharedStore Store { get; }

    internal EmbeddedGrid Grid { get; }

    /// <summary>Scans the shards of all silos.</summary>
    internal ICandidateScanner Scanner { get; }

    internal BackfillJob Backfill { get; }

    /// <summary>Encodes chunks of backfills that any silo drives.</summary>
    internal ChunkWorker Chunks { get; }

    /// <summary>The shards that live here.</summary>
    internal LocalShards Shards { get; }

    /// <summary>Where each shard belongs.</summary>
    internal ShardHomes Homes { get; }

    /// <summary>Lets shards leave.</summary>
    internal ShardHandover Handover { get; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_snapshots is not null)
            await _snapshots.DisposeAsync();
        await Grid.DisposeAsync();
        _scans.Dispose();
        Chunks.Dispose();
    }
}
