using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Fusion;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Search;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Embedded.Search;
using Prometheus.Grid.Similarity;
using Prometheus.Grid.Storage.Folder;

namespace Prometheus.Grid.Embedded.Tests;

/// <summary>Whatever is asked, the shards answer what the plain scan answers.</summary>
public sealed class ShardScannerTests : IAsyncLifetime
{
    private const int Issuers = 150;
    private static readonly DateOnly[] s_dates = [new(2024, 1, 2), new(2024, 1, 3), new(2024, 1, 4)];
    private readonly string _folder = Directory.CreateTempSubdirectory("grid-scanner-").FullName;
    private readonly ScanScheduler _scans = new(2);
    private FolderStore _store = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        // The tables that filters are checked against.
        await File.WriteAllTextAsync(Path.Combine(_folder, "markets.csv"), "market_id,name,region,timezone\n", Cancellation);
        await File.WriteAllTextAsync(Path.Combine(_folder, "instruments.csv"), "instrument_id,issuer_id,market_id,asset_class,symbol,exchange,currency,status\n", Cancellation);
        await File.WriteAllLinesAsync(
            Path.Combine(_folder, "issuers.csv"),
            ["issuer_id,issuer_type,name,country,sector,industry", .. Enumerable.Range(0, Issuers).Select(i => $"{Id(i)},CORP,,,{SectorOf(i)},")],
            Cancellation);
        _store = await FolderStore.OpenAsync(_folder, new FolderStoreOptions { Create = true }, Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        _scans.Dispose();
        await _store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(FusionKind.Average, "", "1,0,0", "0,0,1", "0.2,0.5,0.3")]
    [InlineData(FusionKind.Blocks, "", "1,0,0", "0,0,1", "0.2,0.5,0.3")]
    [InlineData(FusionKind.Identity, "", "1")]
    public async Task Shards_answer_what_the_plain_scan_answers(FusionKind fusion, params string[] askedShares)
    {
        var space = Space(fusion);
        await FillAsync(space, Cancellation);
        var scanners = Scanners(long.MaxValue);
        foreach (string shares in askedShares)
        {
            foreach (string narrowed in new[] { "all", "sector", "limit", "ids" })
            {
                foreach (var dates in new[] { s_dates[..1], s_dates, s_dates[..1] })
                    await AssertSameAsync(scanners, await ScanOf(space, dates, shares, narrowed));
            }
        }
    }

    [Theory]
    [InlineData(FusionKind.Blocks)]
    [InlineData(FusionKind.Average)]
    public async Task A_put_is_found_by_the_next_scan(FusionKind fusion)
    {
        var space = Space(fusion);
        await FillAsync(space, Cancellation);
        var scanners = Scanners(long.MaxValue);
        var scan = await ScanOf(space, s_dates[..1], "", "all");
        var weighted = await ScanOf(space, s_dates[..1], "0.2,0.5,0.3", "all");
        await AssertSameAsync(scanners, scan);
        await AssertSameAsync(scanners, weighted);
        var random = new Random(5);
        foreach (string issuer in new[] { "I0007", "I0007x", "A", "I0149" })
        {
            // A changed row, a new one in the middle, a new first one, and the target's own vector under another id.
            float[] joint = issuer == "I0149" ? scan.Target.Joint.ToArray() : Vector(random, space.Dimension);
            await PutAsync(space, s_dates[0], issuer, joint);
            await AssertSameAsync(scanners, scan);
            await AssertSameAsync(scanners, weighted);
        }
        var answer = await scanners[1].ScanAsync(scan, Cancellation);
        Assert.Equal("I0149", answer.Best[0].Header.EntityId);
        Assert.Equal(0, answer.Best[0].Euclidean);
    }

    [Fact]
    public async Task A_small_budget_changes_no_answer()
    {
        var space = Space(FusionKind.Blocks);
        await FillAsync(space, Cancellation);
        var scanners = Scanners(budgetBytes: 1);
        for (int i = 0; i < 3; i++)
            await AssertSameAsync(scanners, await ScanOf(space, s_dates, "0.2,0.5,0.3", "all"));
    }

