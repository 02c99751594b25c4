using Prometheus.Grid.Core.Entities;
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

    public async ValueTask InitializeAsync() =>
        _store = await FolderStore.OpenAsync(_folder, new FolderStoreOptions { Create = true }, Cancellation);

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

    /// <summary>A process with all rows in one shard, and one with three shards of a third each, which share the budget.</summary>
    private ShardScanner[] Scanners(long budgetBytes)
    {
        var memory = new RowMemory(budgetBytes);
        return
        [
            new ShardScanner([new ShardRows(_store, EntityBuckets.All, new RowMemory(budgetBytes))], _scans),
            new ShardScanner([.. Enumerable.Range(0, 3).Select(bucket => new ShardRows(_store, new EntityBuckets(3, [bucket]), memory))], _scans),
        ];
    }

    private async Task AssertSameAsync(ShardScanner[] scanners, CandidateScan scan)
    {
        foreach (var scanner in scanners)
            await AssertSameAsync(scanner, scan);
    }

    private async Task AssertSameAsync(ShardScanner scanner, CandidateScan scan)
    {
        // Candidates fused anew are float32 in the plain scan and double in the shards; stored ones are the same numbers in another order.
        double tolerance = scan.Shares.Count > 0 ? 3e-7 : 1e-13;
        var expected = await new PlainScanner(_store).ScanAsync(scan, Cancellation);
        var actual = await scanner.ScanAsync(scan, Cancellation);
        Assert.Equal(expected.Candidates, actual.Candidates);
        Assert.Equal(expected.Best.Count, actual.Best.Count);
        for (int i = 0; i < expected.Best.Count; i++)
        {
            Assert.Equal(expected.Best[i].Cosine, actual.Best[i].Cosine, tolerance);
            Assert.Equal(expected.Best[i].Euclidean, actual.Best[i].Euclidean, tolerance * Math.Max(1, expected.Best[i].Euclidean));
        }
        // Where neighbours in rank differ by more than rounding, they are the same rows in the same order.
        for (int i = 1; i + 1 < expected.Best.Count; i++)
        {
            bool apart = expected.Best[i - 1].Cosine - expected.Best[i].Cosine > 2 * tolerance && expected.Best[i].Cosine - expected.Best[i + 1].Cosine > 2 * tolerance;
            bool tied = expected.Best[i - 1].Cosine.Equals(expected.Best[i].Cosine) && scan.Shares.Count == 0;
            if (apart || tied)
                Assert.Equal((expected.Best[i].AsOf, expected.Best[i].Header), (actual.Best[i].AsOf, actual.Best[i].Header));
        }
    }

    private async Task<CandidateScan> ScanOf(SpaceManifest space, DateOnly[] dates, string shares, string narrowed)
    {
        var joint = (await _store.Vectors.ReadAsync(new PartitionKey(BranchKind.Joint, space.ModelId, s_dates[0]), ["I0003"], null, Cancellation))!;
        var universe = new Universe([], Enumerable.Range(0, Issuers).Select(i => new Issuer(Id(i), "CORP", "", "", i % 9 == 0 ? "Energy" : "Other", "")), []);
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
