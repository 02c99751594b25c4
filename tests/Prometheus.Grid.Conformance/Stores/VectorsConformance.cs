using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Conformance.Stores;

/// <summary>What <see cref="IVectorStore"/> and <see cref="IPartitionWriter"/> promise about rows, versions and origins.</summary>
public abstract class VectorsConformance : RowsOfNumbers
{
    [Fact]
    public async Task What_was_not_written_is_not_there()
    {
        var vectors = (await OpenAsync()).Vectors;
        Assert.Null(await vectors.ReadAsync(Key, null, null, Token));
        Assert.Null(await vectors.VersionAsync(Key, Token));
        Assert.Empty(await vectors.ListAsync(null, null, Token));
    }

    [Fact]
    public async Task Rows_are_read_as_they_were_written_bit_for_bit_also_after_a_restart()
    {
        float[] values = [0f, -0f, float.Epsilon, float.MaxValue, -1.1754942e-38f, 0.1f];
        RowHeader[] headers = [new("A", "A.US", "US", "num"), new("Ä,\"quoted\"", "", "", "num+text\nsecond line")];
        await (await OpenAsync()).Vectors.PutAsync(Key, new VectorBatch(headers, values, 3), Origin, Token);
        var partition = (await (await OpenAsync()).Vectors.ReadAsync(Key, null, null, Token))!;
        Assert.Equal(headers, partition.Rows.Headers);
        Assert.Equal(values.Select(BitConverter.SingleToInt32Bits), partition.Rows.Values.ToArray().Select(BitConverter.SingleToInt32Bits));
        Assert.Equal((Key, Origin, Time.GetUtcNow()), (partition.Key, partition.Origin, partition.KnownAt));
    }

    [Fact]
    public async Task Some_rows_are_read_and_unknown_ids_left_out()
    {
        var vectors = (await OpenAsync()).Vectors;
        await vectors.PutAsync(Key, Batch(("A", 1), ("B", 2), ("C", 3)), Origin, Token);
        var some = await vectors.ReadAsync(Key, ["C", "Z", "A", "C"], null, Token);
        Assert.Equal([("A", 1f), ("C", 3f)], Rows(some));
        Assert.Equal(await vectors.VersionAsync(Key, Token), some!.Version);
        Assert.Empty(Rows(await vectors.ReadAsync(Key, [], null, Token)));
    }

    [Fact]
    public async Task Headers_of_many_partitions_come_in_the_order_of_the_question()
    {
        var vectors = (await OpenAsync()).Vectors;
        PartitionKey later = Key with { AsOf = Key.AsOf.AddDays(1) }, missing = Key with { AsOf = Key.AsOf.AddDays(2) };
        await vectors.PutAsync(Key, Batch(("A", 1)), Origin, Token);
        Time.Advance(TimeSpan.FromHours(1));
        await vectors.PutAsync(later, Batch(("A", 1)), Origin, Token);
        Assert.Equal(
            [await vectors.VersionAsync(later, Token), null, await vectors.VersionAsync(Key, Token)],
            (await vectors.HeadersAsync([later, missing, Key], Token)).Select(header => header?.Version));
    }

    [Fact]
    public async Task Writing_the_same_rows_again_changes_nothing()
    {
        var vectors = (await OpenAsync()).Vectors;
        Assert.Equal(new WriteOutcome(2, 0), await vectors.PutAsync(Key, Batch(("A", 1), ("B", 2)), Origin, Token));
        var before = (await vectors.ReadAsync(Key, null, null, Token))!;
        Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(new WriteOutcome(0, 2), await vectors.PutAsync(Key, Batch(("A", 1), ("B", 2)), Origin, Token));
        Assert.Equal(new WriteOutcome(0, 1), await WriteAsync(vectors, Origin, Batch(("B", 2))));
        var after = (await vectors.ReadAsync(Key, null, null, Token))!;
        Assert.Equal((before.Version, before.KnownAt), (after.Version, after.KnownAt));
        Assert.Equal(before.Version, await vectors.VersionAsync(Key, Token));
    }

