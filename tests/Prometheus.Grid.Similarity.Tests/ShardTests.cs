using Prometheus.Grid.Similarity.Rows;

namespace Prometheus.Grid.Similarity.Tests;

public sealed class ShardTests
{
    private const int Dimensions = 48;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_sequence_of_writes_leaves_what_a_dictionary_holds(int seed)
    {
        var random = new Random(seed);
        var shard = new Shard(new RowShape(Dimensions));
        var rows = new SortedDictionary<int, float[]>();
        float[] fresh = Samples.Rows("clustered", 4000, Dimensions, seed);
        var searcher = new Searcher();
        for (int step = 0; step < 4000; step++)
        {
            int ordinal = random.Next(300);
            if (random.Next(4) == 0)
            {
                Assert.Equal(rows.Remove(ordinal), shard.Remove(ordinal));
            }
            else
            {
                rows[ordinal] = fresh[(step * Dimensions)..((step + 1) * Dimensions)];
                shard.Put(ordinal, rows[ordinal]);
            }
            if (step % 40 == 0 && rows.Count > 0) AssertSame(rows, shard, searcher, fresh.AsMemory(random.Next(4000) * Dimensions, Dimensions));
        }
        // 3,000 writes of 300 rows: what died is given back.
        Assert.InRange(shard.Bytes, 0, 4L * 300 * Dimensions * 6 + 65536);
    }

    private static void AssertSame(SortedDictionary<int, float[]> rows, Shard shard, Searcher searcher, ReadOnlyMemory<float> query)
    {
        Assert.Equal(rows.Count, shard.Count);
        int[] ordinals = rows.Keys.ToArray();
        var expected = Oracle.Search(rows.Values.SelectMany(row => row).ToArray(), Dimensions, query.Span, 9)
            .Select(hit => (ordinals[hit.Ordinal], hit.Cosine, hit.Distance)).ToList();
        Oracle.AssertEqual(expected, searcher.Search(shard, new VectorQuery(query, 9)));
        float[] copy = new float[Dimensions];
        Assert.True(shard.TryGetRow(ordinals[0], copy));
        Assert.Equal(rows[ordinals[0]], copy);
    }

    [Fact]
    public void A_built_shard_takes_writes_and_gives_back_what_died()
    {
        const int Count = 20_000;
        float[] data = Samples.Rows("uniform", Count, Dimensions, 4);
        var shard = Samples.Coded(new RowShape(Dimensions), data);
        var searcher = new Searcher();
        for (int ordinal = 0; ordinal < 15_000; ordinal++) Assert.True(shard.Remove(ordinal));
        shard.Put(3, data.AsSpan(3 * Dimensions, Dimensions));
        shard.Put(25_000, data.AsSpan(5 * Dimensions, Dimensions));
        Assert.Equal(5_002, shard.Count);
        var expected = Oracle.Search(data, Dimensions, data.AsSpan(0, Dimensions), 4, ordinal => ordinal >= 15_000 || ordinal == 3);
        var actual = searcher.Search(shard, new VectorQuery(data.AsMemory(0, Dimensions), 5)).Where(hit => hit.Ordinal != 25_000).Take(4).ToArray();
        Oracle.AssertEqual(expected, actual);
        Assert.Equal(25_000, searcher.Search(shard, new VectorQuery(data.AsMemory(5 * Dimensions, Dimensions), 1))[0].Ordinal);
        Assert.False(shard.TryGetRow(7, new float[Dimensions]));
    }

