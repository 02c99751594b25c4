namespace Prometheus.Grid.Synthetic;

/// <summary>A share that portfolios may hold, with its daily log returns (of adjusted closes) on the time axis.</summary>
internal sealed record Investable(Company Company, double[] Returns);

/// <summary>What portfolio managers look at on a date, one number a share and each standardised over all shares.</summary>
internal sealed class Characteristics
{
    public const int Year = 252;

    public double[] Beta { get; }
    public double[] Volatility { get; }
    public double[] Momentum { get; }
    public double[] Reversal { get; }
    public double[] Liquidity { get; }

    /// <param name="shares">The shares, with returns on a common axis.</param>
    /// <param name="market">Daily return of the market portfolio on that axis.</param>
    /// <param name="end">First place after the date; only returns before it are read.</param>
    public Characteristics(IReadOnlyList<Investable> shares, double[] market, int end)
    {
        int year = Math.Max(0, end - Year), quarter = Math.Max(0, end - 63), month = Math.Max(0, end - 21);
        Beta = Standardised(s => Statistics.Beta(s.Returns.AsSpan(year..end), market.AsSpan(year..end)));
        Volatility = Standardised(s => Statistics.Deviation(s.Returns.AsSpan(quarter..end)));
        Momentum = Standardised(s => Statistics.Sum(s.Returns.AsSpan(year..Math.Max(year, month))));
        Reversal = Standardised(s => -Statistics.Sum(s.Returns.AsSpan(month..end)));
        Liquidity = Standardised(s => Math.Log(s.Company.UsualTurnover));

        double[] Standardised(Func<Investable, double> of)
        {
            double[] values = new double[shares.Count];
            for (int i = 0; i < values.Length; i++)
                values[i] = of(shares[i]);
            double mean = Statistics.Mean(values), deviation = Statistics.Deviation(values);
            for (int i = 0; i < values.Length; i++)
                values[i] = deviation > 0 ? (values[i] - mean) / deviation : 0;
            return values;
        }
    }
}
