using System.Globalization;
using Prometheus.Grid.Core.Prices;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Core.Tests.Golden;

/// <summary>The prices behind the golden numeric vectors, by instrument.</summary>
internal static class GoldenPrices
{
    public static IReadOnlyDictionary<string, PriceSeries> Read() =>
        File.ReadLines(TestData.Path("golden", "golden_prices.csv")).Skip(1)
            .Select(line => line.Split(','))
            .GroupBy(row => row[0], StringComparer.Ordinal)
            .ToDictionary(rows => rows.Key, Series, StringComparer.Ordinal);

    private static PriceSeries Series(IGrouping<string, string[]> rows)
    {
        string[][] sorted = [.. rows.OrderBy(row => row[1], StringComparer.Ordinal)];
        double[] Column(int index) => [.. sorted.Select(row => double.Parse(row[index], CultureInfo.InvariantCulture))];
        return new PriceSeries
        {
            InstrumentId = rows.Key,
            Days = sorted.Select(row => DateRange.Parse("trade_date", row[1]).DayNumber).ToArray(),
            Open = Column(2),
            High = Column(3),
            Low = Column(4),
            Close = Column(5),
            AdjustedClose = Column(6),
            Volume = Column(7),
        };
    }
}
