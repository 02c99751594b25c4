using System.Text;

namespace Prometheus.Grid.Synthetic;

/// <summary>What later tables need of a company's prices.</summary>
/// <param name="QuarterReturns">Log return over the 63 weekdays up to each report date.</param>
/// <param name="Returns">Daily log returns on the time axis, kept for the most traded shares only; otherwise null.</param>
internal sealed record DrawnCompany(Company Company, double[] QuarterReturns, double[]? Returns);

/// <summary>Draws all prices and writes prices_daily.csv: companies in parallel, rows in order.</summary>
internal static class PriceTable
{
    /// <summary>Funds choose among the most traded shares; more would cost memory and change nothing that one sees.</summary>
    private const int MaxInvestable = 1_500;

    /// <summary>Companies drawn between two writes. Bounds the memory to about a megabyte a processor for a year of prices.</summary>
    private const int Batch = 64;

    public static async Task<DrawnCompany[]> WriteAsync(
        PendingFiles files, SyntheticMarketOptions options, Company[] companies, DateOnly[] axis, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var file = files.Create("prices_daily.csv", "instrument_id,trade_date,open,high,low,close,adjusted_close,volume,currency");
        var factors = new CommonFactors(options.Seed, axis.Length);
        var isOpen = Market.All.ToDictionary(m => m, m => axis.Select(day => TradingCalendar.IsOpen(m, day)).ToArray());
        byte[][] dates = axis.Select(day => Encoding.UTF8.GetBytes(SyntheticMarket.Text(day))).ToArray();
        int[] reportEnds = options.ReportDates.Select(date => SyntheticMarket.CountUntil(axis, date)).ToArray();
        var investable = companies.Where(c => c.IsActive && c.ListedFrom == 0).OrderByDescending(c => c.UsualTurnover)
            .ThenBy(c => c.Index).Take(MaxInvestable).ToHashSet();

        var drawn = new DrawnCompany[companies.Length];
        var buffers = Enumerable.Range(0, Batch).Select(_ => new CsvBuffer()).ToArray();
        for (int start = 0; start < companies.Length; start += Batch)
        {
            int count = Math.Min(Batch, companies.Length - start);
            Parallel.For(0, count, new ParallelOptions { CancellationToken = cancellationToken }, i =>
            {
                var company = companies[start + i];
                var rows = PricePath.Draw(options.Seed, company, factors, isOpen[company.Market]);
                Append(buffers[i], company, company.InstrumentId, rows, dates);
                if (company.HasSecondClass)
                    Append(buffers[i], company, company.SecondInstrumentId, PricePath.DrawSecondClass(options.Seed, company, rows), dates);
                double[] returns = Returns(rows, axis.Length);
                double[] quarters = reportEnds.Select(end => Statistics.Sum(returns.AsSpan(Math.Max(0, end - 63)..end))).ToArray();
                drawn[start + i] = new DrawnCompany(company, quarters, investable.Contains(company) ? returns : null);
            });
            for (int i = 0; i < count; i++)
            {
                await file.WriteAsync(buffers[i].Written, cancellationToken);
                buffers[i].Clear();
            }
            progress?.Report((double)(start + count) / companies.Length);
        }
        return drawn;
    }

    private static void Append(CsvBuffer csv, Company company, string instrumentId, List<PriceRow> rows, byte[][] dates)
    {
        byte[] id = Encoding.UTF8.GetBytes(instrumentId);
        byte[] currency = Encoding.UTF8.GetBytes(company.Market.Currency);
        foreach (var row in rows)
            csv.Raw(id).Raw(dates[row.Day]).Decimal(row.Open, 4).Decimal(row.High, 4).Decimal(row.Low, 4).Decimal(row.Close, 4)
                .Decimal(row.Adjusted, 6).Whole(row.Volume).Raw(currency).EndRow();
    }

    private static double[] Returns(List<PriceRow> rows, int days)
    {
        double[] returns = new double[days];
        for (int i = 1; i < rows.Count; i++)
            returns[rows[i].Day] = Math.Log((double)rows[i].Adjusted / rows[i - 1].Adjusted);
        return returns;
    }
}