    [Fact]
    public async Task A_search_beside_a_writer_sees_whole_rows()
    {
        // Every version of a row is a multiple of one direction, so that any torn or half-coded row shows as a cosine below 1.
        var shard = new Shard(new RowShape(Dimensions));
        float[] direction = Samples.Rows("uniform", 1, Dimensions, 9);
        using var stop = new CancellationTokenSource();
        for (int ordinal = 0; ordinal < 200; ordinal++) shard.Put(ordinal, direction);
        var writer = Task.Run(() =>
        {
            for (int i = 0; !stop.IsCancellationRequested; i++) shard.Put(i % 200, direction.Select(value => value * (1 + i % 5)).ToArray());
        }, TestContext.Current.CancellationToken);
        var searcher = new Searcher();
        for (int i = 0; i < 300; i++)
        {
            var hits = searcher.Search(shard, new VectorQuery(direction, 200));
            Assert.Equal(200, hits.Length);
            Assert.Equal(200, hits.Select(hit => hit.Ordinal).Distinct().Count());
            Assert.All(hits, hit => Assert.InRange(hit.Cosine, 1 - 1e-7, 1));
        }
        await stop.CancelAsync();
        await writer;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void Shards_and_their_order_do_not_change_the_answer(int shards)
    {
        const int Count = 700;
        float[] rows = Samples.Rows("duplicated", Count, Dimensions, 5);
        var query = new VectorQuery(rows.AsMemory(0, Dimensions), 60) { Order = new HitOrder(Comparer<Hit>.Create((x, y) => x.Ordinal.CompareTo(y.Ordinal))) };
        var expected = new Searcher().Search(Samples.Coded(new RowShape(Dimensions), rows), query);
        foreach (int seed in new[] { 1, 2, 3 })
        {
            var sources = Enumerable.Range(0, shards).Select(_ => new Shard(new RowShape(Dimensions))).ToArray();
            int[] order = Enumerable.Range(0, Count).ToArray();
            new Random(seed).Shuffle(order);
            foreach (int ordinal in order) sources[ordinal * 7 % shards].Put(ordinal, rows.AsSpan(ordinal * Dimensions, Dimensions));
            var together = new Searcher().Search([.. sources.Select(shard => new SearchSource(shard))], query);
            Assert.Equal(expected, together.Select(hit => hit with { Source = 0 }));
            var merged = query.Order.Best(sources.SelectMany(shard => new Searcher().Search(shard, query)).OrderBy(_ => order[seed]).Reverse(), 60);
            Assert.Equal(expected, merged);
        }
    }

    [Fact]
    public void Rows_that_are_used_where_they_are_give_the_answers_of_rows_that_are_copied_and_stay_as_they_were()
    {
        // A chunk, and one that ends amid a tile; the rows begin amid the memory.
        const int Count = 17_001;
        float[] memory = [7, .. Samples.Rows("clustered", Count, Dimensions, 9)];
        var rows = memory.AsMemory(1);
        var shape = new RowShape(Dimensions);
        Shard copied = Shard.Build(shape, rows), used = Shard.Over(shape, rows);
        var queries = Enumerable.Range(0, 40).Select(i => new VectorQuery(rows.Slice(i * 400 * Dimensions, Dimensions), 20)).ToArray();
        float[] before = [.. memory], row = new float[Dimensions];
        foreach (int round in (int[])[0, 1, 2])
        {
            Assert.InRange(used.Bytes, copied.Bytes - (64 * Dimensions * sizeof(float)), copied.Bytes);
            Assert.Equal(new Searcher().SearchBatch([new SearchSource(copied)], queries), new Searcher().SearchBatch([new SearchSource(used)], queries));
            foreach (var shard in (Shard[])[copied, used])
            {
                Assert.True(shard.TryGetRow(Count - 1, row));
                Assert.Equal(memory[^Dimensions..], row);
                shard.Put(round * 400, memory.AsSpan(1 + (round * Dimensions), Dimensions));
                Assert.True(shard.Remove(1 + round));
            }
        }
        Assert.Equal(before, memory);
        Assert.StartsWith("row 1", Assert.Throws<ArgumentException>(() => Shard.Over(new RowShape(1), new[] { 1, float.NaN })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lanes_do_not_change_the_answer()
    {
        const int Count = 30_000;
        var shard = Samples.Coded(new RowShape(Dimensions), Samples.Rows("duplicated", Count, Dimensions, 6));
        var query = new VectorQuery(Samples.Rows("uniform", 1, Dimensions, 7), 100);
        var expected = new Searcher(new ScanScheduler(1)).Search(shard, query);
        using var scheduler = new ScanScheduler(4);
        for (int i = 0; i < 20; i++) Assert.Equal(expected, new Searcher(scheduler).Search(shard, query));
    }

    [Fact]
    public async Task As_many_searches_pass_at_once_as_there_are_lanes()
    {
        using var scheduler = new ScanScheduler(2);
        var first = await scheduler.PassAsync(TestContext.Current.CancellationToken);
        await scheduler.PassAsync(TestContext.Current.CancellationToken);
        var third = scheduler.PassAsync(TestContext.Current.CancellationToken);
        Assert.False(third.IsCompleted);
        first.Dispose();
        (await third).Dispose();
    }

    [Fact]
    public void Answers_stay_the_same_while_searches_make_the_codes()
    {
        const int Count = 40_000;
        float[] rows = Samples.Rows("clustered", Count, Dimensions, 13);
        var shard = Shard.Build(new RowShape(Dimensions), rows);
        var query = new VectorQuery(rows.AsMemory(0, Dimensions), 20);
        using var scheduler = new ScanScheduler(3);
        var searcher = new Searcher(scheduler);
        var expected = searcher.Search(Samples.Coded(new RowShape(Dimensions), rows), query);
        Parallel.For(0, 3 * ChunkStore.UncodedQueries, _ => Assert.Equal(expected, searcher.Search(shard, query)));
        Assert.All(shard.Snapshot().Chunks, chunk => Assert.NotNull(chunk.Store.Codes([64])));
    }

    [Fact]
    public void Coordinates_that_rows_do_not_use_are_not_coded_until_a_row_does()
    {
        const int Count = 500, Wide = 300;
        float[] rows = new float[Count * Wide];
        float[] narrow = Samples.Rows("clustered", Count, 100, 14);
        for (int r = 0; r < Count; r++) narrow.AsSpan(r * 100, 100).CopyTo(rows.AsSpan(r * Wide));
        var shard = Samples.Coded(new RowShape(Wide), rows);
        Assert.Equal([128], shard.Snapshot().Dims);
        float[] wide = Samples.Rows("clustered", 50, Wide, 15);
        for (int r = 0; r < 50; r++)
        {
            wide.AsSpan(r * Wide, Wide).CopyTo(rows.AsSpan(10 * r * Wide));
            shard.Put(10 * r, wide.AsSpan(r * Wide, Wide));
        }
        for (int q = 0; q < 60; q++)
        {
            var query = rows.AsMemory(q * Wide, Wide);
            Oracle.AssertEqual(Oracle.Search(rows, Wide, query.Span, 25), new Searcher().Search(shard, new VectorQuery(query, 25)));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(40)]
    [InlineData(1000)]
    public void A_filter_equals_the_oracle_over_what_it_keeps(int every)
    {
        const int Count = 5_000;
        float[] rows = Samples.Rows("clustered", Count, Dimensions, 8);
        var built = Samples.Coded(new RowShape(Dimensions), rows);
        var grown = new Shard(new RowShape(Dimensions));
        var within = new OrdinalSet();
        for (int ordinal = 0; ordinal < Count; ordinal++)
        {
            grown.Put(ordinal, rows.AsSpan(ordinal * Dimensions, Dimensions));
            if (ordinal % every == 0) within.Add(ordinal);
        }
        Assert.Equal((Count + every - 1) / every, within.Count);
        var expected = Oracle.Search(rows, Dimensions, rows.AsSpan(0, Dimensions), 12, within.Contains);
        foreach (var shard in new[] { built, grown, Shard.Build(new RowShape(Dimensions), rows) })
            Oracle.AssertEqual(expected, new Searcher().Search([new SearchSource(shard, within)], new VectorQuery(rows.AsMemory(0, Dimensions), 12)));
    }

    [Fact]
    public void A_search_allocates_little_more_than_its_answer()
    {
        var shard = Samples.Coded(new RowShape(Dimensions), Samples.Rows("uniform", 3_000, Dimensions, 10));
        var query = new VectorQuery(Samples.Rows("uniform", 1, Dimensions, 11), 10);
        var searcher = new Searcher(new ScanScheduler(1));
        for (int i = 0; i < 5; i++) searcher.Search(shard, query);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++) searcher.Search(shard, query);
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 10, 0, 2048);
    }

    [Fact]
    public void Bad_input_is_refused_by_name()
    {
        var shard = Shard.Build(new RowShape(2), new float[] { 1, 2 });
        Assert.StartsWith("row:", Assert.Throws<ArgumentException>(() => shard.Put(0, [1])).Message, StringComparison.Ordinal);
        Assert.StartsWith("row:", Assert.Throws<ArgumentException>(() => shard.Put(0, [1, float.NaN])).Message, StringComparison.Ordinal);
        Assert.StartsWith("row 1", Assert.Throws<ArgumentException>(() => Shard.Build(new RowShape(1), new[] { 1, float.PositiveInfinity })).Message, StringComparison.Ordinal);
        Assert.StartsWith("top:", Assert.Throws<ArgumentException>(() => new Searcher().Search(shard, new VectorQuery(new float[2], 0))).Message, StringComparison.Ordinal);
        Assert.StartsWith("vector:", Assert.Throws<ArgumentException>(() => new Searcher().Search(shard, new VectorQuery(new float[3], 1))).Message, StringComparison.Ordinal);
        Assert.StartsWith("vector:", Assert.Throws<ArgumentException>(() => new Searcher().Search(shard, new VectorQuery(new[] { float.NaN, 1 }, 1))).Message, StringComparison.Ordinal);
        Assert.Single(new Searcher().Search(shard, new VectorQuery(new float[] { 1, 0 }, int.MaxValue)));
    }

    [Fact]
    public void A_cancelled_search_says_so()
    {
        var shard = Shard.Build(new RowShape(2), new float[] { 1, 2 });
        Assert.ThrowsAny<OperationCanceledException>(() => new Searcher().Search(shard, new VectorQuery(new float[2], 1), new CancellationToken(true)));
    }
}
