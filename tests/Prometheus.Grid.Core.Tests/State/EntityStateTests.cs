using FsCheck;
using FsCheck.Fluent;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.State;

namespace Prometheus.Grid.Core.Tests.State;

public sealed class EntityStateTests
{
    private static readonly DateOnly s_day = new(2023, 11, 30);
    private static readonly DateTimeOffset s_time = new(2023, 12, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Vectors of three models on a few dates and known-at times; the value tells them apart.</summary>
    private static Arbitrary<BranchVector[]> Arrivals =>
        (from model in Gen.Choose(0, 2)
         from day in Gen.Choose(0, 3)
         from hour in Gen.Choose(0, 1000)
         select new BranchVector($"num-{model}", s_day.AddDays(day), s_time.AddHours(hour), new float[] { 1000 * day + hour }))
        .ArrayOf().Select(vectors => vectors.DistinctBy(v => (v.ModelId, v.AsOf, v.KnownAt)).ToArray()).ToArbitrary();

    [Fact]
    public void The_order_of_arrival_does_not_matter() =>
        Prop.ForAll(Arrivals, Arb.From(Gen.Choose(0, int.MaxValue)), (vectors, seed) =>
        {
            BranchVector[] shuffled = [.. vectors];
            new Random(seed).Shuffle(shuffled);
            return After(vectors).Branches.SequenceEqual(After(shuffled).Branches);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_latest_date_wins_and_then_the_latest_knowledge() =>
        Prop.ForAll(Arrivals, vectors =>
            After(vectors).Branches.SequenceEqual(vectors
                .GroupBy(v => v.ModelId, StringComparer.Ordinal)
                .Select(model => model.MaxBy(v => (v.AsOf, v.KnownAt))!)
                .OrderBy(v => v.ModelId, StringComparer.Ordinal))).QuickCheckThrowOnFailure();

    [Fact]
    public void Applying_a_vector_twice_changes_nothing()
    {
        var state = new PortfolioState("PF_1");
        var vector = new BranchVector("num-portfolio-core-v1", s_day, s_time, new float[] { 1 });
        Assert.True(state.Apply(vector));
        Assert.False(state.Apply(vector));
    }

    [Fact]
    public void A_vector_of_another_date_takes_no_part_in_a_fusion()
    {
        var state = new PortfolioState("PF_1");
        state.Apply(new BranchVector("num-portfolio-core-v1", s_day, s_time, new float[384]));
        Assert.Null(state.TryFuse(Catalogs.Shipped.Space("joint-portfolio-core-v1"), s_day, null, out float[]? joint));
        Assert.NotNull(joint);
        Assert.Equal("no numeric vector", state.TryFuse(Catalogs.Shipped.Space("joint-portfolio-core-v1"), s_day.AddDays(1), null, out joint)?.Code);
        Assert.Null(joint);
    }

    private static IssuerState After(IEnumerable<BranchVector> vectors)
    {
        var state = new IssuerState("ISS_1", "ONE.US");
        foreach (var vector in vectors)
            state.Apply(vector);
        return state;
    }
}
