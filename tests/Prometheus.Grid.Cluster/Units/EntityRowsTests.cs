using Prometheus.Grid.Cluster.Fakes;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Grains.Storage;

namespace Prometheus.Grid.Cluster.Units;

public sealed class EntityRowsTests : IAsyncDisposable
{
    private static readonly DateOnly s_day = new(2023, 12, 29);
    private static readonly PartitionKey s_key = new(BranchKind.Numeric, "num-portfolio-core-v1", s_day);

    private readonly TableStore _tables = new();
    private readonly EntityRows _rows;

    public EntityRowsTests() => _rows = new EntityRows(new SharedStore(_tables, TimeSpan.Zero));

    public ValueTask DisposeAsync() => _tables.DisposeAsync();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_row_that_did_not_change_is_read_once_and_checked_at_every_call()
    {
        await _tables.PutAsync(s_key, TableStore.Rows(("PF_A", [1, 2])), "put", Token);
        for (int call = 0; call < 3; call++)
            Assert.Equal("1 2", await ReadAsync());
        Assert.Single(_tables.Asked, question => question.StartsWith("read", StringComparison.Ordinal));
        Assert.Equal(2, _tables.Asked.Count(question => question.StartsWith("headers", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_row_that_somebody_else_wrote_is_seen_by_the_next_call()
    {
        await _tables.PutAsync(s_key, TableStore.Rows(("PF_A", [1, 2])), "put", Token);
        Assert.Equal("1 2", await ReadAsync());
        await _tables.PutAsync(s_key, TableStore.Rows(("PF_A", [3, 4])), "put", Token);
        Assert.Equal("3 4", await ReadAsync());
    }

    [Fact]
    public async Task A_row_that_was_missing_is_found_once_it_is_there()
    {
        Assert.Null(await ReadAsync());
        await _tables.PutAsync(s_key, TableStore.Rows(("PF_A", [1, 2])), "put", Token);
        Assert.Equal("1 2", await ReadAsync());
    }

    [Fact]
    public async Task What_a_call_wrote_it_reads_back_without_a_question()
    {
        var call = await _rows.OpenAsync(s_day, [], Token);
        await call.Vectors.PutAsync(s_key, TableStore.Rows(("PF_A", [1, 2])), "put", Token);
        Assert.Equal("1 2", await ReadAsync(call));
        Assert.Equal("put", (await call.Vectors.ReadAsync(s_key, [], null, Token))!.Origin);
        Assert.DoesNotContain(_tables.Asked, question => question.StartsWith("read", StringComparison.Ordinal));
        // The next call does not trust it: others may have written the partition before and after.
        await _tables.PutAsync(s_key, TableStore.Rows(("PF_A", [5, 6])), "put", Token);
        Assert.Equal("5 6", await ReadAsync());
    }

    [Fact]
    public async Task A_call_keeps_to_what_it_verified_while_a_later_one_sees_the_new_row()
    {
        await _tables.PutAsync(s_key, TableStore.Rows(("PF_A", [1, 2])), "put", Token);
        await ReadAsync();
        var earlier = await _rows.OpenAsync(s_day, [], Token);
        await _tables.PutAsync(s_key, TableStore.Rows(("PF_A", [3, 4])), "put", Token);
        Assert.Equal("3 4", await ReadAsync());
        Assert.Equal("1 2", await ReadAsync(earlier));
    }

    [Fact]
    public async Task The_recipes_that_a_call_is_about_come_with_the_question_for_what_is_held()
    {
        PartitionKey joint = new(BranchKind.Joint, "joint-portfolio-core-v1", s_day);
        await _tables.PutAsync(s_key, TableStore.Rows(("PF_A", [1, 2])), "put", Token);
        await ReadAsync();
        _tables.Asked.Clear();
        var call = await _rows.OpenAsync(s_day, [s_key, joint], Token);
        var headers = await call.Vectors.HeadersAsync([joint, s_key], Token);
        Assert.Equal((null, "put"), (headers[0], headers[1]!.Origin));
        Assert.Equal("1 2", await ReadAsync(call));
        Assert.Equal([$"headers of {s_key}, {joint}"], _tables.Asked);
    }

    [Fact]
    public async Task A_put_like_the_last_one_is_not_asked_for_and_writes_nothing_once_a_recipe_is_another()
    {
        PartitionKey joint = new(BranchKind.Joint, "joint-portfolio-core-v2", s_day);
        Assert.Null(_rows.TryOpen(s_day));
        await PutAsync(await _rows.OpenAsync(s_day, [s_key, joint], Token), 1);
        _tables.Asked.Clear();
        var second = _rows.TryOpen(s_day)!;
        Assert.Null((await second.Vectors.HeadersAsync([joint], Token))[0]);
        await PutAsync(second, 2);
        // The store checks what the put relied on when it writes.
        Assert.Equal([$"headers of {s_key}, {joint}", $"put {s_key} [PF_A]"], _tables.Asked);

        await _tables.PutAsync(joint, TableStore.Rows(("PF_B", [1, 2])), "numeric=other", Token);
        var third = _rows.TryOpen(s_day)!;
        await Assert.ThrowsAsync<OutdatedException>(() => PutAsync(third, 3));
        var kept = await _tables.ReadAsync(s_key, null, null, Token);
        Assert.Equal([2, 2], kept!.Rows.Values.ToArray());
        await PutAsync(await _rows.OpenAsync(s_day, [s_key, joint], Token), 3);
        Assert.Equal("numeric=other", (await _rows.TryOpen(s_day)!.Vectors.HeadersAsync([joint], Token))[0]!.Origin);
        Assert.Null(_rows.TryOpen(s_day.AddDays(1)));
    }

    [Fact]
    public async Task A_put_that_was_made_of_rows_is_asked_for_every_time()
    {
        PartitionKey other = new(BranchKind.Text, "text-hash-v1", s_day);
        var call = await _rows.OpenAsync(s_day, [s_key], Token);
        await call.Vectors.ReadAsync(other, ["PF_A"], null, Token);
        await PutAsync(call, 1);
        Assert.Null(_rows.TryOpen(s_day));
    }

    private static Task<WriteOutcome> PutAsync(IGridStore call, float value) =>
        call.Vectors.PutAsync(s_key, TableStore.Rows(("PF_A", [value, 2])), "put", Token);

    private async Task<string?> ReadAsync() => await ReadAsync(await _rows.OpenAsync(s_day, [], Token));

    private static async Task<string?> ReadAsync(IGridStore call) =>
        await call.Vectors.ReadAsync(s_key, ["PF_A"], null, Token) is { } partition ? string.Join(' ', partition.Rows.Values.ToArray()) : null;
}
