using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Core.Tests.Fakes;

namespace Prometheus.Grid.Core.Tests.Backfill;

/// <summary>A backfill whose chunks are encoded by others: the same rows as of one process, whatever the others do.</summary>
public sealed class SpreadBackfillTests
{
    private const int Chunks = 9;
    private const int ChunkSize = 3;

    private static readonly EncoderRegistry s_encoders = EncoderRegistry.BuiltIn(workers: 2);
    private readonly MemoryStore _store = FactorMarket.Create(issuers: Chunks * ChunkSize - 1, days: 70);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private DateOnly Day => FactorMarket.Day(_store, 69);

    private BackfillContext Context => new(_store, Catalogs.Shipped, s_encoders, Workers: 2) { ChunkSize = ChunkSize };

    private NumericBackfill Request => new() { ModelId = "num-profile-core-v1", Dates = DateRange.On(Day), WindowDays = 63 };

    [Fact]
    public async Task Commits_stay_in_order_when_the_last_chunk_is_ready_first()
    {
        float[] expected = await RowsAsync(null);
        using var others = Reversing(ahead: 4);
        Assert.Equal(expected, await RowsAsync(others));
        Assert.Equal(Enumerable.Range(0, Chunks), others.Asked);
        Assert.Equal(4, others.MostUnderWay);
    }

    [Fact]
    public async Task What_others_cannot_encode_is_encoded_here()
    {
        float[] expected = await RowsAsync(null);
        using var others = new OtherProcesses(Context, chunksAhead: 6)
        {
            Before = (order, _) => order.Number % 2 == 1 ? Task.FromException(new TimeoutException("the silo is gone")) : Task.CompletedTask,
        };
        Assert.Equal(expected, await RowsAsync(others));
        using var stopping = new OtherProcesses(Context, chunksAhead: 6) { Before = (_, _) => Task.FromException(new OperationCanceledException("the silo stops")) };
        Assert.Equal(expected, await RowsAsync(stopping));
    }

    [Fact]
    public async Task What_nobody_can_encode_fails_with_the_error_of_one_process()
    {
        _store.Prices.Remove("S004");
        Exception alone = await Assert.ThrowsAsync<KeyNotFoundException>(() => RowsAsync(null));
        using var others = new OtherProcesses(Context, chunksAhead: 4) { Before = (_, _) => Task.FromException(new TimeoutException("the silo is gone")) };
        Exception error = await Assert.ThrowsAsync<KeyNotFoundException>(() => RowsAsync(others));
        Assert.Equal(alone.Message, error.Message);
        // The chunk before the bad one is committed, and nothing is left running.
        Assert.Single(Assert.Single(_store.Unfinished).Value);
        Assert.Equal(0, others.UnderWay);
    }

    [Fact]
    public async Task Others_with_other_inputs_are_not_trusted()
    {
        var later = FactorMarket.Create(issuers: Chunks * ChunkSize - 1, days: 70, seed: 2);
        later.InputVersion = "2";
        float[] expected = await RowsAsync(null);
        using var others = new OtherProcesses(Context with { Store = later }, chunksAhead: 4);
        Assert.Equal(expected, await RowsAsync(others));
        Assert.Equal(Chunks, others.Asked.Count);

        using var worker = new ChunkWorker(Context);
        var fault = await Assert.ThrowsAsync<GridFaultException>(() => worker.EncodeAsync(new ChunkOrder(Request, Day, 0, "other work"), Token));
        Assert.True(fault.CanRetry);
        Assert.Contains("num-profile-core-v1", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_was_cancelled_is_taken_up_behind_its_last_chunk()
    {
        float[] expected = await RowsAsync(null);
        _store.Partitions.Clear();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var others = new OtherProcesses(Context, chunksAhead: 3)
        {
            // The chunks that follow wait for an end that only the token brings.
            Before = (order, token) => order.Number < 4 ? Task.CompletedTask : Task.Delay(Timeout.Infinite, token),
        };
        var progress = new Committed(entities =>
        {
            if (entities == 4 * ChunkSize)
                stop.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new BackfillJob(Context, others).RunAsync(Request, progress, stop.Token));
        Assert.Equal(0, others.UnderWay);
        Assert.Empty(_store.Partitions);

        using var next = new OtherProcesses(Context, chunksAhead: 3);
        var report = await new BackfillJob(Context, next).RunAsync(Request, null, Token);
        Assert.Equal(4 * ChunkSize, report.Days[0].Resumed);
        Assert.Equal(Enumerable.Range(4, Chunks - 4), next.Asked);
        Assert.Equal(expected, Rows());
    }

    [Fact]
    public async Task A_date_is_planned_once_by_a_worker()
    {
        using var worker = new ChunkWorker(Context);
        var order = await FirstOrderAsync();
        int before = _store.UniverseReads;
        for (int chunk = 0; chunk < Chunks; chunk++)
            await worker.EncodeAsync(order with { Number = chunk }, Token);
        Assert.Equal(before + 1, _store.UniverseReads);
    }

    [Fact]
    public async Task Fitted_models_and_joint_vectors_stay_in_one_process()
    {
        using var others = new OtherProcesses(Context, chunksAhead: 4);
        var job = new BackfillJob(Context, others);
        foreach (string modelId in (string[])["num-profile-core-v2", "num-regime-core-v2"])
        {
            var report = await job.RunAsync(Request with { ModelId = modelId, WindowDays = null }, null, Token);
            Assert.Equal(modelId == "num-profile-core-v2" ? 0 : Chunks, others.Asked.Count);
            Assert.Single(report.Days);
        }
        await RowsAsync(null);
        _store.Add(new PartitionKey(BranchKind.Text, "text-profile-v1", Day), _store.Issuers.Select(issuer => (issuer.IssuerId, new float[384])));
        await job.RunAsync(new JointProfileBackfill { ModelId = "joint-profile-core-v1", Dates = DateRange.On(Day) }, null, Token);
        Assert.Equal(Chunks, others.Asked.Count);
    }

    /// <summary>Others who answer the chunks that they are given at once in reverse order.</summary>
    private OtherProcesses Reversing(int ahead)
    {
        TaskCompletionSource[] ready = [.. Enumerable.Range(0, Chunks + 1).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))];
        ready[Chunks].SetResult();
        return new OtherProcesses(Context, ahead)
        {
            Before = async (order, token) =>
            {
                // The last of each group is free, and each lets the one before it go.
                bool isLast = order.Number % ahead == ahead - 1;
                await ready[isLast ? Chunks : order.Number + 1].Task.WaitAsync(token);
                ready[order.Number].SetResult();
            },
        };
    }

    private async Task<ChunkOrder> FirstOrderAsync()
    {
        ChunkOrder? first = null;
        using var others = new OtherProcesses(Context, chunksAhead: 1)
        {
            Before = (order, _) =>
            {
                first ??= order;
                return Task.CompletedTask;
            },
        };
        await RowsAsync(others);
        return first!;
    }

    private async Task<float[]> RowsAsync(IChunkEncoder? others)
    {
        _store.Partitions.Clear();
        await new BackfillJob(Context, others).RunAsync(Request, null, Token);
        return Rows();
    }

    private float[] Rows() => _store.Partitions[new PartitionKey(BranchKind.Numeric, Request.ModelId, Day)].Rows.Values.ToArray();

    private sealed class Committed(Action<int> entities) : IProgress<BackfillProgress>
    {
        public void Report(BackfillProgress value) => entities(value.EntitiesDone);
    }
}
