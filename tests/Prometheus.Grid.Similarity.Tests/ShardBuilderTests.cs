namespace Prometheus.Grid.Similarity.Tests;

/// <summary>A shard of rows that came one by one is that of rows that came at once, and what was frozen of it stays.</summary>
public sealed class ShardBuilderTests
{
    private const int Dimensions = 70;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1024)]
    [InlineData(1025)]
    [InlineData(5000)]
    public void Rows_that_come_one_by_one_are_those_that_come_at_once(int count)
    {
        float[] rows = Rows(count);
        var built = Build(rows);
        var atOnce = Shard.Build(new RowShape(Dimensions), rows, TestContext.Current.CancellationToken);
        Assert.Equal(count, built.Count);
        float[] row = new float[Dimensions];
        for (int ordinal = 0; ordinal < count; ordinal++)
        {
            Assert.True(built.TryGetRow(ordinal, row));
            Assert.True(rows.AsSpan(ordinal * Dimensions, Dimensions).SequenceEqual(row));
        }
        Assert.Equal(Hits(atOnce), Hits(built));
        // With codes, and behind rows that were put.
        built.Encode(inParallel: false, TestContext.Current.CancellationToken);
        atOnce.Encode(TestContext.Current.CancellationToken);
        Assert.Equal(Hits(atOnce), Hits(built));
        float[] another = [.. Enumerable.Repeat(1f, Dimensions)];
        foreach (var shard in (Shard[])[built, atOnce])
        {
            shard.Put(count, another);
            shard.Put(0, another);
        }
        Assert.Equal(Hits(atOnce), Hits(built));
    }

    [Fact]
    public void What_was_frozen_stays_as_it_was()
    {
        float[] rows = Rows(2000);
        var shard = Build(rows);
        shard.Remove(7);
        shard.Put(3000, Rows(1));
        var frozen = shard.Freeze();
        int count = shard.Count;
        for (int ordinal = 0; ordinal < 1900; ordinal++)
            shard.Remove(ordinal);
        shard.Put(1950, new float[Dimensions]);
        var seen = new SortedDictionary<int, float[]>();
        frozen.Visit((ordinal, row) => seen.Add(ordinal, row.ToArray()));
        Assert.Equal((count, count, Dimensions), (frozen.Count, seen.Count, frozen.Dimensions));
        int[] expected = [.. Enumerable.Range(0, 2000).Where(ordinal => ordinal != 7), 3000];
        Assert.Equal(expected, seen.Keys);
        Assert.Equal(rows[(1950 * Dimensions)..(1951 * Dimensions)], seen[1950]);
    }

    [Fact]
    public void A_row_that_is_not_finite_is_refused()
    {
        var builder = new ShardBuilder(new RowShape(Dimensions));
        builder.Add().Clear();
        builder.Add()[3] = float.NaN;
        Assert.Throws<ArgumentException>(builder.Build);
    }

    private static Shard Build(float[] rows)
    {
        var builder = new ShardBuilder(new RowShape(Dimensions));
        for (int at = 0; at < rows.Length; at += Dimensions)
            rows.AsSpan(at, Dimensions).CopyTo(builder.Add());
        return builder.Build();
    }

    private static float[] Rows(int count)
    {
        var random = new Random(7);
        return [.. Enumerable.Range(0, count * Dimensions).Select(_ => random.NextSingle() - 0.5f)];
    }

    private static Hit[] Hits(Shard shard) =>
        new Searcher(ScanScheduler.Shared).SearchBatch([new SearchSource(shard, null, null)], [new VectorQuery(Rows(1), 20)], TestContext.Current.CancellationToken)[0];
}
