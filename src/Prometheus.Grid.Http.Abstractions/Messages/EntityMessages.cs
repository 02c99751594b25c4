using Prometheus.Grid.Core.Entities;

namespace Prometheus.Grid.Http.Messages;

/// <summary>Issuers that were looked for.</summary>
/// <param name="Issuers">Best match first, then by id.</param>
/// <param name="NextCursor">Where the next page begins; absent on the last.</param>
public sealed record IssuersPage(IReadOnlyList<IssuerMessage> Issuers, string? NextCursor = null);

/// <summary>An issuer; labels are empty where the tables have none.</summary>
/// <param name="IssuerId">Its id.</param>
/// <param name="Name">Display name.</param>
/// <param name="IssuerType">For example <c>CORPORATION</c>.</param>
/// <param name="Country">Country.</param>
/// <param name="Sector">Sector.</param>
/// <param name="Industry">Industry.</param>
/// <param name="Region">Region of its market, else its country.</param>
/// <param name="Instruments">What it has issued, by id.</param>
public sealed record IssuerMessage(
    string IssuerId, string Name, string IssuerType, string Country, string Sector, string Industry, string Region, IReadOnlyList<InstrumentMessage> Instruments);

/// <summary>A listed instrument.</summary>
/// <param name="InstrumentId">Its id.</param>
/// <param name="Symbol">Ticker.</param>
/// <param name="MarketId">Its market.</param>
/// <param name="AssetClass">For example <c>EQUITY</c>.</param>
/// <param name="Exchange">Exchange code.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Status">For example <c>ACTIVE</c>.</param>
public sealed record InstrumentMessage(
    string InstrumentId, string Symbol, string MarketId, string AssetClass, string Exchange, string Currency, string Status);

/// <summary>A price history.</summary>
/// <param name="IssuerId">The issuer.</param>
/// <param name="InstrumentId">The instrument whose prices these are.</param>
/// <param name="Dates">Trading days, ascending.</param>
/// <param name="AdjustedClose">A close a day, adjusted for splits and dividends.</param>
public sealed record PricesMessage(string IssuerId, string InstrumentId, IReadOnlyList<DateOnly> Dates, IReadOnlyList<double> AdjustedClose);

/// <summary>The business text of an issuer.</summary>
/// <param name="IssuerId">The issuer.</param>
/// <param name="AsOfDate">The date that it describes.</param>
/// <param name="BusinessDescription">What the company does.</param>
/// <param name="RiskSummary">What can go wrong.</param>
/// <param name="RecentEventsSummary">What happened lately.</param>
public sealed record ProfileMessage(
    string IssuerId, DateOnly AsOfDate, string BusinessDescription, string RiskSummary, string RecentEventsSummary);

/// <summary>The latest branch vectors of an entity.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Id">Its id.</param>
/// <param name="Branches">One a model, by model id.</param>
public sealed record StateMessage(EntityKind Kind, string Id, IReadOnlyList<BranchStateMessage> Branches);

/// <summary>A branch vector with its history.</summary>
/// <param name="ModelId">Its model.</param>
/// <param name="AsOfDate">The date that it describes.</param>
/// <param name="KnownAt">When the grid came to know it.</param>
/// <param name="Vector">Its values, where they were asked for.</param>
public sealed record BranchStateMessage(string ModelId, DateOnly AsOfDate, DateTimeOffset KnownAt, float[]? Vector = null);

/// <summary>Portfolios with a risk report.</summary>
/// <param name="Portfolios">By id.</param>
/// <param name="NextCursor">Where the next page begins; absent on the last.</param>
public sealed record PortfoliosPage(IReadOnlyList<PortfolioMessage> Portfolios, string? NextCursor = null);

/// <summary>A portfolio.</summary>
/// <param name="PortfolioId">Its id.</param>
/// <param name="AsOfDate">The date of its report.</param>
public sealed record PortfolioMessage(string PortfolioId, DateOnly AsOfDate);

/// <summary>What a portfolio holds.</summary>
/// <param name="PortfolioId">The portfolio.</param>
/// <param name="AsOfDate">The date of the positions.</param>
/// <param name="Holdings">By instrument id.</param>
public sealed record HoldingsMessage(string PortfolioId, DateOnly AsOfDate, IReadOnlyList<HoldingMessage> Holdings);

/// <summary>A position; what the reference tables do not know is empty.</summary>
/// <param name="InstrumentId">What is held.</param>
/// <param name="IssuerId">Its issuer.</param>
/// <param name="Name">The issuer's name.</param>
/// <param name="Sector">The issuer's sector.</param>
/// <param name="Weight">Signed share of the portfolio's value.</param>
public sealed record HoldingMessage(string InstrumentId, string IssuerId, string Name, string Sector, double Weight);

/// <summary>A risk report.</summary>
/// <param name="PortfolioId">The portfolio.</param>
/// <param name="AsOfDate">Its date.</param>
/// <param name="RiskMetrics">Risk measures by name.</param>
/// <param name="ExposuresBySector">Weights by sector.</param>
/// <param name="ExposuresByFactor">Loadings by factor.</param>
public sealed record RiskReportMessage(
    string PortfolioId,
    DateOnly AsOfDate,
    IReadOnlyDictionary<string, double> RiskMetrics,
    IReadOnlyDictionary<string, double> ExposuresBySector,
    IReadOnlyDictionary<string, double> ExposuresByFactor);
