namespace Prometheus.Grid.Numerics.Tests;

public sealed class SplitMix64Tests
{
    /// <summary>The first numbers of the reference implementation by Vigna for seed 1,234,567.</summary>
    [Fact]
    public void The_stream_is_that_of_the_reference_implementation()
    {
        var random = new SplitMix64(1_234_567);
        ulong[] expected = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431, 16_408_922_859_458_223_821];
        foreach (ulong value in expected)
            Assert.Equal(value, random.Next());
    }

    [Fact]
    public void Numbers_stay_in_their_ranges()
    {
        var random = new SplitMix64(7);
        bool[] seen = new bool[10];
        for (int i = 0; i < 1000; i++)
        {
            Assert.InRange(random.NextDouble(), 0, Math.BitDecrement(1.0));
            seen[random.NextIndex(seen.Length)] = true;
        }
        Assert.DoesNotContain(false, seen);
    }
}
