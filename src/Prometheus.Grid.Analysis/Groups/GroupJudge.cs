using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Evaluation;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Core.Universes;
using Prometheus.Grid.Graphs;

namespace Prometheus.Grid.Analysis.Groups;

/// <summary>Holds groups against sectors and industries.</summary>
/// <param name="inputs">The user's tables.</param>
internal sealed class GroupJudge(IGridInputs inputs)
{
    private const string Correlation = "next-63d return correlation within", Stability = "adjusted Rand index to the date before", Agreement = "adjusted Rand index to", Parts = "how many";

    private readonly PartitionReturns _returns = new(inputs);

    /// <summary>The figures of days, date by date; with several dates their means come last.</summary>
    public async Task<IReadOnlyList<GroupFigure>> JudgeAsync(IAsyncEnumerable<(UniverseDay Day, GroupDay Groups)> days, CancellationToken cancellationToken)
    {
        var universe = await inputs.ReadUniverseAsync(cancellationToken);
        var figures = new List<GroupFigure>();
        GroupDay? before = null;
        await foreach ((var day, var groups) in days.WithCancellation(cancellationToken))
        {
            Issuer?[] issuers = [.. day.Rows.Select(row => universe.Issuers.GetValueOrDefault(row.EntityId))];
            string[] found = [.. groups.Members.Select(member => $"{member.GroupId}")];
            string[] sectors = [.. issuers.Select(issuer => issuer?.Sector ?? "")], industries = [.. issuers.Select(issuer => issuer?.Industry ?? "")];
            figures.Add(new GroupFigure(day.AsOf, Parts, groups.Groups.Count, null, Count(sectors), Count(industries), day.Count));
            var correlations = await _returns.CorrelationsAsync(day.AsOf, [.. day.Rows.Select(row => row.InstrumentId)], [found, sectors, industries], cancellationToken);
            if (correlations[0] is { } own)
                figures.Add(new GroupFigure(day.AsOf, Correlation, own.Correlation, own.StandardError, correlations[1]?.Correlation, correlations[2]?.Correlation, own.Entities));
            // What groups are to sectors and to industries; sectors and industries are not to themselves.
            figures.Add(new GroupFigure(day.AsOf, $"{Agreement} sectors", Rand(found, sectors), null, 1, Rand(industries, sectors), day.Count));
            figures.Add(new GroupFigure(day.AsOf, $"{Agreement} industries", Rand(found, industries), null, Rand(sectors, industries), 1, day.Count));
            if (before is not null)
                figures.Add(ToDateBefore(before, groups));
            before = groups;
        }
        return figures.Select(figure => figure.AsOf).Distinct().Count() > 1 ? [.. figures, .. Means(figures)] : figures;
    }

    private static int Count(string[] labels) => labels.Where(label => label.Length > 0).Distinct(StringComparer.Ordinal).Count();

    /// <summary>Over entities that have both labels.</summary>
    private static double Rand(string[] x, string[] y)
    {
        int[] both = [.. Enumerable.Range(0, x.Length).Where(i => x[i].Length > 0 && y[i].Length > 0)];
        return PartitionComparison.AdjustedRand([.. both.Select(i => x[i])], [.. both.Select(i => y[i])]);
    }

    private static GroupFigure ToDateBefore(GroupDay before, GroupDay now)
    {
        var then = before.Members.ToDictionary(member => member.EntityId, member => member.GroupId, StringComparer.Ordinal);
        GroupMember[] both = [.. now.Members.Where(member => then.ContainsKey(member.EntityId))];
        double index = PartitionComparison.AdjustedRand([.. both.Select(member => then[member.EntityId])], [.. both.Select(member => member.GroupId)]);
        return new GroupFigure(now.AsOf, Stability, index, null, null, null, both.Length);
    }

    private static IEnumerable<GroupFigure> Means(List<GroupFigure> figures) => figures
        .GroupBy(figure => figure.Metric)
        .Select(group => group.First() with
        {
            AsOf = null,
            OfGroups = group.Average(figure => figure.OfGroups),
            // Dates are taken as independent, as entities are.
            StandardError = group.All(figure => figure.StandardError is not null) ? Math.Sqrt(group.Sum(figure => figure.StandardError!.Value * figure.StandardError.Value)) / group.Count() : null,
            OfSectors = group.Average(figure => figure.OfSectors),
            OfIndustries = group.Average(figure => figure.OfIndustries),
            Entities = group.Sum(figure => figure.Entities),
        });
}