    [Theory]
    [InlineData(FusionKind.Blocks, "", "all")]
    [InlineData(FusionKind.Blocks, "0.2,0.5,0.3", "sector")]
    [InlineData(FusionKind.Average, "", "ids")]
    [InlineData(FusionKind.Average, "0,0.5,0.5", "all")]
    [InlineData(FusionKind.Identity, "", "sector")]
    public async Task Neighbours_of_all_are_what_a_search_for_each_finds(FusionKind fusion, string shares, string narrowed)
    {
        var space = Space(fusion);
        await FillAsync(space, Cancellation);
        foreach (var against in s_dates[..2])
        {
            var scan = await ScanOf(space, [against], shares, narrowed);
            var weights = shares.Length == 0 ? null : new BranchWeights(space.Branches.Zip(scan.Shares, (branch, share) => KeyValuePair.Create(branch.Name, share)));
            var query = new NeighboursQuery { Space = space, AsOf = s_dates[0], Against = against, TopK = scan.TopK, Weights = weights };
            var search = await NeighbourSearch.OpenAsync(_store, _scans, query with { Filter = scan.Filter?.Filter }, Cancellation);
            var targets = await TargetsAsync(space, scan.Shares);
            var entities = await search.ReadAsync(Cancellation).ToArrayAsync(Cancellation);
            Assert.Equal(targets.Select(target => target.EntityId), entities.Select(entity => entity.EntityId));
            Assert.Equal((targets.Count, Issuers - targets.Count), (search.Count, search.Incomplete));
            // A third of them: the plain scan reads all rows anew for each.
            foreach (var (entity, target) in entities.Zip(targets).Where((_, i) => i % 3 == 0))
            {
                var expected = await new PlainScanner(_store).ScanAsync(scan with { Target = target }, Cancellation);
                AssertSame(expected.Best, entity.Neighbours, scan.Shares.Count > 0);
            }
        }
    }

    [Fact]
    public async Task A_threshold_alone_finds_all_that_are_near_enough_and_a_number_beside_it_the_best_of_them()
    {
        var space = Space(FusionKind.Blocks);
        await FillAsync(space, Cancellation);
        async Task<EntityNeighbours[]> Ask(int? topK, double? least)
        {
            var query = new NeighboursQuery { Space = space, AsOf = s_dates[0], TopK = topK, MinCosine = least };
            return await (await NeighbourSearch.OpenAsync(_store, _scans, query, Cancellation)).ReadAsync(Cancellation).ToArrayAsync(Cancellation);
        }

        var all = await Ask(null, -1);
        Assert.All(all, entity => Assert.Equal(Issuers - 1, entity.Neighbours.Count));
        foreach (var (few, near, entity) in (await Ask(7, 0.2)).Zip(await Ask(null, 0.2), all))
        {
            Assert.Equal(entity.Neighbours.Where(neighbour => neighbour.Cosine >= 0.2), near.Neighbours);
            Assert.Equal(near.Neighbours.Take(7), few.Neighbours);
        }
        Assert.Contains(all, entity => entity.Neighbours.Count(neighbour => neighbour.Cosine >= 0.2) is > 7 and < Issuers - 1);
        Assert.All(await Ask(null, null), entity => Assert.Equal(NeighboursQuery.DefaultTopK, entity.Neighbours.Count));
    }

    [Theory]
    [InlineData(0, null, "TopK")]
    [InlineData(null, 1.5, "MinCosine")]
    [InlineData(null, double.NaN, "MinCosine")]
    public async Task A_question_about_all_that_makes_no_sense_is_refused(int? topK, double? least, string named)
    {
        var query = new NeighboursQuery { Space = Space(FusionKind.Blocks), AsOf = s_dates[0], TopK = topK, MinCosine = least };
        var refused = await Assert.ThrowsAsync<BadInputException>(() => NeighbourSearch.OpenAsync(_store, _scans, query, Cancellation));
        Assert.Equal(named, refused.Field);
        await Assert.ThrowsAsync<NotFoundException>(() => NeighbourSearch.OpenAsync(_store, _scans, query with { TopK = null, MinCosine = null }, Cancellation));
    }

