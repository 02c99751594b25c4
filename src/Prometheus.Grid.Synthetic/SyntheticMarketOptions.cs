using System.Globalization;

namespace Prometheus.Grid.Synthetic;

/// <summary>Size and seed of a made-up market. Equal options give equal files, byte for byte.</summary>
public sealed record SyntheticMarketOptions
{
    /// <summary>Largest number of companies: the number of four-letter symbols.</summary>
    public const int MaxIssuers = 26 * 26 * 26 * 26;

    /// <summary>Largest number of portfolios.</summary>
    public const int MaxPortfolios = 1_000_000;

    /// <summary>Number of companies, 1 … <see cref="MaxIssuers"/>.</summary>
    public int Issuers { get; init; } = 500;

    /// <summary>Number of portfolios, 0 … <see cref="MaxPortfolios"/>.</summary>
    public int Portfolios { get; init; } = 60;

    /// <summary>The seed of every draw.</summary>
    public ulong Seed { get; init; } = 7;

    /// <summary>First day with prices.</summary>
    public DateOnly FirstDate { get; init; } = new(2022, 1, 3);

    /// <summary>Last day with prices.</summary>
    public DateOnly LastDate { get; init; } = new(2024, 6, 28);

    /// <summary>
    /// Days on which business texts and risk reports are dated, in order, inside the price history. The last default leaves 63 trading
    /// days after it, so that one can look at what neighbours did next.
    /// </summary>
    public IReadOnlyList<DateOnly> ReportDates { get; init; } = [new(2023, 9, 29), new(2023, 12, 29), new(2024, 3, 28)];

    /// <summary>A market whose history is the given number of weekdays up to and including a single report date.</summary>
    public static SyntheticMarketOptions ForBenchmark(int issuers, int portfolios, int weekdays, ulong seed = 7)
    {
        var last = new DateOnly(2024, 6, 28);
        var first = last;
        for (int counted = 1; counted < weekdays; counted += TradingCalendar.IsWeekday(first) ? 1 : 0)
            first = first.AddDays(-1);
        return new() { Issuers = issuers, Portfolios = portfolios, Seed = seed, FirstDate = first, LastDate = last, ReportDates = [last] };
    }

    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range; the message names it.</exception>
    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Issuers, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Issuers, MaxIssuers);
        ArgumentOutOfRangeException.ThrowIfNegative(Portfolios);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Portfolios, MaxPortfolios);
        ArgumentOutOfRangeException.ThrowIfLessThan(LastDate, FirstDate);
        foreach (var date in ReportDates)
            if (date < FirstDate || date > LastDate)
                throw new ArgumentOutOfRangeException(nameof(ReportDates), date, $"must be inside {FirstDate:yyyy-MM-dd} … {LastDate:yyyy-MM-dd}");
    }

    /// <summary>One line that names the market: it is kept beside the files to tell one universe from another.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"synthetic market 1: {Issuers} issuers, {Portfolios} portfolios, seed {Seed}, {FirstDate:yyyy-MM-dd} to {LastDate:yyyy-MM-dd}, reports {string.Join(' ', ReportDates.Select(d => d.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)))}");
}
