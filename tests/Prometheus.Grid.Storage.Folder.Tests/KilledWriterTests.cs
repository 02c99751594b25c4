using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Folder.Files;
using Xunit;

namespace Prometheus.Grid.Storage.Folder.Tests;

/// <summary>A writer killed at any of its moments leaves the old partition or the new one, and its work to the next writer.</summary>
public sealed class KilledWriterTests
{
    /// <summary>What lies in the folder before the write: nothing, rows that are all written again, or those and one more.</summary>
    public enum Before
    {
        Nothing,
        SameRows,
        OneMoreRow,
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, Before> Moments
    {
        get
        {
            var moments = new TheoryData<string, Before>();
            var random = new Random(7);
            foreach (var before in Enum.GetValues<Before>())
            {
                foreach (string point in CrashPoint.All)
                {
                    bool comesOftener = point is CrashPoint.AfterStageAppend or CrashPoint.AfterJournal;
                    moments.Add(comesOftener ? $"{point}:{random.Next(1, ChildProcess.Chunks + 1)}" : point, before);
                }
            }
            return moments;
        }
    }

    [Theory]
    [MemberData(nameof(Moments))]
    public async Task Files_are_those_of_an_uninterrupted_run(string moment, Before before)
    {
        using var killed = new TestFolder();
        using var whole = new TestFolder();
        await PrepareAsync(killed, before);
        await PrepareAsync(whole, before);
        await using (var store = await whole.OpenAsync())
            await ChildProcess.WriteAsync(store, 3, Token);

        using (var child = ChildProcess.Start(moment, "write", killed.Path, "3"))
        {
            await child.WaitForExitAsync(Token);
            Assert.Equal(137, child.ExitCode);
        }
        await using var reopened = await killed.OpenAsync();
        bool isNew = moment == CrashPoint.AfterCurrent;
        var seen = await reopened.Vectors.ReadAsync(ChildProcess.Key, null, null, Token);
        Assert.Equal(before == Before.Nothing && !isNew ? 0 : ChildProcess.Chunks * 20 + (before == Before.OneMoreRow ? 1 : 0), seen?.Rows.Count ?? 0);
        Assert.Equal(isNew, seen?.Rows.Row(1).Span[0] == ChildProcess.Chunk(0, 3).Row(1).Span[0]);
        Assert.All(await reopened.Vectors.VerifyAsync(Token).ToListAsync(Token), finding => Assert.Null(finding.Problem));

        (int resumed, var outcome) = await ChildProcess.WriteAsync(reopened, 3, Token);
        string[] parts = moment.Split(':');
        int committed = parts is [CrashPoint.AfterStageAppend, var count] ? int.Parse(count, null) - 1
            : parts is [CrashPoint.AfterJournal, var journaled] ? int.Parse(journaled, null)
            : ChildProcess.Chunks;
        Assert.Equal(committed, resumed);
        Assert.Equal(before == Before.Nothing ? new WriteOutcome(100, 0) : new WriteOutcome(80, 20), outcome);
        Assert.Equal(Files(whole), Files(killed));
    }

    [Fact]
    public async Task A_put_between_death_and_resumption_is_kept()
    {
        using var folder = new TestFolder();
        using (var child = ChildProcess.Start(CrashPoint.AfterRenameNpy, "write", folder.Path, "3"))
            await child.WaitForExitAsync(Token);
        await using var store = await folder.OpenAsync();
        await store.Vectors.PutAsync(ChildProcess.Key, new VectorBatch([new RowHeader("Z")], new float[ChildProcess.Dimension], ChildProcess.Dimension), "o", Token);
        Assert.Equal((ChildProcess.Chunks, new WriteOutcome(100, 0)), await ChildProcess.WriteAsync(store, 3, Token));
        Assert.Equal(101, (await store.Vectors.ReadAsync(ChildProcess.Key, null, null, Token))!.Rows.Count);
    }

    [Fact]
    public async Task A_vacuum_after_death_leaves_only_live_files()
    {
        using var folder = new TestFolder();
        await PrepareAsync(folder, Before.SameRows);
        foreach (string moment in CrashPoint.All)
        {
            using var child = ChildProcess.Start(moment, "write", folder.Path, "3");
            await child.WaitForExitAsync(Token);
            await using var store = await folder.OpenAsync();
            await store.Vectors.VacuumAsync(DateTimeOffset.MinValue, Token);
            string[] expected = moment == CrashPoint.AfterCurrent ? ["1.ids.csv", "1.npy", "2.ids.csv", "2.npy", "current.json"] : ["1.ids.csv", "1.npy", "current.json"];
            Assert.Equal(expected, Directory.EnumerateFiles(Partition(folder)).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        }
    }

    private static async Task PrepareAsync(TestFolder folder, Before before)
    {
        await using var store = await folder.OpenAsync();
        if (before != Before.Nothing)
            await ChildProcess.WriteAsync(store, 2, Token);
        if (before == Before.OneMoreRow)
            await store.Vectors.PutAsync(ChildProcess.Key, new VectorBatch([new RowHeader("Z")], new float[ChildProcess.Dimension], ChildProcess.Dimension), "o", Token);
    }

    private static string Partition(TestFolder folder) => Path.Combine(folder.Path, "vectors", "numeric", "num-test-v1", "2024-03-01");

    // current.json tells the time and is compared through the partition instead.
    private static Dictionary<string, string> Files(TestFolder folder) => Directory.EnumerateFiles(Partition(folder))
        .Where(file => Path.GetFileName(file) != "current.json")
        .ToDictionary(file => Path.GetFileName(file)!, file => Convert.ToHexString(File.ReadAllBytes(file)));
}
