using System.CommandLine;
using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Core.Encoders.Text;
using Prometheus.Grid.Tables;

namespace Prometheus.Grid.Cli.Commands;

/// <summary><c>grid models fit text-lsa</c>.</summary>
internal sealed class ModelsFitLsaCommand : ModelsFitTextCommand
{
    private readonly Option<int?> _dimension = Flags.Positive("--dimension", "Length of the vectors", 80);

    public ModelsFitLsaCommand()
        : base("text-lsa", "Fit a text model by latent semantic analysis", "text-lsa-own-v1",
            "A CSV, or .csv.gz, with a column 'text': one document a row",
            "grid models fit text-lsa --corpus descriptions.csv.gz --model-id text-lsa-own-v1") => Options.Add(_dimension);

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var (corpus, modelId, dimension) = (context.Get(Corpus)!, NewModelId(context), context.Get(_dimension)!.Value);
        string[] documents = await Task.Run(() => Documents(corpus, cancellationToken), cancellationToken);
        context.Messages.Say($"fitting on {documents.Length} documents of {corpus}");
        var (file, terms) = await Task.Run(() => LsaFit.Fit(documents, dimension, Environment.ProcessorCount, cancellationToken), cancellationToken);
        string sha256 = await WriteAsync(
            context, modelId, dimension, file, "Latent semantic analysis, fitted on a corpus of the user's own.",
            $"Fitted by 'grid models fit text-lsa' on {documents.Length} documents of {Path.GetFileName(corpus)}.", coordinates: null, cancellationToken);

        using var rows = context.Rows("model_id", "documents", "terms", "dimension", "size", "sha256");
        rows.Write(modelId, documents.Length, terms, dimension, file.Length, sha256);
        return ExitCodes.Ok;
    }

    private static string[] Documents(string corpus, CancellationToken cancellationToken)
    {
        using var table = new TableReader(new InputFile(corpus), ["text"]);
        return [.. table.Rows(row => row.Text("text"), cancellationToken).Select(document => document.Row)];
    }
}
