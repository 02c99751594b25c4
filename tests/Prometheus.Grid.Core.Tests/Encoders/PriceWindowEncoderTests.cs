using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Prices;

namespace Prometheus.Grid.Core.Tests.Encoders;

public sealed class PriceWindowEncoderTests
{
    [Theory]
    [InlineData(126, 108, false)]
    [InlineData(126, 109, true)]
    [InlineData(63, 53, false)]
    [InlineData(63, 54, true)]
    [InlineData(1, 0, false)]
    [InlineData(1, 1, true)]
    public void Seven_eighths_of_the_window_must_be_there(int windowDays, int rows, bool encodes)
    {
        var skip = new PriceWindowEncoder(windowDays, 384).Encode(Rising(rows), new float[384]);
        Assert.Equal(encodes, skip is null);
        if (skip is { } reason)
            Assert.StartsWith($"{rows} of the ", reason.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_days_repeat_the_last_one_rounded_to_float32()
    {
        float[] vector = new float[3 * 63];
        Assert.Null(new PriceWindowEncoder(63, null).Encode(Rising(60, step: 0.1), vector));
        float lastClose = vector[3 * 59];
        Assert.Equal(lastClose, vector[3 * 60]);
        Assert.Equal((float)Math.Log(lastClose / (100 + 59 * 0.1)), vector[3 * 60 + 2]);
        Assert.Equal(0, vector[3 * 61 + 2]);
    }

    [Fact]
    public void A_longer_window_is_cut_and_a_shorter_one_padded_with_zeros()
    {
        float[] vector = new float[384];
        Assert.Null(new PriceWindowEncoder(200, 384).Encode(Rising(200), vector));
        Assert.Equal(100 + 127, vector[381]);
        Assert.Null(new PriceWindowEncoder(10, 384).Encode(Rising(10), vector));
        Assert.All(vector[30..], value => Assert.Equal(0, value));
    }

    private static PriceSeries Rising(int rows, double step = 1)
    {
        double[] close = [.. Enumerable.Range(0, rows).Select(i => 100 + i * step)];
        return new PriceSeries
        {
            InstrumentId = "ONE.US",
            Days = Enumerable.Range(738_000, rows).ToArray(),
            Open = close,
            High = close,
            Low = close,
            Close = close,
            AdjustedClose = close,
            Volume = close,
        };
    }
}
