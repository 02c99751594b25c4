using System.CommandLine;
using System.Globalization;
using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Cli.Output;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Universes;

namespace Prometheus.Grid.Cli.Commands;

/// <summary><c>grid changes</c>: who moved between two dates, and whose neighbours changed.</summary>
internal sealed class ChangesCommand : GridCommand
{
    private static readonly string[] s_columns = ["entity", "move", "times_typical", "cosine", "entered", "left", "kept"];

    private readonly Option<string> _space = new("--space", "--model-id") { Description = "The joint model of the space", HelpName = "MODEL_ID", Required = true };
    private readonly Option<DateOnly?> _from = Flags.Date("--from", "The earlier date");
    private readonly Option<DateOnly?> _to = Flags.Date("--to", "The later date");
    private readonly Option<int?> _topK = Flags.Positive("--top-k", "How many nearest neighbours are compared", 10);
    private readonly Option<string> _sort = new("--sort") { Description = "Order of the rows: the largest moves first, or those that kept the fewest neighbours", HelpName = "move|peers", DefaultValueFactory = _ => "move" };
    private readonly Option<int?> _limit = Flags.Positive("--limit", "Print the first so many (all unless said)");
    private readonly Option<string?> _out = new("--out") { Description = OutFile.Description, HelpName = "FILE" };

    public ChangesCommand()
        : base("changes", "Show who moved most between two dates, beyond what the universe moved, and whose neighbours changed",
            "grid changes --space joint-profile-core-v3 --from 2022-06-30 --to 2023-11-30 --limit 10 --format table",
            "grid changes --space joint-portfolio-core-v3 --from 2023-06-30 --to 2023-11-30 --sort peers --top-k 5")
    {
        (_from.Required, _to.Required) = (true, true);
        _sort.AcceptOnlyFromAmong("move", "peers");
        foreach (var option in (Option[])[_space, _from, _to, _topK, _sort, _limit, _out])
            Options.Add(option);
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        string? path = context.Get(_out);
        OutFile.Check(path);
        var query = new ChangesQuery(context.Get(_space)!, context.Get(_from)!.Value, context.Get(_to)!.Value, context.Get(_topK)!.Value);
        query.Check();
        var session = await context.OpenAsync(cancellationToken);
        var answer = await session.Universe.ChangesAsync(query, cancellationToken);
        context.Messages.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"{answer.Changes.Count} entities on {DateRange.Text(query.From)} and {DateRange.Text(query.To)}; all together moved by {answer.UniverseMove:F6}, the median by {answer.TypicalMove:F6} of its own; {answer.Appeared.Count} appeared, {answer.Gone.Count} gone"));
        // The order by move is that of the answer, and stays where neighbours tie.
        var changes = context.Get(_sort) == "peers" ? answer.Changes.OrderBy(change => change.Kept) : answer.Changes.AsEnumerable();
        await OutFile.WriteAsync(context, path, s_columns, changes.Take(context.Get(_limit) ?? int.MaxValue).Select(change => (object?[])
            [change.EntityId, change.Move, change.TimesTypical, change.Cosine, string.Join("; ", change.Entered), string.Join("; ", change.Left), change.Kept]));
        return ExitCodes.Ok;
    }
}
