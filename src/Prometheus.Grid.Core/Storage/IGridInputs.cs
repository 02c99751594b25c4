using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Prices;

namespace Prometheus.Grid.Core.Storage;

/// <summary>An input table that has dates.</summary>
public enum InputTable
{
    /// <summary>prices_daily.</summary>
    Prices,

    /// <summary>profiles.</summary>
    Profiles,

    /// <summary>portfolio_risk_reports.</summary>
    RiskReports,

    /// <summary>portfolio_positions.</summary>
    Positions,
}

/// <summary>
/// The user's tables, read-only. Reads of many entities are one query each. Bad rows are refused with file or table, row, column and
/// value named, never passed on.
/// </summary>
public interface IGridInputs
{
    /// <summary>Reads markets, issuers and instruments.</summary>
    Task<Universe> ReadUniverseAsync(CancellationToken cancellationToken);

    /// <summary>The dates on which <paramref name="table"/> has rows, ascending.</summary>
    Task<IReadOnlyList<DateOnly>> DatesAsync(InputTable table, DateRange range, CancellationToken cancellationToken);

    /// <summary>
    /// The last date in <paramref name="range"/> on which <paramref name="table"/> has rows of an owner: the issuer of a profile, the portfolio of a risk
    /// report or of positions. One read, also for an owner of whom there is nothing.
    /// </summary>
    /// <param name="table">Any but prices, which belong to instruments.</param>
    /// <param name="ownerId">The issuer or portfolio.</param>
    /// <param name="range">The dates that are looked at.</param>
    /// <param name="cancellationToken">Ends the read early.</param>
    /// <returns>Null where there is none.</returns>
    Task<DateOnly?> LatestAsync(InputTable table, string ownerId, DateRange range, CancellationToken cancellationToken);

    /// <summary>Reads price histories of <paramref name="instrumentIds"/>, in their order; an instrument without prices gets an empty series.</summary>
    Task<IReadOnlyList<PriceSeries>> PricesAsync(IReadOnlyList<string> instrumentIds, PriceWindow window, CancellationToken cancellationToken);

    /// <summary>
    /// Whether prices are at hand in this process, so that reading those of many dates at once would save nothing; where they are not, a backfill
    /// over a range keeps what its dates share.
    /// </summary>
    bool HoldsPrices => false;

    /// <summary>Issuers that have a profile on the date, in ordinal order.</summary>
    Task<IReadOnlyList<string>> ProfileIssuersAsync(DateOnly asOf, CancellationToken cancellationToken);

    /// <summary>Reads the profiles of <paramref name="issuerIds"/> on the date, in ordinal order of issuers; issuers without one are left out.</summary>
    Task<IReadOnlyList<IssuerProfile>> ProfilesAsync(DateOnly asOf, IReadOnlyCollection<string> issuerIds, CancellationToken cancellationToken);

    /// <summary>Portfolios that have a risk report on the date, in ordinal order.</summary>
    Task<IReadOnlyList<string>> RiskReportPortfoliosAsync(DateOnly asOf, CancellationToken cancellationToken);

    /// <summary>Reads the risk reports of <paramref name="portfolioIds"/> on the date, in ordinal order of portfolios; portfolios without one are left out.</summary>
    Task<IReadOnlyList<RiskReport>> RiskReportsAsync(DateOnly asOf, IReadOnlyCollection<string> portfolioIds, CancellationToken cancellationToken);

    /// <summary>Reads the positions on the date by portfolio and instrument, both ordinally; null reads those of all portfolios.</summary>
    Task<IReadOnlyList<Position>> PositionsAsync(DateOnly asOf, IReadOnlyCollection<string>? portfolioIds, CancellationToken cancellationToken);

    /// <summary>
    /// A token that changes when the table's rows may have changed; a killed backfill is resumed only when its inputs still have the token
    /// that it started with.
    /// </summary>
    Task<string> VersionAsync(InputTable table, CancellationToken cancellationToken);

    /// <summary>What was passed over in the tables that have been read so far, and why; empty when everything was used.</summary>
    Task<IReadOnlyList<InputNote>> NotesAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<InputNote>>([]);
}
