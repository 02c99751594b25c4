using System.Globalization;
using System.Text;

namespace Prometheus.Grid.Synthetic;

/// <summary>
/// The risk report of a portfolio on a date, from the past returns of what it holds on that date. Volatilities are annual, values
/// at risk a day's, windows end on the date.
/// </summary>
internal sealed class RiskReport
{
    private static readonly double AnnualScale = Math.Sqrt(Characteristics.Year);

    public double NetExposure { get; }
    public double GrossExposure { get; }
    public string RiskMetrics { get; }
    public string ExposuresBySector { get; }
    public string ExposuresByFactor { get; }

    /// <param name="end">First place on the time axis after the date.</param>
    public RiskReport(Position[] positions, IReadOnlyList<Investable> shares, double[] market, Characteristics characteristics, int end)
    {
        NetExposure = positions.Sum(p => p.Weight);
        GrossExposure = positions.Sum(p => Math.Abs(p.Weight));
        RiskMetrics = Json(Metrics(positions, shares, market, end));
        ExposuresBySector = Json(positions.GroupBy(p => shares[p.Share].Company.Industry.Sector, p => p.Weight)
            .OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => (g.Key, g.Sum())));
        ExposuresByFactor = Json(
        [
            ("beta", Tilt(characteristics.Beta)), ("liquidity_size", Tilt(characteristics.Liquidity)), ("momentum_12_1", Tilt(characteristics.Momentum)),
            ("reversal_1m", Tilt(characteristics.Reversal)), ("volatility", Tilt(characteristics.Volatility)),
        ]);
        double Tilt(double[] characteristic) => positions.Sum(p => p.Weight * characteristic[p.Share]);
    }

    private IEnumerable<(string Name, double Value)> Metrics(Position[] positions, IReadOnlyList<Investable> shares, double[] market, int end)
    {
        int start = Math.Max(0, end - Characteristics.Year);
        double[] returns = new double[end - start];
        foreach (var position in positions)
            for (int i = 0; i < returns.Length; i++)
                returns[i] += position.Weight * shares[position.Share].Returns[start + i];
        double[] index = market[start..end];
        double[] Last(double[] series, int days) => series[Math.Max(0, series.Length - days)..];
        double Volatility(int days) => AnnualScale * Statistics.Deviation(Last(returns, days));
        var tail = Statistics.Tail(returns);
        double[] weights = positions.Select(p => Math.Abs(p.Weight) / GrossExposure).OrderDescending().ToArray();
        double concentration = weights.Sum(w => w * w);

        yield return ("vol_21d", Volatility(21));
        yield return ("vol_63d", Volatility(63));
        yield return ("vol_252d", Volatility(252));
        yield return ("max_drawdown_63d", Statistics.MaxDrawdown(Last(returns, 63)));
        yield return ("max_drawdown_252d", Statistics.MaxDrawdown(returns));
        yield return ("beta_63d", Statistics.Beta(Last(returns, 63), Last(index, 63)));
        yield return ("beta_252d", Statistics.Beta(returns, index));
        yield return ("corr_mkt_252d", Statistics.Correlation(returns, index));
        yield return ("tracking_error_252d", AnnualScale * Statistics.Deviation([.. returns.Zip(index, (r, m) => r - m)]));
        yield return ("var_95_1d", tail.ValueAtRisk);
        yield return ("es_95_1d", tail.Shortfall);
        yield return ("skew_252d", Statistics.Skewness(returns));
        yield return ("downside_vol_252d", AnnualScale * Math.Sqrt(Statistics.Mean([.. returns.Select(r => r < 0 ? r * r : 0)])));
        yield return ("return_21d", Statistics.Sum(Last(returns, 21)));
        yield return ("return_252d", Statistics.Sum(returns));
        yield return ("avg_pairwise_corr_63d", MeanPairCorrelation(positions, shares, end));
        yield return ("hhi", concentration);
        yield return ("effective_n", 1 / concentration);
        yield return ("n_names", positions.Length);
        yield return ("top1_weight", weights[0]);
        yield return ("top5_weight", weights.Take(5).Sum());
        yield return ("gross_exposure", GrossExposure);
        yield return ("net_exposure", NetExposure);
    }

    /// <summary>
    /// Mean correlation over all pairs of holdings: with standardised returns z_i the sum over pairs is that of ‖Σ z_i‖² less the
    /// diagonal, so n holdings take n steps and not n².
    /// </summary>
    private static double MeanPairCorrelation(Position[] positions, IReadOnlyList<Investable> shares, int end)
    {
        int start = Math.Max(0, end - 63);
        double[] sum = new double[end - start];
        int moving = 0;
        foreach (var position in positions)
        {
            var returns = shares[position.Share].Returns.AsSpan(start..end);
            double mean = Statistics.Mean(returns), deviation = Statistics.Deviation(returns);
            if (deviation == 0)
                continue;
            moving++;
            for (int i = 0; i < sum.Length; i++)
                sum[i] += (returns[i] - mean) / deviation;
        }
        if (moving < 2)
            return 0;
        double squared = 0.0;
        foreach (double value in sum)
            squared += value * value;
        return ((squared / (sum.Length - 1)) - moving) / ((double)moving * (moving - 1));
    }

    private static string Json(IEnumerable<(string Name, double Value)> values)
    {
        var json = new StringBuilder("{");
        foreach (var (name, value) in values)
            json.Append(json.Length > 1 ? ", " : "").Append('"').Append(name).Append("\": ")
                .Append((Math.Round(value, 6) + 0.0).ToString("0.0#####", CultureInfo.InvariantCulture));
        return json.Append('}').ToString();
    }
}
