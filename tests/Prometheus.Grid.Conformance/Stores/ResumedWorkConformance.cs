using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Conformance.Stores;

/// <summary>What <see cref="IPartitionWriter"/> promises about work that stops, is taken up, cancelled or overtaken.</summary>
public abstract class ResumedWorkConformance : RowsOfNumbers
{
    [Fact]
    public async Task A_writer_that_stopped_is_taken_up_after_its_last_chunk()
    {
        SkippedEntity skipped = new("X", new SkipReason("insufficient price rows", "3 of 55"));
        await using (var first = await (await OpenAsync()).Vectors.BeginAsync(Key, 3, Origin, "work 1", Token))
        {
            Assert.Equal(0, first.CommittedChunks);
            await first.CommitAsync(Batch(("A", 1), ("B", 2)), [skipped], Token);
            await first.CommitAsync(Batch(), [], Token);
        }
        var vectors = (await OpenAsync()).Vectors;
        await using var second = await vectors.BeginAsync(Key, 3, Origin, "work 1", Token);
        Assert.Equal(2, second.CommittedChunks);
        await second.CommitAsync(Batch(("C", 3)), [new SkippedEntity("Y", new SkipReason("empty text"))], Token);
        (var outcome, var all) = await second.CompleteAsync(Token);
        Assert.Equal(new WriteOutcome(3, 0), outcome);
        Assert.Equal([skipped, new SkippedEntity("Y", new SkipReason("empty text"))], all);
        Assert.Equal([("A", 1f), ("B", 2f), ("C", 3f)], Rows(await vectors.ReadAsync(Key, null, null, Token)));
    }

    [Fact]
    public async Task Completed_work_begins_anew()
    {
        var vectors = (await OpenAsync()).Vectors;
        await WriteAsync(vectors, Origin, Batch(("A", 1)));
        await using var again = await vectors.BeginAsync(Key, 3, Origin, "1 chunks", Token);
        Assert.Equal(0, again.CommittedChunks);
    }

    [Fact]
    public async Task What_a_writer_of_other_work_left_is_dropped()
    {
        var vectors = (await OpenAsync()).Vectors;
        await using (var first = await vectors.BeginAsync(Key, 3, Origin, "work 1", Token))
            await first.CommitAsync(Batch(("A", 1)), [new SkippedEntity("X", new SkipReason("gone"))], Token);
        await using (var second = await vectors.BeginAsync(Key, 3, Origin, "work 2", Token))
        {
            Assert.Equal(0, second.CommittedChunks);
            await second.CommitAsync(Batch(("B", 2)), [], Token);
            Assert.Empty((await second.CompleteAsync(Token)).Skipped);
        }
        await using var third = await vectors.BeginAsync(Key, 3, Origin, "work 1", Token);
        Assert.Equal(0, third.CommittedChunks);
        Assert.Contains(("B", 2f), Rows(await vectors.ReadAsync(Key, null, null, Token)));
    }

    [Fact]
    public async Task Work_without_rows_leaves_no_partition()
    {
        var vectors = (await OpenAsync()).Vectors;
        await using var writer = await vectors.BeginAsync(Key, 3, Origin, "work", Token);
        await writer.CommitAsync(Batch(), [new SkippedEntity("X", new SkipReason("gone"))], Token);
        (var outcome, var skipped) = await writer.CompleteAsync(Token);
        Assert.Equal(new WriteOutcome(0, 0), outcome);
        Assert.Single(skipped);
        Assert.Null(await vectors.ReadAsync(Key, null, null, Token));
        Assert.Empty(await vectors.ListAsync(null, null, Token));
    }

    [Fact]
    public async Task Chunks_out_of_order_are_an_error_of_the_caller()
    {
        var vectors = (await OpenAsync()).Vectors;
        await using var writer = await vectors.BeginAsync(Key, 3, Origin, "work", Token);
        await writer.CommitAsync(Batch(("B", 2)), [], Token);
        await Assert.ThrowsAsync<ArgumentException>(() => writer.CommitAsync(Batch(("A", 1)), [], Token));
        await Assert.ThrowsAsync<ArgumentException>(() => writer.CommitAsync(Batch(("B", 1)), [], Token));
        await writer.CommitAsync(Batch(("C", 3)), [], Token);
        Assert.Equal(new WriteOutcome(2, 0), (await writer.CompleteAsync(Token)).Outcome);
    }

    [Fact]
    public async Task A_put_beside_unfinished_work_is_kept()
    {
        var vectors = (await OpenAsync()).Vectors;
        await using var writer = await vectors.BeginAsync(Key, 3, Origin, "work", Token);
        await writer.CommitAsync(Batch(("A", 1)), [], Token);
        await vectors.PutAsync(Key, Batch(("Z", 26)), Origin, Token);
        await writer.CompleteAsync(Token);
        Assert.Equal([("A", 1f), ("Z", 26f)], Rows(await vectors.ReadAsync(Key, null, null, Token)));
    }

    [Fact]
    public async Task A_cancelled_write_changes_nothing()
    {
        var vectors = (await OpenAsync()).Vectors;
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => vectors.PutAsync(Key, Batch(("A", 1)), Origin, cancelled));
        await using (var writer = await vectors.BeginAsync(Key, 3, Origin, "work", Token))
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writer.CommitAsync(Batch(("A", 1)), [], cancelled));
            await writer.CommitAsync(Batch(("A", 1)), [], Token);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writer.CompleteAsync(cancelled));
        }
        await using var again = await vectors.BeginAsync(Key, 3, Origin, "work", Token);
        Assert.Equal(1, again.CommittedChunks);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => vectors.ReadAsync(Key, null, null, cancelled));
    }
}
