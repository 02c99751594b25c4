namespace Prometheus.Grid.Synthetic;

/// <summary>One day of a share. Prices are whole ten-thousandths of the currency, the adjusted close whole millionths.</summary>
internal struct PriceRow
{
    public int Day;
    public long Open, High, Low, Close, Adjusted, Volume;

    /// <summary>What prices before this day are multiplied with to be comparable: split and dividend of this day.</summary>
    public double Adjustment;
}

/// <summary>Draws the daily prices of a company's shares from the common factors and its own shocks.</summary>
internal static class PricePath
{
    private const double PriceUnits = 10_000, AdjustedUnits = 1_000_000;
    private const int QuarterDays = 63;

    /// <summary>Rows in order of day; a day on which the market is closed or the share is halted has none.</summary>
    /// <param name="isOpen">For every place on the time axis, whether the company's market trades.</param>
    public static List<PriceRow> Draw(ulong seed, Company company, CommonFactors factors, bool[] isOpen)
    {
        var random = new RandomStream(seed, Purpose.Prices, company.Index);
        double[] common = factors.ReturnsOf(company);
        var rows = new List<PriceRow>(isOpen.Length);
        double price = company.FirstPrice, shares = 1, logVolatility = 0, logVolume = 0, pending = 0;
        int haltedFor = 0, reportDay = random.NextIndex(QuarterDays), dividendDay = random.NextIndex(QuarterDays);
        for (int day = company.ListedFrom; day <= company.ListedUntil; day++)
        {
            // What happens on a closed or halted day shows in the next price.
            pending += common[day];
            if (!isOpen[day])
                continue;
            double scale = company.OwnVolatility * Math.Exp(logVolatility) * (day % QuarterDays == reportDay ? 3 : 1);
            pending += scale * random.NextFatTailed();
            logVolatility = (0.96 * logVolatility) + (0.08 * random.NextNormal());
            logVolume = (0.9 * logVolume) + (0.2 * random.NextNormal());
            // A day's row is missing once in 1,500; a share is halted for up to a fortnight once in 20,000.
            if (haltedFor > 0 || (haltedFor = StartsHalt(ref random)) > 0)
            {
                haltedFor--;
                continue;
            }
            double move = pending;
            pending = 0;
            double dividend = day % QuarterDays == dividendDay ? company.Yield / 4 : 0;
            double split = SplitRatio(price, company.Market.PriceUnit);
            double before = price * (1 - dividend) / split;
            price = before * Math.Exp(move);
            shares *= split;
            double volume = company.UsualVolume * shares * Math.Exp(logVolume + (0.25 * random.NextNormal()) + (0.3 * Math.Min(4, Math.Abs(move) / scale)));
            rows.Add(Row(ref random, day, before, price, scale, volume, (1 - dividend) / split));
        }
        Adjust(rows);
        return rows;
    }

    /// <summary>The same company's second class of shares: a little cheaper, far less traded, with a wandering discount.</summary>
    public static List<PriceRow> DrawSecondClass(ulong seed, Company company, List<PriceRow> first)
    {
        var random = new RandomStream(seed, Purpose.Prices, SyntheticMarketOptions.MaxIssuers + company.Index);
        var rows = new List<PriceRow>(first.Count);
        double discount = 0.0;
        foreach (var row in first)
        {
            discount = (0.9 * discount) + (0.002 * random.NextNormal());
            double ratio = 0.95 * Math.Exp(discount);
            long Scaled(long value) => Math.Max(1, (long)Math.Round(value * ratio));
            rows.Add(row with
            {
                Open = Scaled(row.Open),
                High = Scaled(row.High),
                Low = Scaled(row.Low),
                Close = Scaled(row.Close),
                Adjusted = Scaled(row.Adjusted),
                Volume = row.Volume / 20,
            });
        }
        return rows;
    }

    private static int StartsHalt(ref RandomStream random)
    {
        double u = random.NextUniform();
        return u < 1.0 / 20_000 ? 2 + random.NextIndex(10) : u < 1.0 / 1_500 ? 1 : 0;
    }

    // Boards split an expensive share and merge cheap ones.
    private static double SplitRatio(double price, double unit) =>
        price > 400 * unit ? 4 : price > 250 * unit ? 2 : price < 1.5 * unit ? 0.1 : 1;

    private static PriceRow Row(ref RandomStream random, int day, double before, double close, double scale, double volume, double adjustment)
    {
        double open = before * Math.Exp((0.4 * Math.Log(close / before)) + (0.3 * scale * random.NextNormal()));
        double high = Math.Max(open, close) * Math.Exp(0.5 * scale * Math.Abs(random.NextNormal()));
        double low = Math.Min(open, close) * Math.Exp(-0.5 * scale * Math.Abs(random.NextNormal()));
        return new PriceRow
        {
            Day = day,
            Open = Units(open),
            High = Units(high),
            Low = Units(low),
            Close = Units(close),
            Volume = Math.Max(1, (long)volume),
            Adjustment = adjustment,
        };
    }

    private static long Units(double price) => Math.Max(1, (long)Math.Round(price * PriceUnits));

    private static void Adjust(List<PriceRow> rows)
    {
        double factor = 1.0;
        var span = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(rows);
        for (int i = span.Length - 1; i >= 0; i--)
        {
            span[i].Adjusted = Math.Max(1, (long)Math.Round(span[i].Close * factor * (AdjustedUnits / PriceUnits)));
            factor *= span[i].Adjustment;
        }
    }
}
