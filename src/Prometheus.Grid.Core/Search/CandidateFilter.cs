using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.Search;

/// <summary>Decides which rows a search looks at, from the labels of the user's tables.</summary>
public sealed class CandidateFilter
{
    private readonly SimilarityFilter _filter;
    private readonly Universe _universe;
    private readonly Dictionary<string, Instrument> _instruments;
    private readonly HashSet<string>? _ids, _excludedIds, _excludedSectors;

    /// <summary>Checks the labels against the tables.</summary>
    /// <exception cref="BadInputException">A label that no issuer has, or a label filter on a space without issuers.</exception>
    public CandidateFilter(SimilarityFilter filter, SpaceManifest space, Universe universe)
    {
        _filter = filter;
        _universe = universe;
        _instruments = universe.Instruments.ToDictionary(i => i.InstrumentId, StringComparer.Ordinal);
        _ids = filter.EntityIds is { Count: > 0 } ids ? ids.ToHashSet(StringComparer.Ordinal) : null;
        _excludedIds = filter.ExcludedIds is { Count: > 0 } excluded ? excluded.ToHashSet(StringComparer.Ordinal) : null;
        _excludedSectors = filter.ExcludedSectors is { Count: > 0 } sectors ? sectors.ToHashSet(StringComparer.OrdinalIgnoreCase) : null;
        foreach (string sector in _excludedSectors ?? [])
            Check(nameof(filter.ExcludedSectors), sector, space, universe.Issuers.Values.Select(i => i.Sector));
        Check(nameof(filter.Sector), filter.Sector, space, universe.Issuers.Values.Select(i => i.Sector));
        Check(nameof(filter.Industry), filter.Industry, space, universe.Issuers.Values.Select(i => i.Industry));
        Check(nameof(filter.Country), filter.Country, space, universe.Issuers.Values.Select(i => i.Country));
        Check(nameof(filter.MarketId), filter.MarketId, space, universe.Markets.Keys);
        Check(nameof(filter.Region), filter.Region, space, universe.Markets.Values.Select(m => m.Region).Concat(universe.Issuers.Values.Select(i => i.Country)));
    }

    /// <summary>The filter as it was asked for.</summary>
    public SimilarityFilter Filter => _filter;

    /// <summary>True when a row is a candidate.</summary>
    public bool Accepts(RowHeader row)
    {
        if (_ids?.Contains(row.EntityId) == false || _excludedIds?.Contains(row.EntityId) == true)
            return false;
        _universe.Issuers.TryGetValue(row.EntityId, out var issuer);
        _instruments.TryGetValue(row.InstrumentId, out var instrument);
        if (_excludedSectors?.Contains(issuer?.Sector ?? "") == true)
            return false;
        return Matches(_filter.Sector, issuer?.Sector)
            && Matches(_filter.Industry, issuer?.Industry)
            && Matches(_filter.Country, issuer?.Country)
            && Matches(_filter.MarketId, instrument?.MarketId)
            && (Matches(_filter.Region, row.Region) || Matches(_filter.Region, issuer?.Country));
    }

    private static bool Matches(string? wanted, string? actual) =>
        string.IsNullOrEmpty(wanted) || string.Equals(wanted, actual, StringComparison.OrdinalIgnoreCase);

    private static void Check(string field, string? wanted, SpaceManifest space, IEnumerable<string> known)
    {
        if (string.IsNullOrEmpty(wanted))
            return;
        if (space.Entity != EntityKind.Issuer)
            throw new BadInputException(field, wanted, $"only spaces of issuers; {space.ModelId} holds {space.Entity.ToString().ToLowerInvariant()}s");
        string[] labels = [.. known.Where(label => label.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal)];
        if (!labels.Contains(wanted, StringComparer.OrdinalIgnoreCase))
            throw new BadInputException(field, wanted, labels.Length == 0 ? "nothing: the tables have no such labels" : string.Join(", ", labels));
    }
}
