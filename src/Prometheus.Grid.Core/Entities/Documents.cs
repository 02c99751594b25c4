namespace Prometheus.Grid.Core.Entities;

/// <summary>The business text of an issuer as of a date.</summary>
/// <param name="IssuerId">Its issuer.</param>
/// <param name="AsOf">The date it describes.</param>
/// <param name="BusinessDescription">What the company does, or empty.</param>
/// <param name="RiskSummary">What can go wrong, or empty.</param>
/// <param name="RecentEventsSummary">What happened lately, or empty.</param>
public sealed record IssuerProfile(
    string IssuerId, DateOnly AsOf, string BusinessDescription, string RiskSummary, string RecentEventsSummary)
{
    /// <summary>
    /// The document that text encoders read: the three parts trimmed, empty ones left out, joined by a blank line.
    /// Empty when all parts are.
    /// </summary>
    public string Document
    {
        get
        {
            string[] parts = [BusinessDescription.Trim(), RiskSummary.Trim(), RecentEventsSummary.Trim()];
            return string.Join("\n\n", parts.Where(part => part.Length > 0));
        }
    }
}

/// <summary>
/// A portfolio's risk report as of a date. The maps hold the numbers of the table's JSON objects: booleans have become 0 or 1, and
/// what is no number (text, null, nested values) is left out.
/// </summary>
/// <param name="PortfolioId">Its portfolio.</param>
/// <param name="AsOf">The date it describes.</param>
/// <param name="RiskMetrics">Risk measures by name, for example <c>vol_63d</c>.</param>
/// <param name="ExposuresBySector">Weights by sector.</param>
/// <param name="ExposuresByFactor">Loadings by factor.</param>
public sealed record RiskReport(
    string PortfolioId,
    DateOnly AsOf,
    IReadOnlyDictionary<string, double> RiskMetrics,
    IReadOnlyDictionary<string, double> ExposuresBySector,
    IReadOnlyDictionary<string, double> ExposuresByFactor);

/// <summary>A holding of a portfolio as of a date.</summary>
/// <param name="PortfolioId">Its portfolio.</param>
/// <param name="AsOf">The date it describes.</param>
/// <param name="InstrumentId">What is held.</param>
/// <param name="Weight">Signed share of the portfolio's value; shorts are negative.</param>
public readonly record struct Position(string PortfolioId, DateOnly AsOf, string InstrumentId, double Weight);
