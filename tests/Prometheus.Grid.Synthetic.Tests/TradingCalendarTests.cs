using Xunit;

namespace Prometheus.Grid.Synthetic.Tests;

public sealed class TradingCalendarTests
{
    [Theory]
    [InlineData(2019, "2019-04-21")]
    [InlineData(2022, "2022-04-17")]
    [InlineData(2024, "2024-03-31")]
    [InlineData(2038, "2038-04-25")]
    public void Easter_is_where_the_church_puts_it(int year, string expected) =>
        Assert.Equal(DateOnly.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), TradingCalendar.Easter(year));

    // The closing days that the New York Stock Exchange published for these two years.
    [Fact]
    public void Us_market_closes_when_New_York_did()
    {
        string[] closed =
        [
            "2023-01-02", "2023-01-16", "2023-02-20", "2023-04-07", "2023-05-29", "2023-06-19", "2023-07-04", "2023-09-04", "2023-11-23", "2023-12-25",
            "2022-01-17", "2022-02-21", "2022-04-15", "2022-05-30", "2022-06-20", "2022-07-04", "2022-09-05", "2022-11-24", "2022-12-26",
        ];
        var us = Market.All.Single(m => m.Region == "US");
        var actual = TradingCalendar.Weekdays(new(2022, 1, 1), new(2023, 12, 31)).Where(d => !TradingCalendar.IsOpen(us, d));
        Assert.Equal(closed.Order(), actual.Select(d => d.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void No_market_trades_at_weekends()
    {
        for (var day = new DateOnly(2024, 1, 1); day.Year == 2024; day = day.AddDays(1))
            if (day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday)
                Assert.DoesNotContain(Market.All, m => TradingCalendar.IsOpen(m, day));
    }
}
