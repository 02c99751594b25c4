using System.Globalization;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Analysis.Groups;

/// <summary>Says in words what tells the groups of a space from the rest.</summary>
/// <param name="store">The user's tables, and what encoders are made from.</param>
/// <param name="catalog">Models and spaces.</param>
/// <param name="encoders">The text models.</param>
/// <param name="workers">Cores to use; the answer does not depend on it.</param>
internal sealed class GroupWords(IGridStore store, ModelCatalog catalog, EncoderRegistry encoders, int workers)
{
    /// <summary>Sectors that are named.</summary>
    private const int MostSectors = 3;

    /// <summary>A sector of which a group has less does not describe it.</summary>
    private const double LeastShare = 0.1;

    /// <summary>The words of each group.</summary>
    /// <param name="space">The space.</param>
    /// <param name="day">The entities.</param>
    /// <param name="of">For each its group.</param>
    /// <param name="count">Number of groups.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public async Task<IReadOnlyList<string>[]> OfAsync(SpaceManifest space, UniverseDay day, int[] of, int count, CancellationToken cancellationToken)
    {
        if (space.Entity == EntityKind.Portfolio)
            return await OfExposuresAsync(day, of, count, cancellationToken);
        return await TermsAsync(space, day, cancellationToken) is { } terms
            ? await OfTermsAsync(terms, day, of, count, cancellationToken)
            : OfSectors(await store.Inputs.ReadUniverseAsync(cancellationToken), day, of, count);
    }

    /// <summary>The terms of the first text branch that has any; null when none does.</summary>
    private async Task<ITextTerms?> TermsAsync(SpaceManifest space, UniverseDay day, CancellationToken cancellationToken)
    {
        foreach (var branch in space.Branches.Where(branch => branch.Kind == BranchKind.Text))
        {
            var model = catalog.Models.FirstOrDefault(model => model.ModelId == branch.ModelId);
            // Only a fitted model has words; a transformer would be loaded to be told so.
            if (model is null || model.Encoder == "transformer" || !encoders.HasText(model.Encoder))
                continue;
            var encoder = await encoders.TextAsync(new EncoderContext(model, day.AsOf, null, store.Inputs, store.Artifacts, store.Vectors), cancellationToken);
            if (encoder.Terms is { } terms)
                return terms;
        }
        return null;
    }

    private async Task<IReadOnlyList<string>[]> OfTermsAsync(ITextTerms terms, UniverseDay day, int[] of, int count, CancellationToken cancellationToken)
    {
        var profiles = await store.Inputs.ProfilesAsync(day.AsOf, [.. day.Rows.Select(row => row.EntityId)], cancellationToken);
        var places = day.Rows.Index().ToDictionary(pair => pair.Item.EntityId, pair => pair.Index, StringComparer.Ordinal);
        var documents = new IReadOnlyList<int>[profiles.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken };
        Parallel.For(0, documents.Length, options, d => documents[d] = terms.FoundIn(profiles[d].Document));
        return TellingTerms.Of(terms.All, documents, [.. profiles.Select(profile => of[places[profile.IssuerId]])], count);
    }

    /// <summary>The sectors of which a group has more than the whole, with their shares of the group.</summary>
    private static IReadOnlyList<string>[] OfSectors(Universe universe, UniverseDay day, int[] of, int count)
    {
        string[] sectors = [.. day.Rows.Select(row => universe.Issuers.GetValueOrDefault(row.EntityId)?.Sector ?? "")];
        var whole = sectors.CountBy(sector => sector, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        var members = Enumerable.Range(0, of.Length).ToLookup(row => of[row]);
        return
        [
            .. Enumerable.Range(0, count).Select(group =>
            {
                int size = members[group].Count();
                return (IReadOnlyList<string>)
                [
                    .. members[group].CountBy(row => sectors[row], StringComparer.Ordinal)
                        .Select(sector => (Name: sector.Key, Share: (double)sector.Value / size))
                        .Where(sector => sector.Name.Length > 0 && sector.Share >= LeastShare && sector.Share > (double)whole[sector.Name] / of.Length)
                        .OrderByDescending(sector => sector.Share).ThenBy(sector => sector.Name, StringComparer.Ordinal)
                        .Take(MostSectors)
                        .Select(sector => string.Create(CultureInfo.InvariantCulture, $"{sector.Name} {100 * sector.Share:F0}%")),
                ];
            }),
        ];
    }

    /// <summary>The sectors to which a group of portfolios is exposed more than the mean portfolio, with how much more.</summary>
    private async Task<IReadOnlyList<string>[]> OfExposuresAsync(UniverseDay day, int[] of, int count, CancellationToken cancellationToken)
    {
        var reports = await store.Inputs.RiskReportsAsync(day.AsOf, [.. day.Rows.Select(row => row.EntityId)], cancellationToken);
        var places = day.Rows.Index().ToDictionary(pair => pair.Item.EntityId, pair => pair.Index, StringComparer.Ordinal);
        string[] sectors = [.. reports.SelectMany(report => report.ExposuresBySector.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        var members = reports.ToLookup(report => of[places[report.PortfolioId]]);
        double[] mean = [.. sectors.Select(sector => Mean(reports, sector))];
        return
        [
            .. Enumerable.Range(0, count).Select(group => (IReadOnlyList<string>)
            [
                .. sectors.Select((sector, s) => (Name: sector, More: members[group].Any() ? Mean(members[group], sector) - mean[s] : 0))
                    .Where(sector => sector.More >= LeastShare / 2)
                    .OrderByDescending(sector => sector.More).ThenBy(sector => sector.Name, StringComparer.Ordinal)
                    .Take(MostSectors)
                    .Select(sector => string.Create(CultureInfo.InvariantCulture, $"{sector.Name} +{100 * sector.More:F0}%")),
            ]),
        ];

        static double Mean(IEnumerable<RiskReport> of, string sector) => of.Average(report => report.ExposuresBySector.GetValueOrDefault(sector));
    }
}