    [Fact]
    public async Task A_holder_of_rows_gets_what_it_lacks()
    {
        PartitionKey key = new(BranchKind.Joint, "joint-test-v1", Key.AsOf);
        var vectors = (await OpenAsync()).Vectors;
        Assert.Null(await vectors.ReadChangesAsync(key, EntityBuckets.All, null, Token));
        await vectors.PutAsync(key, Batch(("A", 1), ("B", 2), ("C", 3), ("D", 4), ("É", 5)), Origin, Token);
        var held = new Dictionary<string, float>();
        string? version = null;
        foreach (var put in (VectorBatch[])[Batch(("B", 22), ("E", 5)), Batch(("A", 1)), Batch(("F", 6), ("G", 7), ("H", 8), ("É", 55))])
        {
            string? since = version;
            for (int bucket = 0; bucket < 4; bucket++)
            {
                var changes = (await vectors.ReadChangesAsync(key, new EntityBuckets(4, [bucket]), since, Token))!;
                Assert.True(changes.AreAll || since is not null);
                Assert.All(changes.Partition.Rows.Headers, header => Assert.Equal(bucket, EntityBuckets.BucketOf(header.EntityId, 4)));
                foreach ((string id, float value) in Rows(changes.Partition))
                    held[id] = value;
                version = changes.Partition.Version;
            }
            Assert.Equal(Rows(await vectors.ReadAsync(key, null, null, Token)), held.OrderBy(row => row.Key, StringComparer.Ordinal).Select(row => (row.Key, row.Value)));
            Assert.Equal(await vectors.VersionAsync(key, Token), version);
            await vectors.PutAsync(key, put, Origin, Token);
        }
        var last = (await vectors.ReadChangesAsync(key, new EntityBuckets(4, [0, 1, 2, 3]), version, Token))!;
        Assert.Equal(["F", "G", "H", "É"], last.Partition.Rows.Headers.Select(header => header.EntityId).Except(last.AreAll ? ["A", "B", "C", "D", "E"] : []));
    }

    [Fact]
    public async Task Puts_together_tell_each_caller_what_changed()
    {
        var vectors = (await OpenAsync()).Vectors;
        Assert.Equal([new(1, 0), new(2, 0)], await PutTogetherAsync(Batch(("D", 4)), Batch(("A", 1), ("B", 2))));
        Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(
            [new(1, 1), new(0, 1), new(1, 0)],
            await PutTogetherAsync(Batch(("B", 2), ("C", 3)), Batch(("D", 4)), Batch(("A", 11))));
        Assert.Equal([("A", 11f), ("B", 2f), ("C", 3f), ("D", 4f)], Rows(await vectors.ReadAsync(Key, null, null, Token)));
        Assert.Equal([("A", 1f), ("B", 2f), ("D", 4f)], Rows(await vectors.ReadAsync(Key, null, Time.GetUtcNow().AddMinutes(-1), Token)));

        Task<IReadOnlyList<WriteOutcome>> PutTogetherAsync(params IEnumerable<VectorBatch> puts) =>
            vectors.PutTogetherAsync([.. puts.Select(put => new VectorPut(Key, put, Origin))], Token);
    }

    [Fact]
    public async Task Puts_together_may_go_to_several_partitions()
    {
        var vectors = (await OpenAsync()).Vectors;
        PartitionKey joint = new(BranchKind.Joint, "joint-test-v1", Key.AsOf), text = new(BranchKind.Text, "text-test-v1", Key.AsOf);
        for (int round = 0; round < 2; round++)
        {
            Assert.Equal(
                [new(1, 0), new(1, 0), new(1, round), new(1, 0)],
                await vectors.PutTogetherAsync(
                    [
                        new VectorPut(joint, Batch(("B", round)), "joint"), new VectorPut(Key, Batch(("B", round)), Origin),
                        new VectorPut(joint, round == 0 ? Batch(("A", 1)) : Batch(("A", 1), ("D", 4)), "joint"), new VectorPut(text, Batch(("C", round)), "profile"),
                    ],
                    Token));
        }
        Assert.Equal([("A", 1f), ("B", 1f), ("D", 4f)], Rows(await vectors.ReadAsync(joint, null, null, Token)));
        Assert.Equal([("B", 1f)], Rows(await vectors.ReadAsync(Key, null, null, Token)));
        Assert.Equal([("C", 1f)], Rows(await vectors.ReadAsync(text, null, null, Token)));
    }