    /// <summary>The first date's entities as a search for each resolves them, without those that lack a branch of the shares.</summary>
    private async Task<List<SearchTarget>> TargetsAsync(SpaceManifest space, IReadOnlyList<double> shares)
    {
        var spaces = new SpaceReader(_store);
        var joint = await spaces.JointAsync(space, s_dates[0], null, null, Cancellation);
        var branches = await spaces.BranchesAsync(space, s_dates[0], joint.Rows.Headers, true, null, Cancellation);
        var targets = new List<SearchTarget>();
        for (int i = 0; i < joint.Rows.Count; i++)
        {
            float[] vector = joint.Rows.Row(i).ToArray();
            if (shares.Count == 0 || BranchFusion.For(space).Fuse([.. branches.Select(branch => branch[i])], [.. shares], vector) is null)
                targets.Add(new SearchTarget(vector, null, joint.Rows.Headers[i].EntityId, s_dates[0]));
        }
        return targets;
    }

    /// <summary>A process with all rows in one shard, and one with three shards of a third each, which share the budget.</summary>
    private ShardScanner[] Scanners(long budgetBytes)
    {
        var memory = new RowMemory(budgetBytes);
        return
        [
            new ShardScanner([new ShardRows(_store, EntityBuckets.All, new RowMemory(budgetBytes))], new SharedScans(_scans)),
            new ShardScanner([.. Enumerable.Range(0, 3).Select(bucket => new ShardRows(_store, new EntityBuckets(3, [bucket]), memory))], new SharedScans(_scans)),
        ];
    }

    private async Task AssertSameAsync(ShardScanner[] scanners, CandidateScan scan)
    {
        foreach (var scanner in scanners)
            await AssertSameAsync(scanner, scan);
    }

    private async Task AssertSameAsync(ShardScanner scanner, CandidateScan scan)
    {
        var expected = await new PlainScanner(_store).ScanAsync(scan, Cancellation);
        var actual = await scanner.ScanAsync(scan, Cancellation);
        Assert.Equal(expected.Candidates, actual.Candidates);
        AssertSame(expected.Best, actual.Best, scan.Shares.Count > 0);
    }

    private static void AssertSame(IReadOnlyList<ScannedCandidate> expected, IReadOnlyList<ScannedCandidate> actual, bool isFusedAnew)
    {
        // Candidates fused anew are float32 in the plain scan and double in the shards; stored ones are the same numbers in another order.
        double tolerance = isFusedAnew ? 3e-7 : 1e-13;
        Assert.Equal(expected.Count, actual.Count);
        for (int i = 0; i < expected.Count; i++)
        {
            Assert.Equal(expected[i].Cosine, actual[i].Cosine, tolerance);
            Assert.Equal(expected[i].Euclidean, actual[i].Euclidean, tolerance * Math.Max(1, expected[i].Euclidean));
        }
        // Where neighbours in rank differ by more than rounding, they are the same rows in the same order.
        for (int i = 1; i + 1 < expected.Count; i++)
        {
            bool apart = expected[i - 1].Cosine - expected[i].Cosine > 2 * tolerance && expected[i].Cosine - expected[i + 1].Cosine > 2 * tolerance;
            bool tied = expected[i - 1].Cosine.Equals(expected[i].Cosine) && !isFusedAnew;
            if (apart || tied)
                Assert.Equal((expected[i].AsOf, expected[i].Header), (actual[i].AsOf, actual[i].Header));
        }
    }

    private async Task<CandidateScan> ScanOf(SpaceManifest space, DateOnly[] dates, string shares, string narrowed)
    {
        var joint = (await _store.Vectors.ReadAsync(new PartitionKey(BranchKind.Joint, space.ModelId, s_dates[0]), ["I0003"], null, Cancellation))!;
        var universe = new Universe([], Enumerable.Range(0, Issuers).Select(i => new Issuer(Id(i), "CORP", "", "", SectorOf(i), "")), []);
        return new CandidateScan
        {
            Space = space,
            Dates = dates,
            Target = new SearchTarget(joint.Rows.Row(0), null, "I0003", s_dates[0]),
            Shares = shares.Length == 0 ? [] : [.. shares.Split(',').Select(share => double.Parse(share, System.Globalization.CultureInfo.InvariantCulture))],
            Filter = narrowed switch
            {
                "sector" => new CandidateFilter(new SimilarityFilter(Sector: "energy"), space, universe),
                "ids" => new CandidateFilter(new SimilarityFilter(EntityIds: ["I0003", "I0008", "I0100", "nobody"]), space, universe),
                _ => null,
            },
            CandidateLimit = narrowed == "limit" ? 170 : null,
            TopK = 25,
        };
    }

