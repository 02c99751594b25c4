using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Core.Tests;

public sealed class DateRangeTests
{
    [Theory]
    [InlineData("2023-02-30")]
    [InlineData("30.11.2023")]
    [InlineData("2023-11-30T00:00:00")]
    [InlineData("")]
    [InlineData("２０２３-11-30")]
    public void Only_calendar_dates_of_one_format_are_read(string text)
    {
        var error = Assert.Throws<BadInputException>(() => DateRange.Parse("--as-of", text));
        Assert.Equal("--as-of", error.Field);
        Assert.Contains("yyyy-MM-dd", error.Allowed, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reversed_range_is_refused() =>
        Assert.Throws<BadInputException>(() => new DateRange(new DateOnly(2023, 12, 1), new DateOnly(2023, 11, 30)));

    [Fact]
    public void A_hostile_value_is_quoted_in_part()
    {
        string message = Assert.Throws<BadInputException>(() => DateRange.Parse("--as-of", new string('x', 1_000_000))).Message;
        Assert.True(message.Length < 400, $"{message.Length} characters");
    }
}