    [Fact]
    public async Task Rows_that_a_write_does_not_mention_stay()
    {
        var vectors = (await OpenAsync()).Vectors;
        await vectors.PutAsync(Key, Batch(("B", 2), ("D", 4)), Origin, Token);
        string? before = await vectors.VersionAsync(Key, Token);
        Assert.Equal(new WriteOutcome(3, 0), await vectors.PutAsync(Key, Batch(("A", 1), ("B", 22), ("E", 5)), Origin, Token));
        Assert.Equal(new WriteOutcome(2, 1), await WriteAsync(vectors, Origin, Batch(("C", 3)), Batch(("D", 44), ("E", 5))));
        Assert.Equal([("A", 1f), ("B", 22f), ("C", 3f), ("D", 44f), ("E", 5f)], Rows(await vectors.ReadAsync(Key, null, null, Token)));
        Assert.NotEqual(before, await vectors.VersionAsync(Key, Token));
    }

    [Fact]
    public async Task A_row_with_another_header_is_another_row()
    {
        var vectors = (await OpenAsync()).Vectors;
        await vectors.PutAsync(Key, Batch(("A", 1), ("B", 2)), Origin, Token);
        VectorBatch moved = new([new RowHeader("A", "A.US", "SE", "num+text")], Batch(("A", 1)).Values, 3);
        Assert.Equal(new WriteOutcome(1, 0), await vectors.PutAsync(Key, moved, Origin, Token));
        Assert.Equal("SE", (await vectors.ReadAsync(Key, ["A"], null, Token))!.Rows.Headers[0].Region);
    }

    [Fact]
    public async Task Minus_zero_is_another_value_than_zero()
    {
        var vectors = (await OpenAsync()).Vectors;
        await vectors.PutAsync(Key, Batch(("A", 0f)), Origin, Token);
        Assert.Equal(new WriteOutcome(1, 0), await vectors.PutAsync(Key, Batch(("A", -0f)), Origin, Token));
    }

    [Fact]
    public async Task Partitions_are_listed_by_kind_model_and_date()
    {
        var vectors = (await OpenAsync()).Vectors;
        PartitionKey[] keys =
        [
            new(BranchKind.Numeric, "num-a-v1", Date("2023-01-01")), new(BranchKind.Numeric, "num-a-v1", Date("2024-01-01")),
            new(BranchKind.Numeric, "num-b-v1", Date("2022-01-01")), new(BranchKind.Text, "text-a-v1", Date("2022-01-01")),
            new(BranchKind.Joint, "joint-a-v1", Date("2022-01-01")),
        ];
        foreach (var key in keys.Reverse())
            await vectors.PutAsync(key, Batch(("A", 1)), Origin, Token);
        Assert.Equal(keys, await vectors.ListAsync(null, null, Token));
        Assert.Equal(keys[..3], await vectors.ListAsync(BranchKind.Numeric, null, Token));
        Assert.Equal(keys[2..3], await vectors.ListAsync(BranchKind.Numeric, "num-b-v1", Token));
        Assert.Empty(await vectors.ListAsync(BranchKind.Text, "num-b-v1", Token));
    }

    [Fact]
    public async Task Models_and_dates_do_not_mix()
    {
        var vectors = (await OpenAsync()).Vectors;
        await vectors.PutAsync(Key, Batch(("A", 1)), Origin, Token);
        await vectors.PutAsync(Key with { ModelId = "num-other-v1" }, Batch(("A", 2)), Origin, Token);
        await vectors.PutAsync(Key with { AsOf = Key.AsOf.AddDays(1) }, Batch(("A", 3)), Origin, Token);
        Assert.Equal([("A", 1f)], Rows(await vectors.ReadAsync(Key, null, null, Token)));
    }

    [Fact]
    public async Task A_vector_that_is_not_finite_is_refused_with_its_entity()
    {
        var vectors = (await OpenAsync()).Vectors;
        foreach (float bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            var error = await Assert.ThrowsAsync<BadInputException>(() => vectors.PutAsync(Key, Batch(("A", 1), ("BAD", bad)), Origin, Token));
            Assert.Contains("BAD", error.Message, StringComparison.Ordinal);
            await using var writer = await vectors.BeginAsync(Key, 3, Origin, "f", Token);
            await Assert.ThrowsAsync<BadInputException>(() => writer.CommitAsync(Batch(("BAD", bad)), [], Token));
        }
        Assert.Null(await vectors.ReadAsync(Key, null, null, Token));
    }

