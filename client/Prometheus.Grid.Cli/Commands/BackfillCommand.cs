using System.CommandLine;
using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Cli.Output;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Cli.Commands;

/// <summary>What the five backfills share: they run, show how far they are, and count what they wrote, found unchanged and passed over.</summary>
internal abstract class BackfillCommand : GridCommand
{
    /// <summary>Skipped entities that are named one by one; beyond that the counts by reason say enough.</summary>
    private const int MostNamed = 10;

    private readonly Option<BadRowPolicy> _badRows = BadRowsFlag.New();

    protected BackfillCommand(string name, string description, params string[] examples)
        : base(name, description, examples) => Options.Add(_badRows);

    protected abstract BackfillRequest Request(ParseResult parsed);

    /// <summary>Where transformers run, or null when the command has no say in it.</summary>
    protected virtual string? Device(ParseResult parsed) => null;

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var request = Request(context.Parsed);
        var session = await context.OpenAsync(cancellationToken, device: Device(context.Parsed), badRows: context.Get(_badRows));
        var report = await RunAsync(session, request, context.Messages, cancellationToken);
        Print(context, report, await session.NotesAsync(cancellationToken));
        return ExitCodes.Ok;
    }

    /// <summary>Runs one backfill with progress.</summary>
    public static Task<BackfillReport> RunAsync(GridSession session, BackfillRequest request, Messages messages, CancellationToken cancellationToken) =>
        messages.TrackAsync(request.ModelId, progress => session.BackfillAsync(request, new Forward(progress), cancellationToken));

    private static void Print(CommandContext context, BackfillReport report, IReadOnlyList<InputNote> notes)
    {
        using (var rows = context.Rows("as_of_date", "model_id", "outcome", "reason", "count"))
        {
            foreach (var day in report.Days)
            {
                void Row(string outcome, string reason, int count) => rows.Write(day.Partition.AsOf, day.Partition.ModelId, outcome, reason, count);
                Row("written", "", day.Written);
                Row("unchanged", "", day.Unchanged);
                if (day.BeyondLimit > 0)
                    Row("left out", "beyond --limit", day.BeyondLimit);
                foreach (var reason in day.Skipped.GroupBy(s => s.Reason.Code, StringComparer.Ordinal).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal))
                    Row("skipped", reason.Key, reason.Count());
            }
            foreach (var note in notes)
                rows.Write(null, null, InputNotes.Outcome, InputNotes.Reason(note), note.Count);
        }
        InputNotes.Say(context.Messages, notes);
        foreach (var day in report.Days)
            Explain(context.Messages, day);
        if (report.Days.Count == 0)
            context.Messages.Say("nothing to do: no inputs in this range");
        else if (report.Written == 0 && report.Unchanged > 0)
            context.Messages.Say($"nothing written: all {report.Unchanged} rows were there already");
    }

    private static void Explain(Messages messages, BackfillDay day)
    {
        if (day.Resumed > 0)
            messages.Say($"{day.Partition}: went on after {day.Resumed} entities that an interrupted run had finished");
        foreach (var skip in day.Skipped.Take(MostNamed))
            messages.Say($"{day.Partition}: skipped {skip.EntityId}, {skip.Reason.Code}{(skip.Reason.Detail.Length > 0 ? $" ({skip.Reason.Detail})" : "")}");
        if (day.Skipped.Count > MostNamed)
            messages.Say($"{day.Partition}: and {day.Skipped.Count - MostNamed} more");
    }

    private sealed class Forward(IProgress<Step> progress) : IProgress<BackfillProgress>
    {
        public void Report(BackfillProgress value)
        {
            string dates = value.DatesTotal > 1 ? $", date {value.DatesDone + 1} of {value.DatesTotal}" : "";
            progress.Report(new Step($"{value.Partition}{dates}", value.EntitiesTotal == 0 ? 1 : (double)value.EntitiesDone / value.EntitiesTotal));
        }
    }
}
