namespace Prometheus.Grid.Synthetic;

/// <summary>The days on which a market trades: weekdays but its main holidays.</summary>
internal static class TradingCalendar
{
    /// <summary>All weekdays from first to last, both included: the time axis that every market shares.</summary>
    public static DateOnly[] Weekdays(DateOnly first, DateOnly last)
    {
        var days = new List<DateOnly>();
        for (var day = first; day <= last; day = day.AddDays(1))
            if (IsWeekday(day))
                days.Add(day);
        return [.. days];
    }

    /// <summary>Whether a market trades on a day.</summary>
    public static bool IsOpen(Market market, DateOnly day) => IsWeekday(day) && !IsHoliday(market, day);

    private static bool IsHoliday(Market market, DateOnly day)
    {
        if (market.Region == "JP")
            return IsJapaneseHoliday(day);
        if (Observed(market, day, 1, 1) || Observed(market, day, 12, 25) || day == Easter(day.Year).AddDays(-2))
            return true;
        return market.Region switch
        {
            "US" => Observed(market, day, 7, 4) || Observed(market, day, 6, 19)
                || IsNth(day, 1, DayOfWeek.Monday, 3) || IsNth(day, 2, DayOfWeek.Monday, 3) || IsLastMonday(day, 5)
                || IsNth(day, 9, DayOfWeek.Monday, 1) || IsNth(day, 11, DayOfWeek.Thursday, 4),
            "UK" => day == Easter(day.Year).AddDays(1) || (day.Month, day.Day) == (12, 26)
                || IsNth(day, 5, DayOfWeek.Monday, 1) || IsLastMonday(day, 5) || IsLastMonday(day, 8),
            _ => day == Easter(day.Year).AddDays(1) || (day.Month, day.Day) is (5, 1) or (12, 26),
        };
    }

    private static bool IsJapaneseHoliday(DateOnly day) => (day.Month, day.Day)
        is (1, 1) or (1, 2) or (1, 3) or (2, 11) or (2, 23) or (4, 29) or (5, 3) or (5, 4) or (5, 5) or (8, 11) or (11, 3) or (11, 23) or (12, 31)
        || IsNth(day, 1, DayOfWeek.Monday, 2) || IsNth(day, 7, DayOfWeek.Monday, 3) || IsNth(day, 9, DayOfWeek.Monday, 3)
        || IsNth(day, 10, DayOfWeek.Monday, 2);

    // A fixed holiday on a Sunday moves to Monday; in the US one on a Saturday moves to Friday, but New Year's Day does not.
    private static bool Observed(Market market, DateOnly day, int month, int dayOfMonth)
    {
        var holiday = new DateOnly(day.Year, month, dayOfMonth);
        holiday = holiday.DayOfWeek switch
        {
            DayOfWeek.Sunday => holiday.AddDays(1),
            DayOfWeek.Saturday when market.Region == "US" => month == 1 ? holiday : holiday.AddDays(-1),
            DayOfWeek.Saturday => holiday.AddDays(2),
            _ => holiday,
        };
        return day == holiday;
    }

    /// <summary>Whether a day is none of Saturday and Sunday.</summary>
    public static bool IsWeekday(DateOnly day) => day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday);

    private static bool IsNth(DateOnly day, int month, DayOfWeek weekday, int n) =>
        day.Month == month && day.DayOfWeek == weekday && (day.Day - 1) / 7 == n - 1;

    private static bool IsLastMonday(DateOnly day, int month) =>
        day.Month == month && day.DayOfWeek == DayOfWeek.Monday && day.AddDays(7).Month != month;

    /// <summary>Easter Sunday in the Gregorian calendar (Butcher 1876).</summary>
    internal static DateOnly Easter(int year)
    {
        int a = year % 19, b = year / 100, c = year % 100;
        int h = ((19 * a) + b - (b / 4) - ((b - ((b + 8) / 25) + 1) / 3) + 15) % 30;
        int l = (32 + (2 * (b % 4)) + (2 * (c / 4)) - h - (c % 4)) % 7;
        int m = (a + (11 * h) + (22 * l)) / 451;
        int n = h + l - (7 * m) + 114;
        return new DateOnly(year, n / 31, (n % 31) + 1);
    }
}
