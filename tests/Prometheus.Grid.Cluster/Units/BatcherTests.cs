using Prometheus.Grid.Grains.Storage;

namespace Prometheus.Grid.Cluster.Units;

public sealed class BatcherTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Callers_that_come_while_one_runs_share_the_next_run_and_never_the_one_before_them()
    {
        var batches = new List<int[]>();
        var started = new TaskCompletionSource();
        var mayGoOn = new TaskCompletionSource();
        var batcher = new Batcher<string, int, int>("test", async (_, calls) =>
        {
            batches.Add([.. calls]);
            started.TrySetResult();
            await mayGoOn.Task;
            return [.. calls.Select(call => 10 * call)];
        });
        var first = batcher.RunAsync("key", 1, Token);
        await started.Task;
        Task<int>[] later = [.. Enumerable.Range(2, 5).Select(call => batcher.RunAsync("key", call, Token))];
        mayGoOn.SetResult();
        Assert.Equal(10, await first);
        int[] answers = await Task.WhenAll(later);
        Assert.Equal([20, 30, 40, 50, 60], answers);
        Assert.Equal([[1], [2, 3, 4, 5, 6]], batches);
    }

    [Fact]
    public async Task Two_at_once_are_two_and_no_more()
    {
        var batches = new List<int[]>();
        var started = new SemaphoreSlim(0);
        var mayGoOn = new TaskCompletionSource();
        var batcher = new Batcher<string, int, int>(
            "test",
            async (_, calls) =>
            {
                lock (batches)
                    batches.Add([.. calls]);
                started.Release();
                await mayGoOn.Task;
                return calls;
            },
            atOnce: 2);
        var first = batcher.RunAsync("key", 1, Token);
        await started.WaitAsync(Token);
        var second = batcher.RunAsync("key", 2, Token);
        await started.WaitAsync(Token);
        Task<int>[] later = [.. Enumerable.Range(3, 3).Select(call => batcher.RunAsync("key", call, Token))];
        mayGoOn.SetResult();
        int[] answers = await Task.WhenAll([first, second, .. later]);
        Assert.Equal([1, 2, 3, 4, 5], answers);
        Assert.Equal([[1], [2]], batches.Take(2));
        Assert.InRange(batches.Count, 3, 4);
    }

    [Fact]
    public async Task A_caller_that_gives_up_takes_nothing_from_the_others()
    {
        var mayGoOn = new TaskCompletionSource();
        var batcher = new Batcher<string, int, int>("test", async (_, calls) =>
        {
            await mayGoOn.Task;
            return [.. calls];
        });
        using var impatient = new CancellationTokenSource();
        var gone = batcher.RunAsync("key", 1, impatient.Token);
        var stays = batcher.RunAsync("key", 2, Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        mayGoOn.SetResult();
        Assert.Equal(2, await stays);
    }

    [Fact]
    public async Task An_error_reaches_every_caller_of_its_batch_and_no_later_one()
    {
        int runs = 0;
        var batcher = new Batcher<string, int, int>("test", (_, calls) =>
            ++runs == 1 ? throw new InvalidOperationException("first") : Task.FromResult<IReadOnlyList<int>>([.. calls]));
        await Assert.ThrowsAsync<InvalidOperationException>(() => batcher.RunAsync("key", 1, Token));
        Assert.Equal(2, await batcher.RunAsync("key", 2, Token));
    }
}
