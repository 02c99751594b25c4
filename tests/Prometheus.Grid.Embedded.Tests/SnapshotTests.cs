using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Search;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Embedded.Search;
using Prometheus.Grid.Embedded.Snapshots;
using Prometheus.Grid.Similarity;

namespace Prometheus.Grid.Embedded.Tests;

/// <summary>A snapshot spares a restart the rows that did not change, and never changes an answer.</summary>
public sealed class SnapshotTests : IDisposable
{
    private const int Buckets = 2, Rows = 150;
    private static readonly DateOnly s_day = new(2024, 1, 2);

    private static readonly SpaceManifest s_space = new()
    {
        ModelId = "joint-a",
        JointType = "TEST",
        Entity = EntityKind.Issuer,
        Fusion = FusionKind.Identity,
        Dimension = 3,
        Branches = [new BranchManifest("text", BranchKind.Text, "t", 1, true)],
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("grid-snapshots-").FullName;
    private readonly BucketsInMemory _store = new();
    private readonly ScanScheduler _scans = new(1);
    private readonly List<string> _log = [];

    public SnapshotTests()
    {
        for (int i = 0; i < Rows; i++)
            _store.Put(Id(i), i, 1, 2 * i % 7);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string[] Files => Directory.GetFiles(_folder);

    public void Dispose()
    {
        _scans.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_restart_reads_no_row_that_did_not_change_and_answers_the_same()
    {
        string before = await RunAsync();
        Assert.Equal(Buckets, _store.BucketReads);
        Assert.Equal(Buckets, Files.Length);
        Assert.Equal(before, await RunAsync());
        Assert.Equal((Buckets, 0), (_store.BucketReads, _store.ChangeReads));
        Assert.Empty(_log);
    }

    [Fact]
    public async Task Rows_that_were_replaced_or_added_since_are_read_and_no_others()
    {
        await RunAsync();
        _store.Put(Id(3), 300, 1, 0);
        _store.Put(Id(Rows), 5, 5, 5);
        Assert.Equal(Plain(), await RunAsync());
        Assert.Equal((Buckets, Buckets), (_store.BucketReads, _store.ChangeReads));
    }

    [Fact]
    public async Task Where_the_log_does_not_reach_back_all_is_read_and_rows_that_are_gone_are_gone()
    {
        await RunAsync();
        _store.Delete(Id(7));
        string answer = await RunAsync();
        Assert.Equal(Plain(), answer);
        Assert.DoesNotContain(Id(7), answer, StringComparison.Ordinal);
        Assert.Equal(2 * Buckets, _store.BucketReads);
        // What was read anew is kept anew.
        Assert.Equal(answer, await RunAsync());
        Assert.Equal(2 * Buckets, _store.BucketReads);
    }

    [Fact]
    public async Task A_snapshot_of_another_database_is_void()
    {
        await RunAsync();
        _store.History = "database 2";
        _store.Put(Id(0), 9, 9, 9);
        Assert.Equal(Plain(), await RunAsync());
        Assert.Equal(2 * Buckets, _store.BucketReads);
        Assert.Equal(Buckets, _log.Count(line => line.Contains("another database", StringComparison.Ordinal)));
        Assert.Equal(Plain(), await RunAsync());
        Assert.Equal(2 * Buckets, _store.BucketReads);
    }

    [Fact]
    public async Task Damage_at_any_byte_is_found()
    {
        await RunAsync();
        foreach (string file in Files)
        {
            byte[] whole = await File.ReadAllBytesAsync(file, Token);
            for (int at = 0; at < whole.Length; at++)
            {
                byte[] damaged = [.. whole];
                damaged[at] ^= (byte)(1 << (at % 8));
                await AssertOfNoUseAsync(file, damaged);
            }
        }
    }

    [Fact]
    public async Task A_snapshot_that_was_cut_anywhere_or_is_too_long_is_of_no_use()
    {
        await RunAsync();
        foreach (string file in Files)
        {
            byte[] whole = await File.ReadAllBytesAsync(file, Token);
            for (int length = 0; length < whole.Length; length++)
                await AssertOfNoUseAsync(file, whole[..length]);
            await AssertOfNoUseAsync(file, [.. whole, 0]);
        }
    }

    [Fact]
    public async Task A_file_under_the_name_of_another_bucket_is_of_no_use()
    {
        await RunAsync();
        (string one, string other) = (PathOf(0), PathOf(1));
        File.Copy(one, other, overwrite: true);
        Assert.Equal(Plain(), await RunAsync());
        Assert.Equal(Buckets + 1, _store.BucketReads);
        Assert.Contains("bucket 0 of 2", Assert.Single(_log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restart_after_damage_reads_that_bucket_again_says_so_and_keeps_it_anew()
    {
        await RunAsync();
        byte[] bytes = await File.ReadAllBytesAsync(PathOf(1), Token);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(PathOf(1), bytes, Token);
        Assert.Equal(Plain(), await RunAsync());
        Assert.Equal(Buckets + 1, _store.BucketReads);
        Assert.Contains(PathOf(1), Assert.Single(_log), StringComparison.Ordinal);
        Assert.Equal(Plain(), await RunAsync());
        Assert.Equal(Buckets + 1, _store.BucketReads);
    }

    [Fact]
    public async Task What_a_killed_process_left_unfinished_is_not_read_and_goes()
    {
        await RunAsync();
        string left = $"{PathOf(0)}.killed.unfinished", recent = $"{PathOf(1)}.busy.unfinished";
        File.Move(PathOf(0), left);
        File.Copy(PathOf(1), recent);
        File.SetLastWriteTimeUtc(left, DateTime.UtcNow.AddHours(-2));
        Assert.Equal(Plain(), await RunAsync());
        Assert.Equal(Buckets + 1, _store.BucketReads);
        Assert.False(File.Exists(left));
        // Another process may be writing it.
        Assert.True(File.Exists(recent));
    }

    [Fact]
    public async Task The_folder_is_no_larger_than_it_may_be_and_what_was_used_least_recently_goes()
    {
        await RunAsync();
        long size = Files.Max(file => new FileInfo(file).Length);
        foreach (string file in Files)
            File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddDays(file == PathOf(0) ? -2 : -1));
        File.Delete(PathOf(1));
        string old = Path.Combine(_folder, "joint-b_2024-01-02_0-of-2.rows");
        File.Copy(PathOf(0), old);
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddDays(-3));
        Assert.Equal(Plain(), await RunAsync(budget: (size * 2) + (size / 2)));
        Assert.False(File.Exists(old));
        Assert.True(File.Exists(PathOf(0)) && File.Exists(PathOf(1)));
        await RunAsync(budget: 10);
        Assert.Equal(Buckets, Files.Length);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_costs_nothing_but_a_line()
    {
        string file = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, "", Token);
        Assert.Equal(Plain(), await RunAsync(Path.Combine(file, "below")));
        Assert.NotEmpty(_log);
    }

    [Fact]
    public async Task Many_changes_are_kept_anew_while_the_process_runs()
    {
        await using (var snapshots = Open(_folder, long.MaxValue))
        {
            var scanner = Scanner(snapshots);
            await AnswerAsync(scanner);
            for (int i = 0; i < Rows / 2; i++)
                _store.Put(Id(i), -i, 3, 1);
            await AnswerAsync(scanner);
            await snapshots.WrittenAsync();
        }
        int changes = _store.ChangeReads;
        Assert.Equal(Plain(), await RunAsync());
        Assert.Equal((Buckets, changes), (_store.BucketReads, _store.ChangeReads));
    }

    private static string Id(int number) => FormattableString.Invariant($"ISS_{number:D4}");

    private static SnapshotKey KeyOf(int bucket) => new("database 1", new PartitionKey(BranchKind.Joint, s_space.ModelId, s_day), bucket, Buckets);

    private string PathOf(int bucket) => Path.Combine(_folder, KeyOf(bucket).FileName);

    private SnapshotFolder Open(string folder, long budget) => new(folder, budget, TimeProvider.System, _log.Add);

    private async Task AssertOfNoUseAsync(string file, byte[] bytes)
    {
        await File.WriteAllBytesAsync(file, bytes, Token);
        await using var snapshots = Open(_folder, long.MaxValue);
        int bucket = file == PathOf(0) ? 0 : 1;
        _log.Clear();
        Assert.Null(snapshots.Read(KeyOf(bucket), new RowSetBuilder(s_day), Token));
        Assert.Contains(file, Assert.Single(_log), StringComparison.Ordinal);
        Assert.False(File.Exists(file));
    }

    /// <summary>What a process answers that starts, searches and ends once its snapshots are written.</summary>
    private async Task<string> RunAsync(string? folder = null, long budget = long.MaxValue)
    {
        await using var snapshots = Open(folder ?? _folder, budget);
        string answer = await AnswerAsync(Scanner(snapshots));
        await snapshots.WrittenAsync();
        return answer;
    }

    private ShardScanner Scanner(SnapshotFolder? snapshots)
    {
        var memory = new RowMemory(long.MaxValue);
        return new([.. Enumerable.Range(0, Buckets).Select(bucket => new ShardRows(_store, new EntityBuckets(Buckets, [bucket]), memory, snapshots))], new SharedScans(_scans));
    }

    /// <summary>What one process without snapshots answers.</summary>
    private string Plain()
    {
        (int bucketReads, int changeReads) = (_store.BucketReads, _store.ChangeReads);
        string answer = AnswerAsync(new ShardScanner([new ShardRows(_store, EntityBuckets.All, new RowMemory(long.MaxValue))], new SharedScans(_scans))).GetAwaiter().GetResult();
        Assert.Equal((bucketReads, changeReads), (_store.BucketReads, _store.ChangeReads));
        return answer;
    }

    private static async Task<string> AnswerAsync(ShardScanner scanner)
    {
        var answer = await scanner.ScanAsync(
            new CandidateScan
            {
                Space = s_space,
                Dates = [s_day],
                Target = new SearchTarget(new float[] { 1, 2, 3 }, null, null, s_day),
                Shares = [],
                TopK = 40,
            },
            Token);
        return string.Join('\n', answer.Best.Select(hit => FormattableString.Invariant($"{hit.Header} {hit.Cosine:R} {hit.Euclidean:R}")));
    }
}
