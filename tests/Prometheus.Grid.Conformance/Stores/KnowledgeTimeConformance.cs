using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Conformance.Stores;

/// <summary>What a store promises about the past: every state stays readable by the time at which it was known, until a vacuum.</summary>
public abstract class KnowledgeTimeConformance : StoreConformance
{
    private const string Origin = "o";
    private static readonly PartitionKey s_key = new(BranchKind.Joint, "joint-test-v1", new DateOnly(2024, 3, 1));
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1), s_moment = TimeSpan.FromMicroseconds(1);

    [Fact]
    public async Task A_read_as_known_sees_what_was_known_then()
    {
        var vectors = (await OpenAsync()).Vectors;
        var first = Time.GetUtcNow();
        await PutAsync(vectors, ("A", 1), ("B", 2));
        var second = Time.Advance(s_hour);
        await PutAsync(vectors, ("B", 22));
        var third = Time.Advance(s_hour);
        await PutAsync(vectors, ("C", 3));

        Assert.Null(await vectors.ReadAsync(s_key, null, first - s_moment, Token));
        Assert.Equal([("A", 1f), ("B", 2f)], await RowsAsync(vectors, first));
        Assert.Equal([("A", 1f), ("B", 2f)], await RowsAsync(vectors, second - s_moment));
        Assert.Equal([("A", 1f), ("B", 22f)], await RowsAsync(vectors, second));
        Assert.Equal([("A", 1f), ("B", 22f), ("C", 3f)], await RowsAsync(vectors, third));
        Assert.Equal([("A", 1f), ("B", 22f), ("C", 3f)], await RowsAsync(vectors, third + s_hour));
    }

    [Fact]
    public async Task Known_at_is_that_of_the_newest_row_read()
    {
        var vectors = (await OpenAsync()).Vectors;
        var first = Time.GetUtcNow();
        await PutAsync(vectors, ("A", 1), ("B", 2));
        var second = Time.Advance(s_hour);
        await PutAsync(vectors, ("A", 1), ("B", 22));
        Assert.Equal(first, (await vectors.ReadAsync(s_key, ["A"], null, Token))!.KnownAt);
        Assert.Equal(second, (await vectors.ReadAsync(s_key, ["B"], null, Token))!.KnownAt);
        Assert.Equal(second, (await vectors.ReadAsync(s_key, null, null, Token))!.KnownAt);
        Assert.Equal(first, (await vectors.ReadAsync(s_key, null, first, Token))!.KnownAt);
    }

    [Fact]
    public async Task Equal_versions_have_equal_rows_and_each_state_has_its_own()
    {
        var vectors = (await OpenAsync()).Vectors;
        var first = Time.GetUtcNow();
        await PutAsync(vectors, ("A", 1));
        string version = (await vectors.VersionAsync(s_key, Token))!;
        Time.Advance(s_hour);
        await PutAsync(vectors, ("A", 2));
        Assert.NotEqual(version, await vectors.VersionAsync(s_key, Token));
        Assert.Equal(version, (await vectors.ReadAsync(s_key, null, first, Token))!.Version);
    }

    [Fact]
    public async Task A_clock_that_goes_back_does_not_rewrite_the_past()
    {
        var vectors = (await OpenAsync()).Vectors;
        var first = Time.GetUtcNow();
        await PutAsync(vectors, ("A", 1));
        Time.Advance(-s_hour);
        await PutAsync(vectors, ("A", 2));
        Assert.Equal([("A", 2f)], await RowsAsync(vectors, null));
        Assert.Null(await vectors.ReadAsync(s_key, null, first - s_moment, Token));
        // A store may tell the two states apart by the smallest step of time.
        Assert.InRange((await vectors.ReadAsync(s_key, null, null, Token))!.KnownAt, first, first + s_moment);
    }

    [Fact]
    public async Task A_vacuum_drops_what_was_superseded_before_and_says_so_afterwards()
    {
        var vectors = (await OpenAsync()).Vectors;
        var first = Time.GetUtcNow();
        await PutAsync(vectors, ("A", 1), ("B", 2));
        var second = Time.Advance(s_hour);
        await PutAsync(vectors, ("B", 22));
        var third = Time.Advance(s_hour);
        await PutAsync(vectors, ("B", 222));

        Assert.Equal(0, (await vectors.VacuumAsync(second, Token)).Superseded);
        Assert.Equal(1, (await vectors.VacuumAsync(third, Token)).Superseded);
        Assert.Null(await vectors.ReadAsync(s_key, null, first - s_moment, Token));
        await Assert.ThrowsAsync<NotFoundException>(() => vectors.ReadAsync(s_key, null, first, Token));
        Assert.Equal([("A", 1f), ("B", 22f)], await RowsAsync(vectors, second));
        Assert.Equal(first, (await vectors.ReadAsync(s_key, ["A"], null, Token))!.KnownAt);
        Assert.Equal(1, (await vectors.VacuumAsync(third + s_hour, Token)).Superseded);
        Assert.Equal([("A", 1f), ("B", 222f)], await RowsAsync((await OpenAsync()).Vectors, null));
        Assert.All(await vectors.VerifyAsync(Token).ToListAsync(Token), finding => Assert.Null(finding.Problem));
    }

    [Fact]
    public async Task A_vacuum_drops_what_a_stopped_writer_left()
    {
        var vectors = (await OpenAsync()).Vectors;
        await using (var writer = await vectors.BeginAsync(s_key, 3, Origin, "work", Token))
            await writer.CommitAsync(Batch(("A", 1)), [], Token);
        await vectors.VacuumAsync(Time.GetUtcNow(), Token);
        await using var again = await vectors.BeginAsync(s_key, 3, Origin, "work", Token);
        Assert.Equal(0, again.CommittedChunks);
    }

    private static VectorBatch Batch(params ReadOnlySpan<(string Id, float Value)> rows)
    {
        var headers = new RowHeader[rows.Length];
        float[] values = new float[3 * rows.Length];
        for (int i = 0; i < rows.Length; i++)
        {
            headers[i] = new RowHeader(rows[i].Id);
            values.AsSpan(3 * i, 3).Fill(rows[i].Value);
        }
        return new VectorBatch(headers, values, 3);
    }

    private static Task<WriteOutcome> PutAsync(IVectorStore vectors, params ReadOnlySpan<(string Id, float Value)> rows) =>
        vectors.PutAsync(s_key, Batch(rows), Origin, Token);

    private static async Task<(string Id, float Value)[]> RowsAsync(IVectorStore vectors, DateTimeOffset? asKnown)
    {
        var partition = (await vectors.ReadAsync(s_key, null, asKnown, Token))!;
        return [.. partition.Rows.Headers.Select((header, i) => (header.EntityId, partition.Rows.Row(i).Span[0]))];
    }
}
