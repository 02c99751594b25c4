namespace Prometheus.Grid.Core.Encoders.Prices;

/// <summary>
/// What all instruments share on each day of a window, and how a row of returns is freed of it: a one-factor market model (Sharpe 1963)
/// on robustly standardised returns. Columns are overnight returns, then intraday returns.
/// </summary>
internal sealed class MarketModel
{
    private readonly PeerOptions _options;
    private readonly double[] _weights;

    /// <param name="options">Clips and half-life.</param>
    /// <param name="calendar">T + 1 ascending day numbers.</param>
    /// <param name="market">2 T means of the standardised returns of all instruments.</param>
    /// <param name="dispersion">2 T standard deviations of the residual returns across instruments.</param>
    public MarketModel(PeerOptions options, int[] calendar, double[] market, double[] dispersion)
    {
        _options = options;
        Calendar = calendar;
        Market = market;
        Dispersion = dispersion;
        _weights = DayWeights(calendar.Length - 1, options.HalfLifeDays);
    }

    public int[] Calendar { get; }

    public double[] Market { get; }

    public double[] Dispersion { get; }

    /// <summary>Days with returns.</summary>
    public int Length => Calendar.Length - 1;

    /// <summary>Exponentially falling weights with mean 1, oldest day first.</summary>
    public static double[] DayWeights(int length, double halfLifeDays)
    {
        double[] weights = [.. Enumerable.Range(0, length).Select(t => Math.Pow(0.5, (length - 1 - t) / halfLifeDays))];
        double mean = weights.Length == 0 ? 1 : weights.Average();
        return [.. weights.Select(weight => weight / mean)];
    }

    /// <summary>Standardises both halves of a row on their own: outliers cut, weighted mean 0, weighted variance 1.</summary>
    public void Standardise(Span<double> row, Span<double> scratch)
    {
        foreach (var half in Halves)
        {
            ReturnRow.ClipOutliers(row[half], _options.OutlierClip, scratch);
            ReturnRow.Standardise(row[half], _weights);
        }
    }

    /// <summary>Takes the market out of a standardised row.</summary>
    /// <returns>The weighted correlation of the row with the market over both halves; 0 when either does not move.</returns>
    public double RemoveMarket(Span<double> row)
    {
        double products = 0, marketSquares = 0, squares = 0;
        foreach (var half in Halves)
        {
            var returns = row[half];
            ReadOnlySpan<double> market = Market.AsSpan()[half];
            double rm = 0, mm = 0, rr = 0;
            for (int t = 0; t < returns.Length; t++)
            {
                if (double.IsNaN(returns[t]))
                    continue;
                rm += _weights[t] * returns[t] * market[t];
                mm += _weights[t] * market[t] * market[t];
                rr += _weights[t] * returns[t] * returns[t];
            }
            double beta = mm > 0 ? rm / mm : 0;
            for (int t = 0; t < returns.Length; t++)
                returns[t] -= beta * market[t];
            products += rm;
            marketSquares += mm;
            squares += rr;
        }
        return marketSquares > 0 && squares > 0 ? products / Math.Sqrt(marketSquares * squares) : 0;
    }

    /// <summary>
    /// Puts residuals on equal terms. A day on which everything scatters says less about who belongs together, so it is divided by the root
    /// of its dispersion; then each half is standardised, cut and standardised again. Missing returns become 0, which is the mean, and
    /// √weight makes the plain dot product of two rows the weighted one.
    /// </summary>
    public void Finish(Span<double> row)
    {
        for (int column = 0; column < row.Length; column++)
            row[column] /= Math.Sqrt(Dispersion[column]);
        foreach (var half in Halves)
        {
            var returns = row[half];
            ReturnRow.Standardise(returns, _weights);
            ReturnRow.Clip(returns, _options.ResidualClip);
            ReturnRow.Standardise(returns, _weights);
            for (int t = 0; t < returns.Length; t++)
                returns[t] = double.IsNaN(returns[t]) ? 0 : returns[t] * Math.Sqrt(_weights[t]);
        }
    }

    private ReadOnlySpan<Range> Halves => new[] { ..Length, Length..(2 * Length) };
}
