using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;

namespace Prometheus.Grid.Core.Universes;

/// <summary>Asks for past states of portfolios that resemble one now. Nothing after <see cref="AsOf"/> is read.</summary>
public sealed record AnaloguesQuery
{
    /// <summary>The portfolio.</summary>
    public required string PortfolioId { get; init; }

    /// <summary>The date on which it is taken; what followed a past state must have been over by then.</summary>
    public required DateOnly AsOf { get; init; }

    /// <summary>A joint model of portfolios.</summary>
    public required string ModelId { get; init; }

    /// <summary>Trading days over which what followed is measured, 5 to 504.</summary>
    public int Horizon { get; init; } = 63;

    /// <summary>How many past states, 5 to 1000. Two states of one portfolio whose horizons overlap count as one, the nearer.</summary>
    public int TopK { get; init; } = 10;

    /// <summary>Decides which states are drawn for comparison; equal seeds draw equal ones.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Times <see cref="TopK"/>: the fewest past states that are enough to choose from.</summary>
    public const int FewestTimesTopK = 3;

    /// <summary>The fewest dates, far enough apart that their horizons do not overlap: on one date everybody lives through the same market.</summary>
    public const int FewestPeriods = 2;

    /// <exception cref="BadInputException">A member is out of range.</exception>
    public void Check()
    {
        if (Horizon is < 5 or > 504)
            throw new BadInputException(nameof(Horizon), Horizon, "a whole number of trading days from 5 to 504");
        if (TopK is < 5 or > 1000)
            throw new BadInputException(nameof(SimilarityQuery.TopK), TopK, "a whole number from 5 to 1000");
    }
}

/// <summary>What followed a state over the horizon, its positions held still.</summary>
/// <param name="Return">Total return, for example 0.05.</param>
/// <param name="Volatility">Standard deviation of daily log returns, a year.</param>
/// <param name="WorstDrawdown">The deepest fall from a high, 0 or negative.</param>
public readonly record struct Outcome(double Return, double Volatility, double WorstDrawdown);

/// <summary>A past state that resembles the portfolio.</summary>
/// <param name="PortfolioId">Whose state; the portfolio itself may be among them.</param>
/// <param name="AsOf">When.</param>
/// <param name="Cosine">Cosine to the portfolio now.</param>
/// <param name="Followed">What followed.</param>
public sealed record Analogue(string PortfolioId, DateOnly AsOf, double Cosine, Outcome Followed);

/// <summary>Outcomes together.</summary>
/// <param name="States">How many states.</param>
/// <param name="Dates">On how many dates these were.</param>
/// <param name="Mean">Means.</param>
/// <param name="Spread">Standard deviations over the states.</param>
public sealed record OutcomeSummary(int States, int Dates, Outcome Mean, Outcome Spread);

/// <summary>Past states that resemble a portfolio now.</summary>
/// <param name="Analogues">Nearest first.</param>
/// <param name="OfAnalogues">What followed them.</param>
/// <param name="OfRandom">What followed past states that were drawn by lot from all that could have been chosen, the analogues among them.</param>
/// <param name="Eligible">How many past states could have been chosen.</param>
/// <param name="Periods">Over how many dates whose horizons do not overlap.</param>
public sealed record AnaloguesAnswer(
    IReadOnlyList<Analogue> Analogues, OutcomeSummary OfAnalogues, OutcomeSummary OfRandom, int Eligible, int Periods);
