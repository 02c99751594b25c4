namespace Prometheus.Grid.Core.Grid;

/// <summary>What a portfolio's holdings say of it: the mean of their issuers' joint vectors.</summary>
/// <param name="PortfolioId">The portfolio.</param>
/// <param name="ModelId">The joint model of the issuers.</param>
/// <param name="AsOf">The date of positions and vectors.</param>
/// <param name="Vector">Σ w·v / Σ |w| over the holdings that have a vector; shorts point away. As many values as the space has dimensions.</param>
/// <param name="CoveredWeight">Σ |w| over those holdings as a share of Σ |w| over all, 0 to 1.</param>
/// <param name="Missing">Instruments without an issuer or without a vector of it on the date, ordinally.</param>
public sealed record HoldingsProfile(
    string PortfolioId, string ModelId, DateOnly AsOf, ReadOnlyMemory<float> Vector, double CoveredWeight, IReadOnlyList<string> Missing);
