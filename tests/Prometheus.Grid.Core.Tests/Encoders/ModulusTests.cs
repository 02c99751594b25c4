using FsCheck;
using FsCheck.Fluent;
using Prometheus.Grid.Core.Encoders.Text;

namespace Prometheus.Grid.Core.Tests.Encoders;

public sealed class ModulusTests
{
    [Theory]
    [InlineData(1u)]
    [InlineData(3u)]
    [InlineData(384u)]
    [InlineData(uint.MaxValue)]
    public void The_ends_of_the_range_have_the_remainders_of_a_division(uint divisor)
    {
        foreach (ulong value in (ulong[])[0, 1, divisor - 1UL, divisor, divisor + 1UL, ulong.MaxValue - 1, ulong.MaxValue, 1UL << 63])
            Assert.Equal(value % divisor, new Modulus(divisor).Of(value));
    }

    [Fact]
    public void Any_remainder_is_that_of_a_division() =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(10_000),
            Prop.ForAll<ulong, ulong, uint>((high, low, divisor) =>
            {
                ulong value = (high << 48) ^ (high << 20) ^ low;
                uint by = Math.Max(1, divisor);
                return new Modulus(by).Of(value) == value % by;
            }));
}
