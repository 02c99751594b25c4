using System.CommandLine;
using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Cli.Output;
using Prometheus.Grid.Core.Grid;

namespace Prometheus.Grid.Cli.Commands;

/// <summary>What the two listings of joint vectors share.</summary>
internal abstract class ShowJointCommand : GridCommand
{
    private readonly DateFlags _dates;
    private readonly Option<string?> _entityId;
    private readonly Option<string> _modelId;
    private readonly Option<int?> _limit = Flags.Positive("--limit", "At most this many rows", 1_000);
    private readonly Option<DateTimeOffset?> _asKnown = Flags.Time("--as-known", "What was known at this time (now unless said)");

    protected ShowJointCommand(string name, string description, string entityFlag, string modelId, params string[] examples)
        : base(name, description, examples)
    {
        _dates = new DateFlags(this);
        _entityId = Flags.Text(entityFlag, "Only this one");
        _modelId = Flags.Text("--model-id", "The joint model", modelId);
        foreach (var option in (Option[])[_entityId, _modelId, _limit, _asKnown])
            Options.Add(option);
    }

    protected abstract string[] Columns { get; }

    protected abstract object?[] Cells(JointRow row, double norm);

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var session = await context.OpenAsync(cancellationToken);
        var listing = new JointListing(context.Get(_modelId)!, _dates.Of(context.Parsed), context.Get(_entityId), context.Get(_limit), context.Get(_asKnown));
        bool withVectors = context.Get(GlobalFlags.Format) == OutputFormat.Json;
        int count = 0;
        using (var rows = context.Rows(withVectors ? [.. Columns, "vector"] : Columns))
        {
            await foreach (var row in session.Grid.ListJointAsync(listing, cancellationToken))
            {
                count++;
                object?[] cells = Cells(row, Norm(row.Vector.Span));
                rows.Write(withVectors ? [.. cells, row.Vector] : cells);
            }
        }
        if (count == 0)
            context.Messages.Say($"no rows: {listing.ModelId} has no such vectors on these dates");
        else if (count == listing.Limit)
            context.Messages.Say($"{count} rows, the --limit; there may be more");
        return ExitCodes.Ok;
    }

    private static double Norm(ReadOnlySpan<float> vector)
    {
        double sum = 0.0;
        foreach (float value in vector)
            sum += (double)value * value;
        return Math.Sqrt(sum);
    }
}
