using Microsoft.Extensions.Logging;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Search;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Embedded.Search;
using Prometheus.Grid.Similarity;

namespace Prometheus.Grid.Grains.Search;

/// <summary>
/// Compiles what a search needs before anybody asks: of a silo that has just started, the first search would otherwise spend most of its time on that. Before the silo
/// is a member it searches a few thousandths of the newest date; afterwards it searches all shards, but no date. And it hands over its shards when it stops.
/// </summary>
/// <param name="silo">The grid of this silo.</param>
/// <param name="encoders">What the models compute with.</param>
/// <param name="grains">Reaches the other silos.</param>
/// <param name="log">Told what did not work, which costs time later and nothing else.</param>
internal sealed partial class SiloReadiness(SiloGrid silo, EncoderRegistry encoders, IGrainFactory grains, ILogger<SiloReadiness> log) : ILifecycleParticipant<ISiloLifecycle>
{
    private const int Buckets = 1024, AtOnce = 4;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    public void Participate(ISiloLifecycle observer)
    {
        observer.Subscribe(nameof(SiloReadiness), ServiceLifecycleStage.ApplicationServices, token => TryAsync("search", SearchAsync, token));
        observer.Subscribe(
            nameof(ShardHandover), ServiceLifecycleStage.Active + 1, token => TryAsync("ask other silos", AskOthersAsync, token), silo.Handover.PrepareAllAsync);
    }

    private async Task TryAsync(string what, Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(s_patience);
        try
        {
            await work(deadline.Token);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            Unprepared(log, what, error.Message);
        }
    }

    private async Task SearchAsync(CancellationToken cancellationToken)
    {
        if (silo.Store.Vectors.Buckets is not { } buckets || await NewestAsync(cancellationToken) is not { } newest)
            return;
        var memory = new RowMemory(long.MaxValue);
        using var scans = new ScanScheduler(1);
        var first = new FirstRow();
        await buckets.ReadBucketAsync(newest, 0, Buckets, first, cancellationToken);
        if (first.EntityId is not { } target)
            return;
        // Several at once, so that some of them wait: what goes on after a wait is compiled by itself.
        var shards = Enumerable.Range(0, AtOnce).Select(bucket => new ShardRows(silo.Store, new EntityBuckets(Buckets, [bucket]), memory)).ToArray();
        var search = new SimilaritySearch(silo.Store, silo.Catalog, encoders, new ShardScanner(shards, new SharedScans(scans)));
        for (int i = 0; i < AtOnce; i++)
            await search.FindAsync(Query(newest, target), cancellationToken);
    }

    private async Task AskOthersAsync(CancellationToken cancellationToken)
    {
        if (await NewestAsync(cancellationToken) is not { } newest)
            return;
        var space = silo.Catalog.Space(newest.ModelId);
        var ofNoDate = new CandidateScan
        {
            Space = space,
            Dates = [],
            Target = new SearchTarget(new float[space.Dimension], null, null, newest.AsOf),
            Shares = [],
            TopK = 1,
        };
        // First shards are made, then they are there; both are ways of their own.
        for (int i = 0; i < 2; i++)
            await silo.Scanner.ScanAsync(ofNoDate, cancellationToken);
        try
        {
            await grains.GetGrain<ISearchGrain>(0).FindSimilarAsync(Query(newest, ""), cancellationToken);
        }
        catch (GridException)
        {
            // Nobody is called that. To say so is a way of its own, too.
        }
    }

    private async Task<PartitionKey?> NewestAsync(CancellationToken cancellationToken)
    {
        var known = (await silo.Store.Vectors.ListAsync(BranchKind.Joint, null, cancellationToken))
            .Where(partition => silo.Catalog.Spaces.Any(space => space.ModelId == partition.ModelId));
        return known.OrderByDescending(partition => partition.AsOf).Select(partition => (PartitionKey?)partition).FirstOrDefault();
    }

    private static SimilarityQuery Query(PartitionKey newest, string target) =>
        new() { Target = new SimilarityTarget.Entity(target), AsOf = newest.AsOf, ModelId = newest.ModelId };

    [LoggerMessage(LogLevel.Information, "This silo could not {What} before it was asked to, so that its first search takes longer: {Why}")]
    private static partial void Unprepared(ILogger log, string what, string why);

    /// <summary>Notes whose row came first.</summary>
    private sealed class FirstRow : IRowSink
    {
        private float[] _row = [];

        public string? EntityId { get; private set; }

        public void Begin(int dimension) => (_row, EntityId) = (new float[dimension], null);

        public Span<float> Add(RowHeader header)
        {
            EntityId ??= header.EntityId;
            return _row;
        }
    }
}
