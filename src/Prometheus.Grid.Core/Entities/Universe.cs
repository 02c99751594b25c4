namespace Prometheus.Grid.Core.Entities;

/// <summary>A trading venue or country market.</summary>
/// <param name="MarketId">Key, for example <c>US_EQ</c>.</param>
/// <param name="Name">Display name.</param>
/// <param name="Region">Region code that issuers without a country fall back on.</param>
/// <param name="Timezone">IANA time zone.</param>
public sealed record Market(string MarketId, string Name, string Region, string Timezone);

/// <summary>An issuer with its classification.</summary>
/// <param name="IssuerId">Key.</param>
/// <param name="IssuerType">For example <c>CORPORATION</c>.</param>
/// <param name="Name">Display name.</param>
/// <param name="Country">Country name, or empty.</param>
/// <param name="Sector">Sector label, or empty. A filter and a yardstick, never an input of a model.</param>
/// <param name="Industry">Industry label, or empty. A filter and a yardstick, never an input of a model.</param>
public sealed record Issuer(string IssuerId, string IssuerType, string Name, string Country, string Sector, string Industry);

/// <summary>A listed instrument of an issuer.</summary>
/// <param name="InstrumentId">Key.</param>
/// <param name="IssuerId">Its issuer.</param>
/// <param name="MarketId">Its market.</param>
/// <param name="AssetClass">For example <c>EQUITY</c>.</param>
/// <param name="Symbol">Ticker.</param>
/// <param name="Exchange">Exchange code.</param>
/// <param name="Currency">ISO 4217 currency.</param>
/// <param name="Status">For example <c>ACTIVE</c>.</param>
public sealed record Instrument(
    string InstrumentId, string IssuerId, string MarketId, string AssetClass, string Symbol, string Exchange, string Currency, string Status)
{
    /// <summary>True for what the numeric models encode: an active equity.</summary>
    public bool IsActiveEquity => AssetClass == "EQUITY" && Status == "ACTIVE";

    /// <summary>True for an equity that is or was listed: what models encode that take from the prices who was listed on a date.</summary>
    public bool WasListedEquity => AssetClass == "EQUITY" && Status is ("ACTIVE" or "INACTIVE" or "SUSPENDED" or "DELISTED");
}

/// <summary>
/// The reference tables as one consistent, read-only view: who exists, and which instrument stands for which issuer.
/// Every list is in ordinal order of its ids.
/// </summary>
public sealed class Universe
{
    private readonly ILookup<string, Instrument> _byIssuer;
    private readonly Dictionary<string, Instrument> _instruments;

    /// <summary>Builds the view; on a repeated id the stores have already refused, so ids are unique here.</summary>
    public Universe(IEnumerable<Market> markets, IEnumerable<Issuer> issuers, IEnumerable<Instrument> instruments)
    {
        Markets = markets.ToDictionary(m => m.MarketId, StringComparer.Ordinal);
        Issuers = issuers.ToDictionary(i => i.IssuerId, StringComparer.Ordinal);
        Instruments = [.. instruments.OrderBy(i => i.InstrumentId, StringComparer.Ordinal)];
        _instruments = Instruments.ToDictionary(i => i.InstrumentId, StringComparer.Ordinal);
        _byIssuer = Instruments.ToLookup(i => i.IssuerId, StringComparer.Ordinal);
    }

    /// <summary>Markets by id.</summary>
    public IReadOnlyDictionary<string, Market> Markets { get; }

    /// <summary>Issuers by id.</summary>
    public IReadOnlyDictionary<string, Issuer> Issuers { get; }

    /// <summary>All instruments, ordinally by id.</summary>
    public IReadOnlyList<Instrument> Instruments { get; }

    /// <summary>The instrument of this id, or null.</summary>
    public Instrument? Instrument(string instrumentId) => _instruments.GetValueOrDefault(instrumentId);

    /// <summary>The instrument that stands for an issuer in the spaces of the seed, its ordinally smallest id, or null when it has none.</summary>
    public Instrument? RepresentativeOf(string issuerId) => _byIssuer[issuerId].FirstOrDefault();

    /// <summary>The instruments of an issuer, ordinally by id; none when it is unknown.</summary>
    public IEnumerable<Instrument> InstrumentsOf(string issuerId) => _byIssuer[issuerId];

    /// <summary>
    /// The region of an issuer: that of the market of its representative instrument (the seed's documents print <c>US</c>), else its
    /// country, else empty.
    /// </summary>
    public string RegionOf(string issuerId) => RegionOf(issuerId, RepresentativeOf(issuerId));

    /// <summary>The same, with another instrument to stand for the issuer.</summary>
    public string RegionOf(string issuerId, Instrument? standsFor)
    {
        if (standsFor is { } instrument && Markets.TryGetValue(instrument.MarketId, out var market) && market.Region.Length > 0)
            return market.Region;
        return Issuers.TryGetValue(issuerId, out var issuer) ? issuer.Country : "";
    }
}
