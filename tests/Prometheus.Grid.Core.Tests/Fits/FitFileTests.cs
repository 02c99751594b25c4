using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Fits;

namespace Prometheus.Grid.Core.Tests.Fits;

public sealed class FitFileTests
{
    private static readonly byte[] s_bytes = new FitFile(new DateOnly(2023, 6, 30)).Add<double>("numbers", [1.5, -2]).Add("names", ["a", "ü"]).ToBytes();

    [Fact]
    public void What_was_written_is_read()
    {
        var fit = FitFile.Read(s_bytes, "a fit");
        Assert.Equal(new DateOnly(2023, 6, 30), fit.AsOf);
        Assert.Equal([1.5, -2], fit.Get<double>("numbers"));
        Assert.Equal(["a", "ü"], fit.Lines("names"));
        Assert.Throws<GridFaultException>(() => fit.Get<float>("numbers"));
        Assert.Throws<GridFaultException>(() => fit.Lines("others"));
    }

    [Fact]
    public void Every_flipped_bit_and_every_cut_is_noticed()
    {
        for (int i = 0; i < s_bytes.Length; i++)
        {
            byte[] damaged = [.. s_bytes];
            damaged[i] ^= 0x10;
            Assert.Throws<GridFaultException>(() => FitFile.Read(damaged, "a fit"));
            Assert.Throws<GridFaultException>(() => FitFile.Read(s_bytes.AsSpan(0, i), "a fit"));
        }
    }
}
