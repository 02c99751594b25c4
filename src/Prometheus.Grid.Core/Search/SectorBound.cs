using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Core.Search;

/// <summary>
/// Scans for the best candidates of which no sector has more than its share, exactly. A scan for the best k shows which sectors are full; the next
/// one leaves those out. Rows that have been seen stand before all others, so once k are taken, or no more come, nothing can change them. Each
/// scan but the last fills a sector, so there are at most as many scans as full sectors and one.
/// </summary>
/// <param name="scanner">Scans.</param>
/// <param name="space">A space of issuers.</param>
/// <param name="universe">Knows the sectors.</param>
/// <param name="most">How many of a sector, at least 1.</param>
internal sealed class SectorBound(ICandidateScanner scanner, SpaceManifest space, Universe universe, int most)
{
    /// <inheritdoc cref="ICandidateScanner.ScanAsync"/>
    public async Task<ScanAnswer> ScanAsync(CandidateScan scan, CancellationToken cancellationToken)
    {
        if (scan.CandidateLimit is { } limit)
        {
            // Who the first candidates are must not depend on the sectors that are left out later.
            var all = await scanner.ScanAsync(scan with { TopK = Math.Min(limit, int.MaxValue - 1) }, cancellationToken);
            return all with { Best = [.. Bounded(all.Best).Take(scan.TopK)] };
        }

        var full = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        List<ScannedCandidate> settled = [];
        var missing = new SortedSet<string>(StringComparer.Ordinal);
        long? candidates = null;
        while (true)
        {
            var answer = await scanner.ScanAsync(scan with { Filter = Without(scan.Filter, full) }, cancellationToken);
            candidates ??= answer.Candidates;
            missing.UnionWith(answer.MissingShards);
            ScannedCandidate[] bounded = [.. Bounded(answer.Best)];
            ScannedCandidate[] best = [.. settled.Concat(bounded).Order(s_order)];
            if (best.Length >= scan.TopK || answer.Best.Count < scan.TopK)
                return new ScanAnswer([.. best.Take(scan.TopK)], candidates.Value, [.. missing]);
            string[] filled = [.. bounded.CountBy(SectorOf, StringComparer.OrdinalIgnoreCase).Where(sector => sector.Value == most).Select(sector => sector.Key)];
            full.UnionWith(filled);
            settled.AddRange(bounded.Where(candidate => full.Contains(SectorOf(candidate))));
        }
    }

    private static readonly Comparer<ScannedCandidate> s_order = Comparer<ScannedCandidate>.Create((x, y) =>
    {
        int order = y.Cosine.CompareTo(x.Cosine);
        order = order != 0 ? order : x.Euclidean.CompareTo(y.Euclidean);
        order = order != 0 ? order : x.AsOf.CompareTo(y.AsOf);
        return order != 0 ? order : string.CompareOrdinal(x.Header.EntityId, y.Header.EntityId);
    });

    private IEnumerable<ScannedCandidate> Bounded(IEnumerable<ScannedCandidate> candidates)
    {
        var taken = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var candidate in candidates)
        {
            string sector = SectorOf(candidate);
            int before = taken.GetValueOrDefault(sector);
            if (before == most)
                continue;
            taken[sector] = before + 1;
            yield return candidate;
        }
    }

    private string SectorOf(ScannedCandidate candidate) => universe.Issuers.GetValueOrDefault(candidate.Header.EntityId)?.Sector ?? "";

    private CandidateFilter? Without(CandidateFilter? filter, HashSet<string> full)
    {
        if (full.Count == 0)
            return filter;
        var asked = filter?.Filter ?? new SimilarityFilter();
        return new CandidateFilter(asked with { ExcludedSectors = [.. asked.ExcludedSectors ?? [], .. full.Order(StringComparer.Ordinal)] }, space, universe);
    }
}