    private static SpaceManifest Space(FusionKind fusion) => new()
    {
        ModelId = $"joint-{fusion}".ToLowerInvariant(),
        JointType = "TEST",
        Entity = EntityKind.Issuer,
        Fusion = fusion,
        Dimension = fusion == FusionKind.Blocks ? 40 : 24,
        Branches = fusion == FusionKind.Identity
            ? [new BranchManifest("text", BranchKind.Text, "t", 1, true)]
            : [
                new BranchManifest("numeric", BranchKind.Numeric, "n", 0.3, false, 8),
                new BranchManifest("behaviour", BranchKind.Numeric, "b", 0.3, false, 12),
                new BranchManifest("text", BranchKind.Text, "t", 0.4, false, 16),
            ],
    };

    private static string SectorOf(int issuer) => issuer % 9 == 0 ? "Energy" : "Other";

    private static string Id(int issuer) => $"I{issuer:D4}";

    private static float[] Vector(Random random, int length) => [.. Enumerable.Range(0, length).Select(_ => (float)(random.NextDouble() - 0.5))];

    /// <summary>Branch vectors, some missing and some repeated, and the joint rows fused from them.</summary>
    private async Task FillAsync(SpaceManifest space, CancellationToken cancellationToken)
    {
        foreach (var date in s_dates)
        {
            var random = new Random(date.Day);
            var branches = new Dictionary<string, SortedDictionary<string, float[]>>();
            var joints = new List<float>();
            float[][] last = [];
            for (int i = 0; i < Issuers; i++)
            {
                float[][] vectors = i % 10 == 5 ? last : [.. space.Branches.Select((_, j) => (i + j) % 6 == 0 && j < 2 ? [] : Vector(random, 24))];
                last = vectors;
                for (int j = 0; j < vectors.Length; j++)
                {
                    var branch = space.Branches[j];
                    string owner = BranchOwner.Of(space, branch) == EntityKind.Instrument ? "S" + Id(i) : Id(i);
                    if (!branches.TryGetValue(branch.ModelId, out var rows))
                        branches.Add(branch.ModelId, rows = new SortedDictionary<string, float[]>(StringComparer.Ordinal));
                    if (vectors[j].Length > 0)
                        rows[owner] = vectors[j];
                }
                float[] joint = new float[space.Dimension];
                BranchFusion.For(space).FuseAvailable([.. vectors.Select(vector => (ReadOnlyMemory<float>)vector)], [], joint);
                joints.AddRange(joint);
            }
            foreach (var branch in space.Branches)
            {
                var rows = branches[branch.ModelId];
                await _store.Vectors.PutAsync(
                    new PartitionKey(branch.Kind, branch.ModelId, date),
                    new VectorBatch([.. rows.Keys.Select(id => new RowHeader(id))], rows.Values.SelectMany(row => row).ToArray(), 24), "test", cancellationToken);
            }
            RowHeader[] headers = [.. Enumerable.Range(0, Issuers).Select(i => new RowHeader(Id(i), "S" + Id(i)))];
            await _store.Vectors.PutAsync(
                new PartitionKey(BranchKind.Joint, space.ModelId, date), new VectorBatch(headers, joints.ToArray(), space.Dimension), JointOrigin.Of(space), cancellationToken);
        }
    }

    private async Task PutAsync(SpaceManifest space, DateOnly date, string issuer, float[] joint) => await _store.Vectors.PutAsync(
        new PartitionKey(BranchKind.Joint, space.ModelId, date), new VectorBatch([new RowHeader(issuer, "S" + issuer)], joint, space.Dimension), JointOrigin.Of(space), Cancellation);
}
