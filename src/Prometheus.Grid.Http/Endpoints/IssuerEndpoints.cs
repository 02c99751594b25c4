using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Prices;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Http.Data;
using Prometheus.Grid.Http.Limits;
using Prometheus.Grid.Http.Messages;
using Prometheus.Grid.Http.Translation;

namespace Prometheus.Grid.Http.Endpoints;

/// <summary>Issuers and what the tables say of them.</summary>
internal static class IssuerEndpoints
{
    private const int DefaultFound = 50;

    public static void MapIssuers(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/issuers", FindAsync).Named("findIssuers", "Issuers by id, name or symbol, best match first", "Issuers").Costs(WorkKind.Lookup);
        v1.MapGet("/issuers/{issuer_id}", GetAsync).Named("getIssuer", "An issuer and its instruments", "Issuers").Costs(WorkKind.Lookup);
        v1.MapGet("/issuers/{issuer_id}/prices", PricesAsync).Named("getPrices", "Adjusted closes of an issuer's instrument", "Issuers").Costs(WorkKind.Lookup);
        v1.MapGet("/issuers/{issuer_id}/profile", ProfileAsync).Named("getProfile", "The latest business text of an issuer on a date", "Issuers").Costs(WorkKind.Lookup);
    }

    private static async Task<IssuersPage> FindAsync(
        string? query, string? sector, string? industry, string? country, string? limit, string? cursor, IGridInputs inputs, GridHttpOptions options, CancellationToken cancellationToken)
    {
        int most = Parameters.Limit(limit, options.MaxPage, DefaultFound);
        var universe = await inputs.ReadUniverseAsync(cancellationToken);
        var found = universe.Issuers.Values
            .Where(issuer => Is(sector, issuer.Sector) && Is(industry, issuer.Industry) && Is(country, issuer.Country))
            .Select(issuer => (Issuer: issuer, Match: Match(query, issuer, universe)))
            .Where(candidate => candidate.Match is not null)
            .OrderBy(candidate => candidate.Match).ThenBy(candidate => candidate.Issuer.IssuerId, StringComparer.Ordinal);
        // The order is one of match first, so a page is found again by counting.
        int passed = Parameters.Whole("cursor", Cursor.Parse(cursor)?.Id, 0) ?? 0;
        var page = found.Skip(passed).Take(most + 1).Select(candidate => candidate.Issuer.ToMessage(universe)).ToList();
        bool isLast = page.Count <= most;
        return new IssuersPage([.. page.Take(most)], isLast ? null : new Cursor(null, FormattableString.Invariant($"{passed + most}")).ToString());
    }

    private static async Task<IssuerMessage> GetAsync(HttpContext context, string issuer_id, IGridInputs inputs, CancellationToken cancellationToken)
    {
        var universe = await inputs.ReadUniverseAsync(cancellationToken);
        return Known(Parameters.Id(context, nameof(issuer_id)), universe).ToMessage(universe);
    }

    private static async Task<PricesMessage> PricesAsync(
        HttpContext context, string issuer_id, string? instrument_id, string? start, string? end, IGridInputs inputs, CancellationToken cancellationToken)
    {
        var universe = await inputs.ReadUniverseAsync(cancellationToken);
        var issuer = Known(Parameters.Id(context, nameof(issuer_id)), universe);
        var range = Parameters.Range(start, end) ?? DateRange.All;
        var own = universe.InstrumentsOf(issuer.IssuerId).ToList();
        var instrument = instrument_id is null
            ? own.FirstOrDefault(candidate => candidate.IsActiveEquity) ?? own.FirstOrDefault() ?? throw new NotFoundException("instrument of", issuer.IssuerId)
            : own.Find(candidate => candidate.InstrumentId == instrument_id) ?? throw new NotFoundException("instrument", instrument_id, $"{issuer.IssuerId} has {string.Join(", ", own.Select(candidate => candidate.InstrumentId))}");
        var series = (await inputs.PricesAsync([instrument.InstrumentId], new PriceWindow(range), cancellationToken))[0];
        return ToMessage(issuer, series);
    }

    private static async Task<ProfileMessage> ProfileAsync(
        HttpContext context, string issuer_id, string? as_of, IGridInputs inputs, CancellationToken cancellationToken)
    {
        var issuer = Known(Parameters.Id(context, nameof(issuer_id)), await inputs.ReadUniverseAsync(cancellationToken));
        var range = new DateRange(DateOnly.MinValue, Parameters.OptionalDay("as_of", as_of) ?? DateOnly.MaxValue);
        return await inputs.LatestAsync(InputTable.Profiles, issuer.IssuerId, range, cancellationToken) is { } date
            && await inputs.ProfilesAsync(date, [issuer.IssuerId], cancellationToken) is [var profile]
            ? new ProfileMessage(profile.IssuerId, profile.AsOf, profile.BusinessDescription, profile.RiskSummary, profile.RecentEventsSummary)
            : throw new NotFoundException("profile of", issuer.IssuerId);
    }

    private static PricesMessage ToMessage(Issuer issuer, PriceSeries series)
    {
        var closes = series.ReturnCloses;
        var dates = new List<DateOnly>(series.Count);
        var adjusted = new List<double>(series.Count);
        for (int i = 0; i < series.Count; i++)
        {
            // A day without an adjusted close among adjusted ones has no price that compares with the others.
            if (double.IsNaN(closes[i]))
                continue;
            dates.Add(DateOnly.FromDayNumber(series.Days.Span[i]));
            adjusted.Add(closes[i]);
        }
        return new PricesMessage(issuer.IssuerId, series.InstrumentId, dates, adjusted);
    }

    private static Issuer Known(string issuerId, Universe universe) =>
        universe.Issuers.TryGetValue(issuerId, out var issuer) ? issuer : throw new NotFoundException("issuer", issuerId);

    private static bool Is(string? wanted, string label) => string.IsNullOrEmpty(wanted) || string.Equals(wanted, label, StringComparison.OrdinalIgnoreCase);

    /// <summary>How well an issuer matches, 0 best; null when it does not.</summary>
    private static int? Match(string? query, Issuer issuer, Universe universe)
    {
        if (string.IsNullOrWhiteSpace(query))
            return 0;
        query = query.Trim();
        int best = Math.Min(Rank(query, issuer.IssuerId), Rank(query, issuer.Name));
        foreach (var instrument in universe.InstrumentsOf(issuer.IssuerId))
            best = Math.Min(best, Rank(query, instrument.Symbol));
        return best == int.MaxValue ? null : best;
    }

    private static int Rank(string query, string text) =>
        text.Equals(query, StringComparison.OrdinalIgnoreCase) ? 0
        : text.StartsWith(query, StringComparison.OrdinalIgnoreCase) ? 1
        : text.Contains(' ' + query, StringComparison.OrdinalIgnoreCase) || text.Contains('_' + query, StringComparison.OrdinalIgnoreCase) ? 2
        : text.Contains(query, StringComparison.OrdinalIgnoreCase) ? 3
        : int.MaxValue;
}
