using System.Diagnostics;
using System.Globalization;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;
using Xunit;

namespace Prometheus.Grid.Storage.Folder.Tests;

public sealed class WriterLockTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_second_writer_is_told_who_writes_and_a_reader_is_not_held_up()
    {
        using var folder = new TestFolder();
        await using var store = await folder.OpenAsync();
        await store.Vectors.PutAsync(ChildProcess.Key, ChildProcess.Chunk(0, 1), "o", Token);
        using var holder = await HoldAsync(folder);

        var begin = await Assert.ThrowsAsync<GridFaultException>(() => store.Vectors.BeginAsync(ChildProcess.Key, 7, "o", "f", Token));
        Assert.Contains($"process {holder.Id.ToString(CultureInfo.InvariantCulture)} on {Environment.MachineName}", begin.Message, StringComparison.Ordinal);
        Assert.True(begin.CanRetry);
        await Assert.ThrowsAsync<GridFaultException>(() => store.Vectors.PutAsync(ChildProcess.Key, ChildProcess.Chunk(1, 1), "o", Token));
        await Assert.ThrowsAsync<GridFaultException>(() => store.Vectors.VacuumAsync(DateTimeOffset.MaxValue, Token));
        await Assert.ThrowsAsync<GridFaultException>(() => store.Artifacts.WriteAsync("m", default, "a", default, Token));
        Assert.Equal(20, (await store.Vectors.ReadAsync(ChildProcess.Key, null, null, Token))!.Rows.Count);

        await holder.StandardInput.WriteLineAsync();
        await holder.WaitForExitAsync(Token);
        Assert.Equal(new WriteOutcome(20, 0), await store.Vectors.PutAsync(ChildProcess.Key, ChildProcess.Chunk(1, 1), "o", Token));
    }

    [Fact]
    public async Task The_lock_of_a_killed_writer_is_taken_over()
    {
        using var folder = new TestFolder();
        using var holder = await HoldAsync(folder);
        holder.Kill();
        await holder.WaitForExitAsync(Token);
        Assert.True(File.Exists(folder.File(".writer.lock.holder")));
        await using var store = await folder.OpenAsync();
        Assert.Equal(new WriteOutcome(20, 0), await store.Vectors.PutAsync(ChildProcess.Key, ChildProcess.Chunk(1, 1), "o", Token));
        Assert.False(File.Exists(folder.File(".writer.lock.holder")));
    }

    [Fact]
    public async Task A_holder_counts_as_alive_only_with_its_own_start()
    {
        // As left by a dead process whose number this machine has given to another: process 1 always lives, but began at another time.
        using var folder = new TestFolder();
        folder.With(".writer.lock.holder", $$"""{"process_id": 1, "host": "{{Environment.MachineName}}", "started": "never"}""");
        await using var store = await folder.OpenAsync();
        await store.Vectors.PutAsync(ChildProcess.Key, ChildProcess.Chunk(1, 1), "o", Token);

        // As on a file system that ignores locks, where a live process is known only by its name.
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the start of a process is read from /proc");
        string stat = await File.ReadAllTextAsync("/proc/1/stat", Token);
        string started = stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19];
        folder.With(".writer.lock.holder", $$"""{"process_id": 1, "host": "{{Environment.MachineName}}", "started": "{{started}}"}""");
        var error = await Assert.ThrowsAsync<GridFaultException>(() => store.Vectors.PutAsync(ChildProcess.Key, ChildProcess.Chunk(2, 1), "o", Token));
        Assert.Contains("process 1 on", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"process_id": "x", "host": 1, "started": null}""")]
    public async Task A_holder_that_is_cut_off_names_nobody(string content)
    {
        using var folder = new TestFolder();
        folder.With(".writer.lock.holder", content);
        await using var store = await folder.OpenAsync();
        Assert.Equal(new WriteOutcome(20, 0), await store.Vectors.PutAsync(ChildProcess.Key, ChildProcess.Chunk(1, 1), "o", Token));
    }

    [Fact]
    public async Task Stores_of_one_process_share_the_lock_but_not_a_partition()
    {
        using var folder = new TestFolder();
        await using FolderStore one = await folder.OpenAsync(), two = await folder.OpenAsync();
        await using var first = await one.Vectors.BeginAsync(ChildProcess.Key, 7, "o", "f", Token);
        await Assert.ThrowsAsync<GridFaultException>(() => two.Vectors.BeginAsync(ChildProcess.Key, 7, "o", "f", Token));
        await using var other = await two.Vectors.BeginAsync(ChildProcess.Key with { ModelId = "num-other-v1" }, 7, "o", "f", Token);
        await first.CommitAsync(ChildProcess.Chunk(0, 1), [], Token);
        Assert.Equal(new WriteOutcome(20, 0), (await first.CompleteAsync(Token)).Outcome);
    }

    private static async Task<Process> HoldAsync(TestFolder folder)
    {
        var holder = ChildProcess.Start("", "hold", folder.Path);
        Assert.Equal("ready", await holder.StandardOutput.ReadLineAsync(Token));
        return holder;
    }
}
