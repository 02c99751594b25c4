using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Prometheus.Grid.Core;
using Prometheus.Grid.Tables;
using Xunit;

namespace Prometheus.Grid.Storage.Folder.Tests;

public sealed class Utf8NumberTests
{
    [Theory]
    [InlineData("0")]
    [InlineData("-0")]
    [InlineData("0.1")]
    [InlineData("5.")]
    [InlineData(".5")]
    [InlineData("+2.5")]
    [InlineData("9007199254740991")]
    [InlineData("9007199254740993")]
    [InlineData("0.9007199254740993")]
    [InlineData("0000000000000000000000000000000012.5")]
    [InlineData("12345678901234567890")]
    [InlineData("1.0000000000000000000000000000001")]
    [InlineData("4.9e-324")]
    [InlineData("1.7976931348623157e308")]
    [InlineData("2.2250738585072011e-308")]
    [InlineData("1e22")]
    [InlineData("1E-7")]
    [InlineData("2564336975063533824.0")]
    [InlineData("9007199254740992.0")]
    [InlineData("9007199254740993.0")]
    [InlineData("0.0000000000000000001")]
    [InlineData("1844674407370955161.5")]
    public void A_number_is_the_double_of_the_library(string text) => AssertSameBits(text);

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData(".")]
    [InlineData("1.2.3")]
    [InlineData("1,5")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("0x10")]
    [InlineData("1e")]
    [InlineData("--1")]
    public void What_is_no_number_is_refused(string text) => Assert.False(Utf8Number.TryDouble(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void Every_decimal_text_is_the_double_of_the_library()
    {
        // Mantissas around 2^53 and digit counts around the ends of the short way are where rounding would differ.
        var decimals =
            from sign in Gen.Elements("", "-")
            from digits in Gen.Choose(0, 9).ListOf().Where(digits => digits.Count is > 0 and < 24)
            from point in Gen.Choose(0, digits.Count)
            select sign + string.Concat(digits.Take(point)) + (point < digits.Count ? "." + string.Concat(digits.Skip(point)) : "");
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(20_000), Prop.ForAll(decimals.ToArbitrary(), text => AssertSameBits(text)));
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(20_000),
            Prop.ForAll(ArbMap.Default.ArbFor<double>().Filter(double.IsFinite), value => AssertSameBits(value.ToString("R", CultureInfo.InvariantCulture))));
    }

    [Fact]
    public void Every_day_of_four_centuries_is_read_as_the_library_reads_it()
    {
        for (DateOnly date = new(1899, 12, 30); date < new DateOnly(2300, 3, 2); date = date.AddDays(1))
        {
            Assert.True(Utf8Number.TryDay(Encoding.ASCII.GetBytes(DateRange.Text(date)), out int day));
            Assert.Equal(date.DayNumber, day);
        }
        Assert.True(Utf8Number.TryDay("0001-01-01"u8, out int first));
        Assert.Equal(0, first);
        Assert.True(Utf8Number.TryDay("9999-12-31"u8, out int last));
        Assert.Equal(DateOnly.MaxValue.DayNumber, last);
    }

    [Theory]
    [InlineData("2023-02-29")]
    [InlineData("1900-02-29")]
    [InlineData("2023-13-01")]
    [InlineData("2023-00-01")]
    [InlineData("2023-01-00")]
    [InlineData("2023-04-31")]
    [InlineData("0000-01-01")]
    [InlineData("2023/01/01")]
    [InlineData("2023-1-1")]
    [InlineData("20230101")]
    [InlineData("2023-01-01T00")]
    [InlineData("2023-0:-01")]
    [InlineData("")]
    public void What_is_no_date_is_refused(string text) => Assert.False(Utf8Number.TryDay(Encoding.ASCII.GetBytes(text), out _));

    private static void AssertSameBits(string text)
    {
        Assert.True(Utf8Number.TryDouble(Encoding.ASCII.GetBytes(text), out double value), text);
        double expected = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        Assert.True(BitConverter.DoubleToInt64Bits(expected) == BitConverter.DoubleToInt64Bits(value), $"{text} became {value:R}, not {expected:R}");
    }
}
