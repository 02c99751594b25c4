using System.CommandLine;
using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Cli.Exchange;
using Prometheus.Grid.Cli.Output;
using Prometheus.Grid.Columnar;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Cli.Commands;

/// <summary>What the two listings of joint vectors share.</summary>
internal abstract class ShowJointCommand : GridCommand
{
    private const string VectorColumn = "vector";

    private readonly DateFlags _dates;
    private readonly Option<string?> _entityId;
    private readonly Option<string> _modelId;
    private readonly Option<int?> _limit = Flags.Positive("--limit", "At most this many rows", 1_000);
    private readonly Option<DateTimeOffset?> _asKnown = Flags.Time("--as-known", "What was known at this time (now unless said)");

    private readonly Option<string?> _out = new("--out") { Description = $"Write to this file instead: {TableFile.EndingsText}; all but .csv carry the vectors", HelpName = "FILE" };

    protected ShowJointCommand(string name, string description, string entityFlag, string modelId, params string[] examples)
        : base(name, description, examples)
    {
        _dates = new DateFlags(this);
        _entityId = Flags.Text(entityFlag, "Only this one");
        _modelId = Flags.Text("--model-id", "The joint model", modelId);
        foreach (var option in (Option[])[_entityId, _modelId, _limit, _asKnown, _out])
            Options.Add(option);
    }

    private string[] Columns => ["as_of_date", .. IdColumns, "model_id", "dim", "l2_norm"];

    /// <summary>The columns of ids.</summary>
    protected abstract string[] IdColumns { get; }

    /// <summary>Their cells.</summary>
    protected abstract object?[] Ids(JointRow row);

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        if (context.Get(_out) is { } file)
            WholeFile.Check(file, TableFile.Endings);
        var session = await context.OpenAsync(cancellationToken);
        var listing = new JointListing(context.Get(_modelId)!, _dates.Of(context.Parsed), context.Get(_entityId), context.Get(_limit), context.Get(_asKnown));
        int count = context.Get(_out) is { } path
            ? await ToFileAsync(path, session, listing, cancellationToken)
            : await PrintAsync(context, session, listing, cancellationToken);
        if (count == 0)
            context.Messages.Say($"no rows: {listing.ModelId} has no such vectors on these dates");
        else if (count == listing.Limit)
            context.Messages.Say($"{count} rows, the --limit; there may be more");
        return ExitCodes.Ok;
    }

    private async Task<int> PrintAsync(CommandContext context, GridSession session, JointListing listing, CancellationToken cancellationToken)
    {
        bool withVectors = context.Get(GlobalFlags.Format) == OutputFormat.Json;
        using var rows = context.Rows(withVectors ? [.. Columns, VectorColumn] : Columns);
        return await WriteAsync(rows, withVectors, session.Grid.ListJointAsync(listing, cancellationToken));
    }

    private async Task<int> ToFileAsync(string path, GridSession session, JointListing listing, CancellationToken cancellationToken)
    {
        PartitionKey[] keys = [.. (await session.Store.Vectors.ListAsync(BranchKind.Joint, listing.ModelId, cancellationToken)).Where(key => listing.Dates.Contains(key.AsOf))];
        bool withVectors = TableFile.HasVectors(path);
        Column[] columns = [.. Columns.Select(ColumnOf)];
        if (withVectors)
            columns = [.. columns, Column.Vector(VectorColumn, session.Grid.Catalog.Space(listing.ModelId).Dimension)];
        return await TableFile.WriteAsync(path, columns, await Provenance.OfAsync(session.Store.Vectors, keys, listing.AsKnown, cancellationToken),
            rows => WriteAsync(rows, withVectors, session.Grid.ListJointAsync(listing, cancellationToken)));
    }

    private async Task<int> WriteAsync(RowWriter rows, bool withVectors, IAsyncEnumerable<JointRow> found)
    {
        int count = 0;
        await foreach (var row in found)
        {
            count++;
            object?[] cells = [row.AsOf, .. Ids(row), row.ModelId, row.Vector.Length, Norm(row.Vector.Span)];
            rows.Write(withVectors ? [.. cells, row.Vector] : cells);
        }
        return count;
    }

    private static Column ColumnOf(string name) => name switch
    {
        "as_of_date" => Column.Date(name),
        "dim" => Column.Whole(name),
        "l2_norm" => Column.Number(name),
        _ => Column.Text(name),
    };

    private static double Norm(ReadOnlySpan<float> vector)
    {
        double sum = 0.0;
        foreach (float value in vector)
            sum += (double)value * value;
        return Math.Sqrt(sum);
    }
}
