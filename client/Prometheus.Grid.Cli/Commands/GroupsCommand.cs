using System.CommandLine;
using System.Globalization;
using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Cli.Output;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Universes;

namespace Prometheus.Grid.Cli.Commands;

/// <summary><c>grid groups</c>: peer groups from the graph of neighbours, an entity a row.</summary>
internal sealed class GroupsCommand : GridCommand
{
    private static readonly string[] s_columns = ["as_of_date", "entity", "group", "size", "centrality", "words"];
    private static readonly string[] s_summaryColumns = ["as_of_date", "group", "size", "from", "words", "most_central"];
    private static readonly string[] s_figureColumns = ["as_of_date", "metric", "groups", "standard_error", "sectors", "industries", "entities"];
    private const int MostCentral = 3;

    private readonly Option<string> _space = new("--space", "--model-id") { Description = "The joint model of the space", HelpName = "MODEL_ID", Required = true };
    private readonly DateFlags _dates;
    private readonly Option<double?> _resolution = Flags.Number("--resolution", "More and smaller groups the larger it is (1 unless said)");
    private readonly Option<int?> _neighbours = Flags.Positive("--neighbours", "Two are joined when each is among the other's so many nearest", 15);
    private readonly Option<int?> _seed = Flags.NotNegative("--seed", "Equal seeds, equal groups", 1);
    private readonly Option<bool> _summary = new("--summary") { Description = "A row a group instead of an entity" };
    private readonly Option<bool> _judge = new("--judge") { Description = "Figures instead of groups: return correlation of the next 63 days within them, agreement with sectors, stability over the dates" };
    private readonly Option<string?> _out = new("--out") { Description = OutFile.Description, HelpName = "FILE" };

    public GroupsCommand()
        : base("groups", "Find peer groups: who is each other's nearest",
            "grid groups --space joint-profile-core-v3 --as-of 2023-11-30 --summary --format table",
            "grid groups --space joint-profile-core-v3 --start 2022-06-30 --end 2023-11-30 --resolution 2 --out groups.csv",
            "grid groups --space joint-profile-core-v3 --as-of 2022-06-30 --judge --format table")
    {
        _dates = new DateFlags(this);
        foreach (var option in (Option[])[_space, _resolution, _neighbours, _seed, _summary, _judge, _out])
            Options.Add(option);
        Validators.Add(result =>
        {
            if (result.GetValue(_summary) && result.GetValue(_judge))
                result.AddError("give one of --summary and --judge");
        });
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        string? path = context.Get(_out);
        OutFile.Check(path);
        var query = new GroupsQuery
        {
            ModelId = context.Get(_space)!,
            Dates = _dates.Of(context.Parsed),
            Resolution = context.Get(_resolution) ?? 1,
            Neighbours = context.Get(_neighbours)!.Value,
            Seed = (ulong)context.Get(_seed)!.Value,
        };
        var session = await context.OpenAsync(cancellationToken);
        if (context.Get(_judge))
        {
            var figures = await session.Universe.JudgeGroupsAsync(query, cancellationToken);
            await OutFile.WriteAsync(context, path, s_figureColumns, figures.Select(figure => (object?[])
                [figure.AsOf is { } date ? date : "mean", figure.Metric, figure.OfGroups, figure.StandardError, figure.OfSectors, figure.OfIndustries, figure.Entities]));
            return ExitCodes.Ok;
        }
        var days = new List<GroupDay>();
        await foreach (var day in session.Universe.GroupsAsync(query, cancellationToken))
        {
            Say(context, day);
            days.Add(day);
        }
        bool isSummary = context.Get(_summary);
        await OutFile.WriteAsync(context, path, isSummary ? s_summaryColumns : s_columns, isSummary ? days.SelectMany(Summary) : days.SelectMany(Members));
        return ExitCodes.Ok;
    }

    private static void Say(CommandContext context, GroupDay day)
    {
        context.Messages.Say(string.Create(
            CultureInfo.InvariantCulture, $"{DateRange.Text(day.AsOf)}: {day.Groups.Count} groups of {day.Members.Count} entities, {day.Groups.Count(group => group.Size == 1)} of them alone; modularity {day.Modularity:F6} over {day.Edges} edges"));
        foreach (var split in day.Splits)
            context.Messages.Say($"{DateRange.Text(day.AsOf)}: group {split.GroupId} split into {string.Join(", ", split.Into)}");
        foreach (var group in day.Groups.Where(group => group.From.Count > 1))
            context.Messages.Say($"{DateRange.Text(day.AsOf)}: groups {string.Join(", ", group.From)} merged into {group.GroupId}");
    }

    private static IEnumerable<object?[]> Members(GroupDay day)
    {
        var groups = day.Groups.ToDictionary(group => group.GroupId);
        return day.Members.Select(member => (object?[])
            [day.AsOf, member.EntityId, member.GroupId, groups[member.GroupId].Size, member.Centrality, string.Join("; ", groups[member.GroupId].Words)]);
    }

    private static IEnumerable<object?[]> Summary(GroupDay day)
    {
        var members = day.Members.ToLookup(member => member.GroupId);
        return day.Groups.Select(group => (object?[])
        [
            day.AsOf, group.GroupId, group.Size, string.Join("; ", group.From), string.Join("; ", group.Words),
            string.Join("; ", members[group.GroupId].OrderByDescending(member => member.Centrality).ThenBy(member => member.EntityId, StringComparer.Ordinal).Take(MostCentral).Select(member => member.EntityId)),
        ]);
    }
}