    [Fact]
    public async Task Rows_of_another_recipe_never_share_a_partition()
    {
        var vectors = (await OpenAsync()).Vectors;
        await vectors.PutAsync(Key, Batch(("A", 1), ("B", 2)), Origin, Token);
        string? before = await vectors.VersionAsync(Key, Token);
        await Assert.ThrowsAsync<BadInputException>(() => vectors.PutAsync(Key, Batch(("A", 9)), "window_days=126", Token));
        await Assert.ThrowsAsync<BadInputException>(() => WriteAsync(vectors, "window_days=126", Batch(("A", 9))));
        Assert.Equal(before, await vectors.VersionAsync(Key, Token));

        Assert.Equal(new WriteOutcome(2, 1), await WriteAsync(vectors, "window_days=126", Batch(("A", 9)), Batch(("B", 2), ("C", 3))));
        var partition = (await vectors.ReadAsync(Key, null, null, Token))!;
        Assert.Equal("window_days=126", partition.Origin);
        Assert.Equal([("A", 9f), ("B", 2f), ("C", 3f)], Rows(partition));
        Assert.Equal(new WriteOutcome(0, 3), await vectors.PutAsync(Key, Batch(("A", 9), ("B", 2), ("C", 3)), Origin, Token));
        Assert.Equal(Origin, (await vectors.ReadAsync(Key, null, null, Token))!.Origin);
    }

    [Fact]
    public async Task Rows_of_another_length_never_share_a_partition()
    {
        var vectors = (await OpenAsync()).Vectors;
        await vectors.PutAsync(Key, Batch(("A", 1), ("B", 2)), Origin, Token);
        VectorBatch one = new([new RowHeader("A")], new float[] { 1, 2 }, 2), both = new([new RowHeader("A"), new RowHeader("B")], new float[] { 1, 2, 3, 4 }, 2);
        await Assert.ThrowsAsync<BadInputException>(() => vectors.PutAsync(Key, one, Origin, Token));
        Assert.Equal(new WriteOutcome(2, 0), await vectors.PutAsync(Key, both, Origin, Token));
        Assert.Equal(2, (await vectors.ReadAsync(Key, null, null, Token))!.Rows.Dimension);
    }

    [Fact]
    public async Task A_reader_sees_each_write_whole_or_not_at_all()
    {
        const int Writes = 40, RowsAtOnce = 50;
        IVectorStore writer = (await OpenAsync()).Vectors, reader = (await OpenAsync()).Vectors;
        await writer.PutAsync(Key, Marked(0), Origin, Token);
        var writing = Task.Run(
            async () =>
            {
                for (int mark = 1; mark <= Writes; mark++)
                    await writer.PutAsync(Key, Marked(mark), Origin, Token);
            },
            Token);
        float last = 0;
        while (last < Writes)
        {
            var partition = (await reader.ReadAsync(Key, null, null, Token))!;
            float mark = partition.Rows.Values.Span[0];
            Assert.Equal(RowsAtOnce, partition.Rows.Count);
            Assert.All(partition.Rows.Values.ToArray(), value => Assert.Equal(mark, value));
            Assert.True(mark >= last, $"the mark went back from {last} to {mark}");
            last = mark;
        }
        await writing;

        static VectorBatch Marked(int mark) => Batch([.. Enumerable.Range(0, RowsAtOnce).Select(i => ($"E{i:D4}", (float)mark))]);
    }

    [Fact]
    public async Task Damage_is_found_by_reads_and_by_verify_and_the_rest_is_served()
    {
        var vectors = (await OpenAsync()).Vectors;
        var sound = Key with { AsOf = Key.AsOf.AddDays(1) };
        await vectors.PutAsync(Key, Batch(("A", 1), ("B", 2)), Origin, Token);
        await vectors.PutAsync(sound, Batch(("A", 1), ("B", 2), ("C", 3)), Origin, Token);
        Assert.Equal([new StoreFinding(Key, 2, null), new StoreFinding(sound, 3, null)], await vectors.VerifyAsync(Token).ToListAsync(Token));

        await Fixture.DamageAsync(Key);
        vectors = (await OpenAsync()).Vectors;
        await Assert.ThrowsAsync<GridFaultException>(() => vectors.ReadAsync(Key, null, null, Token));
        var findings = await vectors.VerifyAsync(Token).ToListAsync(Token);
        Assert.Equal([Key, sound], findings.Select(finding => finding.Key));
        Assert.NotNull(findings[0].Problem);
        Assert.Null(findings[1].Problem);
        Assert.Equal(3, (await vectors.ReadAsync(sound, null, null, Token))!.Rows.Count);
    }
}
