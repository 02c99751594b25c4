namespace Prometheus.Grid.Synthetic;

/// <summary>How a manager picks shares: a score of the share (higher is wanted more), how many, and how they are weighted.</summary>
/// <param name="Names">Mean number of holdings.</param>
/// <param name="Score">From the characteristics and the place of a share among them.</param>
/// <param name="Sector">A sector that takes about 70 % of the weight, or null.</param>
internal sealed record PortfolioStyle(string Name, int Names, Func<Characteristics, int, double> Score, string? Sector = null)
{
    /// <summary>Weights follow turnover instead of being about equal.</summary>
    public bool ByTurnover { get; init; }

    /// <summary>Holds the best and sells the worst.</summary>
    public bool IsLongShort { get; init; }

    public static readonly PortfolioStyle[] All =
    [
        new("broad_equal_weight", 80, (_, _) => 0),
        new("broad_liquidity_weight", 80, (x, i) => 0.5 * x.Liquidity[i]) { ByTurnover = true },
        new("concentrated", 10, (_, _) => 0) { ByTurnover = true },
        new("low_vol", 40, (x, i) => -2 * x.Volatility[i]),
        new("high_beta", 30, (x, i) => 2 * x.Beta[i]),
        new("momentum", 35, (x, i) => 2 * x.Momentum[i]),
        new("contrarian", 35, (x, i) => 2 * x.Reversal[i]),
        new("small_illiquid", 40, (x, i) => -2 * x.Liquidity[i]),
        new("defensive", 35, (x, i) => -1.5 * (x.Beta[i] + x.Volatility[i])),
        new("long_short", 60, (x, i) => x.Momentum[i] - x.Volatility[i]) { IsLongShort = true },
        new("tech_heavy", 30, (_, _) => 0, "Information Technology"),
        new("financials_heavy", 30, (_, _) => 0, "Financials"),
        new("healthcare_heavy", 30, (_, _) => 0, "Health Care"),
        new("energy_heavy", 25, (_, _) => 0, "Energy"),
        new("consumer_disc_heavy", 30, (_, _) => 0, "Consumer Discretionary"),
        new("real_estate_heavy", 25, (_, _) => 0, "Real Estate"),
    ];
}
