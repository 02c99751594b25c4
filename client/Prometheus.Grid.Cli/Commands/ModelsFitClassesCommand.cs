using System.CommandLine;
using System.Security.Cryptography;
using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Cli.Output;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Encoders.Text;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Tables;

namespace Prometheus.Grid.Cli.Commands;

/// <summary><c>grid models fit text-classes</c>: a text model taught with the classes of documents, in a taxonomy of the user's own.</summary>
internal sealed class ModelsFitClassesCommand : ModelsFitTextCommand
{
    private const string Id = "doc_id";

    private readonly Option<string> _classes = new("--classes")
    {
        Description = "A CSV, or .csv.gz, with a column 'doc_id' and a column a taxonomy (sector, industry, …); a blank cell is no class",
        HelpName = "FILE",
        Required = true,
    };

    private readonly Option<DateOnly?> _asOf = Flags.Date("--as-of", "The date that the fit carries (today unless said); same corpus, classes and date make the same file");

    public ModelsFitClassesCommand()
        : base("text-classes", "Fit a text model whose coordinates are scores of classes", "text-classes-own-v1",
            "A CSV, or .csv.gz, with the columns 'doc_id' and 'text': one document a row",
            "grid models fit text-classes --corpus descriptions.csv.gz --classes classes.csv.gz --model-id text-classes-own-v1")
    {
        Options.Add(_classes);
        Options.Add(_asOf);
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var (corpusFile, classesFile, modelId) = (context.Get(Corpus)!, context.Get(_classes)!, NewModelId(context));
        var asOf = context.Get(_asOf) ?? DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        string[] sources =
        [
            $"corpus: {Path.GetFileName(corpusFile)} SHA-256 {await Sha256Async(corpusFile, cancellationToken)}",
            $"classes: {Path.GetFileName(classesFile)} SHA-256 {await Sha256Async(classesFile, cancellationToken)}",
        ];
        var corpus = await Task.Run(() => Labelled(corpusFile, classesFile, sources, cancellationToken), cancellationToken);
        context.Messages.Say($"fitting on {corpus.Documents.Count} documents of {corpusFile} that {classesFile} has classes of");
        var fitted = await context.Messages.TrackAsync("fit", progress => Task.Run(
            () => ClassFit.Fit(corpus, asOf, Environment.ProcessorCount, new Fraction(progress), cancellationToken), cancellationToken));
        foreach (string line in fitted.LearnedFrom)
            context.Messages.Say(line);
        string sha256 = await WriteAsync(
            context, modelId, fitted.Classes.Count, fitted.File, $"Scores of the classes of {string.Join(", ", corpus.Columns)}, taught with documents of the user's own.",
            $"Fitted by 'grid models fit text-classes' on {DateRange.Text(asOf)}; {string.Join("; ", fitted.LearnedFrom)}.", fitted.Classes, cancellationToken);

        using var rows = context.Rows("model_id", "documents", "terms", "dimension", "size", "sha256");
        rows.Write(modelId, corpus.Documents.Count, fitted.Terms, fitted.Classes.Count, fitted.File.Length, sha256);
        return ExitCodes.Ok;
    }

    /// <summary>The documents that have a class, in the order of the corpus.</summary>
    private static LabelledCorpus Labelled(string corpusFile, string classesFile, string[] sources, CancellationToken cancellationToken)
    {
        var (columns, classes) = Classes(classesFile, cancellationToken);
        var documents = new List<string>();
        List<string>[] labels = [.. columns.Select(_ => new List<string>())];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        using var table = new TableReader(new InputFile(corpusFile), [Id, "text"]);
        foreach (((string id, string text), long line) in table.Rows(row => (row.Key(Id), row.Text("text")), cancellationToken))
        {
            if (!seen.Add(id))
                table.Refuse(line, Id, id, "each document once");
            if (!classes.TryGetValue(id, out var own) || Array.TrueForAll(own.Cells, cell => cell.Length == 0))
                continue;
            documents.Add(text);
            for (int c = 0; c < columns.Length; c++)
                labels[c].Add(own.Cells[c]);
        }
        foreach (var (id, (_, line)) in classes)
        {
            if (!seen.Contains(id))
                throw new BadInputException($"{classesFile} line {line}, {Id}", id, $"a document of {corpusFile}");
        }
        return new LabelledCorpus(documents, columns, labels, sources);
    }

    internal static (string[] Columns, Dictionary<string, (string[] Cells, long Line)> Classes) Classes(string file, CancellationToken cancellationToken)
    {
        using var table = new TableReader(new InputFile(file), [Id]);
        string[] columns = [.. table.Columns.Where(column => column != Id)];
        if (columns.Length == 0)
            throw table.Bad("header", string.Join(',', table.Columns), $"'{Id}' and at least one column of classes");
        var classes = new Dictionary<string, (string[], long)>(StringComparer.Ordinal);
        foreach (((string id, string[] cells), long line) in table.Rows(
            row => (row.Key(Id), columns.Select(column => row.Text(column).Trim()).ToArray()), cancellationToken))
        {
            if (!classes.TryAdd(id, (cells, line)))
                table.Refuse(line, Id, id, "each document once");
        }
        return (columns, classes);
    }

    private static async Task<string> Sha256Async(string file, CancellationToken cancellationToken)
    {
        await using var content = File.OpenRead(file);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken));
    }

    private sealed class Fraction(IProgress<Step> progress) : IProgress<double>
    {
        public void Report(double value) => progress.Report(new Step("fit", value));
    }
}
