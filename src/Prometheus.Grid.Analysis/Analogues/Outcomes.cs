using Prometheus.Grid.Core.Universes;

namespace Prometheus.Grid.Analysis.Analogues;

/// <summary>What daily returns come to.</summary>
internal static class Outcomes
{
    private const double TradingDaysPerYear = 252;

    /// <summary>Return, volatility and worst drawdown; null where a day has no return, or nothing ever moves: then there were no prices.</summary>
    /// <param name="daily">Log returns, at least two.</param>
    public static Outcome? Of(double[] daily)
    {
        if (!Array.TrueForAll(daily, double.IsFinite) || Array.TrueForAll(daily, value => value == daily[0]))
            return null;
        double mean = daily.Average(), variance = daily.Sum(value => (value - mean) * (value - mean)) / (daily.Length - 1);
        double level = 0, high = 0, deepest = 0;
        foreach (double value in daily)
        {
            level += value;
            high = Math.Max(high, level);
            deepest = Math.Min(deepest, Math.Exp(level - high) - 1);
        }
        return new Outcome(Math.Exp(level) - 1, Math.Sqrt(TradingDaysPerYear * variance), deepest);
    }
}
