using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Storage.Postgres.Tests;

public sealed class VectorStoreTests(ServerFixture server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Keys => ["numeric", "text", "joint", "portfolio"];

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task Rows_come_back_bit_for_bit(string name)
    {
        (var store, _) = await server.OpenAsync();
        await using var _store = store;
        var key = KeyOf(name);
        var rows = Samples.Rows(key, 0, 50);
        Assert.Equal(new WriteOutcome(50, 0), await WriteAsync(store, key, rows));
        var read = await store.Vectors.ReadAsync(key, null, null, Token);
        Samples.Same(rows, read?.Rows);
        Assert.Equal("o", read!.Origin);
        Assert.Equal(read.Version, await store.Vectors.VersionAsync(key, Token));
        Assert.Equal([key], await store.Vectors.ListAsync(null, null, Token));

        var some = await store.Vectors.ReadAsync(key, ["E00007", "E00003", "nobody"], null, Token);
        Assert.Equal(["E00003", "E00007"], some!.Rows.Headers.Select(h => h.EntityId));
        Assert.Equal(0, (await store.Vectors.ReadAsync(key, [], null, Token))!.Rows.Count);

        Assert.Equal(new WriteOutcome(0, 50), await WriteAsync(store, key, rows));
        Assert.Equal(read.Version, await store.Vectors.VersionAsync(key, Token));
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task What_was_known_then_is_read_as_it_was_known(string name)
    {
        (var store, _) = await server.OpenAsync();
        await using var _store = store;
        var key = KeyOf(name);
        var before = Samples.Rows(key, 0, 20);
        await WriteAsync(store, key, before);
        var first = (await store.Vectors.ReadAsync(key, null, null, Token))!;
        var correction = Samples.Rows(key, 5, 3, seed: 2);
        Assert.Equal(new WriteOutcome(3, 0), await store.Vectors.PutAsync(key, correction, "o", Token));

        var second = (await store.Vectors.ReadAsync(key, null, null, Token))!;
        Assert.NotEqual(first.Version, second.Version);
        Assert.True(second.Rows.Row(6).Span.SequenceEqual(correction.Row(1).Span));
        var then = (await store.Vectors.ReadAsync(key, null, first.KnownAt, Token))!;
        Samples.Same(before, then.Rows);
        Assert.Equal((first.Version, first.KnownAt, first.Origin), (then.Version, then.KnownAt, then.Origin));
        var one = (await store.Vectors.ReadAsync(key, ["E00006"], first.KnownAt, Token))!;
        Assert.True(one.Rows.Row(0).Span.SequenceEqual(before.Row(6).Span));
        Samples.Same(second.Rows, (await store.Vectors.ReadAsync(key, null, second.KnownAt, Token))!.Rows);
        Assert.Null(await store.Vectors.ReadAsync(key, null, first.KnownAt.AddTicks(-10), Token));

        var vacuumed = await store.Vectors.VacuumAsync(second.KnownAt.AddTicks(10), Token);
        Assert.Equal(3, vacuumed.Superseded);
        Assert.Equal(3 * 1536, vacuumed.Bytes);
        await Assert.ThrowsAsync<NotFoundException>(() => store.Vectors.ReadAsync(key, null, first.KnownAt, Token));
        Samples.Same(second.Rows, (await store.Vectors.ReadAsync(key, null, second.KnownAt, Token))!.Rows);
    }

    [Fact]
    public async Task Chunks_show_all_at_once_and_a_new_writer_goes_on_behind_them()
    {
        (var store, _) = await server.OpenAsync();
        await using var _store = store;
        var key = Samples.Joint;
        var skip = new SkippedEntity("E00099", new SkipReason("no text", "none"));
        await using (var first = await store.Vectors.BeginAsync(key, 384, "o", "f", Token))
        {
            await first.CommitAsync(Samples.Rows(key, 0, 10), [skip], Token);
            await first.CommitAsync(Samples.Rows(key, 10, 10), [], Token);
            Assert.Null(await store.Vectors.ReadAsync(key, null, null, Token));
        }
        await using (var second = await store.Vectors.BeginAsync(key, 384, "o", "f", Token))
        {
            Assert.Equal(2, second.CommittedChunks);
            await second.CommitAsync(Samples.Rows(key, 20, 5), [], Token);
            (var outcome, var skipped) = await second.CompleteAsync(Token);
            Assert.Equal(new WriteOutcome(25, 0), outcome);
            Assert.Equal([skip], skipped);
        }
        Samples.Same(Samples.Rows(key, 0, 25), (await store.Vectors.ReadAsync(key, null, null, Token))?.Rows);
        await using var third = await store.Vectors.BeginAsync(key, 384, "o", "f", Token);
        Assert.Equal(0, third.CommittedChunks);
    }

    [Fact]
    public async Task Leftovers_of_other_work_are_dropped_but_not_those_of_a_living_writer()
    {
        (var store, string database) = await server.OpenAsync();
        await using var _store = store;
        var key = Samples.Numeric;
        await using (var dead = await store.Vectors.BeginAsync(key, 384, "o", "dead", Token))
            await dead.CommitAsync(Samples.Rows(key, 0, 10), [], Token);
        await using var living = await store.Vectors.BeginAsync(key, 384, "o", "living", Token);
        await living.CommitAsync(Samples.Rows(key, 0, 10), [], Token);
        await using (var again = await store.Vectors.BeginAsync(key, 384, "o", "dead", Token))
            Assert.Equal(0, again.CommittedChunks);
        Assert.Equal(10L, await ServerFixture.SqlAsync(database, "SELECT count(*) FROM grid_pending_vectors"));
        Assert.Equal(new WriteOutcome(10, 0), (await living.CompleteAsync(Token)).Outcome);
    }

    [Fact]
    public async Task Rows_of_another_recipe_do_not_mix_unless_all_are_replaced()
    {
        (var store, _) = await server.OpenAsync();
        await using var _store = store;
        var key = Samples.Numeric;
        await WriteAsync(store, key, Samples.Rows(key, 0, 10), "window_days=126");
        var first = (await store.Vectors.ReadAsync(key, null, null, Token))!;
        var error = await Assert.ThrowsAsync<BadInputException>(() => store.Vectors.PutAsync(key, Samples.Rows(key, 0, 3, 2), "window_days=63", Token));
        Assert.Contains("window_days=126", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<BadInputException>(() => store.Vectors.PutAsync(key, Samples.Rows(key, 0, 3, 2, dimension: 8), "window_days=126", Token));
        Samples.Same(first.Rows, (await store.Vectors.ReadAsync(key, null, null, Token))!.Rows);

        var shorter = Samples.Rows(key, 0, 10, 2, dimension: 8);
        Assert.Equal(new WriteOutcome(10, 0), await WriteAsync(store, key, shorter, "window_days=2"));
        var second = (await store.Vectors.ReadAsync(key, null, null, Token))!;
        Samples.Same(shorter, second.Rows);
        Assert.Equal("window_days=2", second.Origin);
        var then = (await store.Vectors.ReadAsync(key, null, first.KnownAt, Token))!;
        Samples.Same(first.Rows, then.Rows);
        Assert.Equal("window_days=126", then.Origin);
    }

    [Fact]
    public async Task Verify_names_every_damaged_row()
    {
        (var store, string database) = await server.OpenAsync();
        await using var _store = store;
        await WriteAsync(store, Samples.Numeric, Samples.Rows(Samples.Numeric, 0, 5));
        await WriteAsync(store, Samples.Text, Samples.Rows(Samples.Text, 0, 5));
        await ServerFixture.SqlAsync(database, "UPDATE numeric_window_embeddings SET vector = set_bit(vector, 77, 1 - get_bit(vector, 77)) WHERE entity_id = 'E00001'");
        await ServerFixture.SqlAsync(database, "UPDATE numeric_window_embeddings SET vector = substr(vector, 2) WHERE entity_id = 'E00003'");
        var findings = new List<StoreFinding>();
        await foreach (var finding in store.Vectors.VerifyAsync(Token))
            findings.Add(finding);
        Assert.Equal([(Samples.Numeric, 5), (Samples.Text, 5)], findings.Select(f => (f.Key, f.Rows)));
        Assert.Equal("2 damaged rows: 'E00001': its checksum does not match; 'E00003': it has 1535 bytes instead of 1536", findings[0].Problem);
        Assert.Null(findings[1].Problem);
        var error = await Assert.ThrowsAsync<GridFaultException>(() => store.Vectors.ReadAsync(Samples.Numeric, null, null, Token));
        Assert.Contains("E0000", error.Message, StringComparison.Ordinal);
    }

    internal static async Task<WriteOutcome> WriteAsync(PostgresStore store, PartitionKey key, VectorBatch rows, string origin = "o")
    {
        await using var writer = await store.Vectors.BeginAsync(key, rows.Dimension, origin, Guid.NewGuid().ToString(), Token);
        await writer.CommitAsync(rows, [], Token);
        return (await writer.CompleteAsync(Token)).Outcome;
    }

    private static PartitionKey KeyOf(string name) => name switch
    {
        "numeric" => Samples.Numeric,
        "text" => Samples.Text,
        "joint" => Samples.Joint,
        _ => Samples.JointPortfolio,
    };
}
