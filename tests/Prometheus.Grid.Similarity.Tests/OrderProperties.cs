using FsCheck;
using FsCheck.Fluent;

namespace Prometheus.Grid.Similarity.Tests;

/// <summary>Small whole numbers: every sum is exact, so that ties are ties and answers equal the oracle's to the bit.</summary>
public sealed class OrderProperties
{
    private const int Dimensions = 3;

    private static readonly Arbitrary<(float[] Rows, float[] Query, int Top)> s_cases =
        (from count in Gen.Choose(1, 200)
         from rows in Gen.Choose(-2, 2).ArrayOf(count * Dimensions)
         from query in Gen.Choose(-2, 2).ArrayOf(Dimensions)
         from top in Gen.Choose(1, 220)
         select (rows.Select(x => (float)x).ToArray(), query.Select(x => (float)x).ToArray(), top)).ToArbitrary();

    [Fact]
    public void Answers_follow_the_total_order_through_ties_and_zero_rows() =>
        Prop.ForAll(s_cases, sample =>
        {
            var expected = Oracle.Search(sample.Rows, Dimensions, sample.Query, sample.Top).Select(hit => new Hit(hit.Ordinal, hit.Cosine, hit.Distance));
            var query = new VectorQuery(sample.Query, sample.Top);
            var shape = new RowShape(Dimensions);
            return new[] { Shard.Build(shape, sample.Rows), Samples.Coded(shape, sample.Rows) }.All(shard => new Searcher().Search(shard, query).SequenceEqual(expected));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Merging_parts_of_an_answer_in_any_order_is_the_answer() =>
        Prop.ForAll(s_cases, Gen.Choose(1, 5).ToArbitrary(), (sample, parts) =>
        {
            var order = new HitOrder();
            var all = Oracle.Search(sample.Rows, Dimensions, sample.Query, int.MaxValue).Select(hit => new Hit(hit.Ordinal, hit.Cosine, hit.Distance)).ToArray();
            var split = all.GroupBy(hit => hit.Ordinal % parts).Reverse().SelectMany(part => part.Reverse());
            return order.Best(split, sample.Top).SequenceEqual(all.Take(sample.Top));
        }).QuickCheckThrowOnFailure();
}
