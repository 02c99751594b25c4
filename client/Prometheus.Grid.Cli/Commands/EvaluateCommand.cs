using System.CommandLine;
using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Cli.Exchange;
using Prometheus.Grid.Cli.Output;
using Prometheus.Grid.Columnar;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Evaluation;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Tables;

namespace Prometheus.Grid.Cli.Commands;

/// <summary><c>grid evaluate</c>: how good the neighbours of a model are, on the user's own data.</summary>
internal sealed class EvaluateCommand : GridCommand
{
    private static readonly string[] s_columns =
        ["as_of_date", "model_id", "metric", "value", "standard_error", "baseline", "baseline_is", "better", "entities"];

    private static readonly string[] s_comparedColumns = [.. s_columns, "difference", "difference_error"];

    private readonly DateFlags _dates;
    private readonly Option<string[]> _modelIds = Flags.Repeatable(
        "--model-id", "A model, joint or of a branch (joint-profile-core-v3 unless said); several are judged on the entities and dates that all have, and held against the first");
    private readonly Option<string?> _labels = new("--labels") { Description = "A CSV of labels of your own: entity id, label; the second column's name is the metric's", HelpName = "FILE" };
    private readonly Option<string?> _out = new("--out") { Description = "Write to this file instead: .csv, .json, .jsonl, .parquet, .arrow, or an .html report with charts", HelpName = "FILE" };

    public EvaluateCommand()
        : base("evaluate", "Judge a model by the ten nearest neighbours of every entity",
            "grid evaluate --as-of 2023-11-30 --format table",
            "grid evaluate --as-of 2023-11-30 --model-id joint-profile-core-v2 --model-id joint-profile-core-v3",
            "grid evaluate --start 2022-06-30 --end 2023-11-30 --model-id num-profile-core-v2 --out report.html",
            "grid evaluate --as-of 2023-11-30 --model-id joint-portfolio-core-v3 --labels portfolio_labels.csv")
    {
        _dates = new DateFlags(this);
        foreach (var option in (Option[])[_modelIds, _labels, _out])
            Options.Add(option);
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        string? path = context.Get(_out);
        string? ending = path is null ? null : Path.GetExtension(path);
        if (path is not null)
            WholeFile.Check(path, [.. TableFile.Endings, ".json", ".html"]);
        var (labelName, labels) = context.Get(_labels) is { } file ? Labels(file, cancellationToken) : ("label", null);
        var session = await context.OpenAsync(cancellationToken);
        var report = await session.EvaluateAsync(
            new EvaluationQuery(context.Get(_modelIds) is { Length: > 0 } named ? named : ["joint-profile-core-v3"], _dates.Of(context.Parsed), labels, labelName), cancellationToken);
        foreach (var (reason, count) in report.LeftOut)
            context.Messages.Say($"{count} left out: {reason}");
        foreach (var date in report.Unjudged)
            context.Messages.Say($"{DateRange.Text(date.AsOf)} not judged: {date.Reason}");

        string[] columns = report.ModelIds.Count > 1 ? s_comparedColumns : s_columns;
        if (path is null)
        {
            using var rows = context.Rows(columns);
            Write(rows, report);
            return ExitCodes.Ok;
        }
        if (ending is ".html" or ".json")
            await WholeFile.WriteAsync(path, file => PageAsync(file, ending, columns, report));
        else
            await TableFile.WriteAsync(path, [.. columns.Select(ColumnOf)], await SourcesAsync(session, report, cancellationToken), rows => Task.FromResult(Write(rows, report)));
        context.Messages.Say($"wrote {path}");
        return ExitCodes.Ok;
    }

    private static Column ColumnOf(string name) => name switch
    {
        "as_of_date" => Column.Date(name),
        "entities" => Column.Whole(name),
        "value" or "standard_error" or "baseline" or "difference" or "difference_error" => Column.Number(name),
        _ => Column.Text(name),
    };

    private static async Task<IReadOnlyDictionary<string, string>> SourcesAsync(GridSession session, EvaluationReport report, CancellationToken cancellationToken)
    {
        var keys =
            from figure in report.Figures
            where figure.AsOf is not null
            select new PartitionKey(session.Grid.Catalog.KindOf(figure.ModelId), figure.ModelId, figure.AsOf!.Value);
        return await Provenance.OfAsync(session.Store.Vectors, keys, null, cancellationToken);
    }

    private static async Task<bool> PageAsync(FileStream file, string ending, string[] columns, EvaluationReport report)
    {
        await using var output = new StreamWriter(file, leaveOpen: true) { NewLine = "\n" };
        if (ending == ".html")
        {
            await output.WriteAsync(EvaluationPage.Of(report));
            return true;
        }
        using var rows = RowWriter.Create(OutputFormat.Json, output, columns);
        return Write(rows, report);
    }

    private static bool Write(RowWriter rows, EvaluationReport report)
    {
        foreach (var figure in report.Figures)
        {
            object?[] cells =
            [
                // The mean over the dates has none, which a column of dates says by no date.
                figure.AsOf is { } date ? date : rows is ColumnarRowWriter ? null : "mean",
                figure.ModelId,
                figure.Metric,
                figure.Value,
                figure.StandardError,
                figure.Baseline,
                figure.BaselineIs == EvaluationBaseline.RandomPair ? "random pair" : "sector mean",
                figure.MoreIsBetter ? "higher" : "lower",
                figure.Entities,
            ];
            rows.Write(report.ModelIds.Count > 1 ? [.. cells, figure.Difference, figure.DifferenceError] : cells);
        }
        return true;
    }

    internal static (string Name, Dictionary<string, string> Labels) Labels(string file, CancellationToken cancellationToken)
    {
        using var table = new TableReader(new InputFile(file), []);
        if (table.Columns.Count < 2)
            throw table.Bad("header", string.Join(',', table.Columns), "two columns, an entity id and a label");
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        string id = table.Columns[0];
        foreach ((string entity, long line) in table.Rows(row => row.Key(id), cancellationToken))
        {
            if (string.IsNullOrWhiteSpace(table[1]))
                table.Refuse(line, table.Columns[1], table[1], "a label; leave out the row of an entity without one only if it is not judged");
            if (!labels.TryAdd(entity, table[1]))
                table.Refuse(line, id, entity, "each entity once");
        }
        return (table.Columns[1], labels);
    }
}
