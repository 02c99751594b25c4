using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json;
using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Core.Encoders.Text;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Hosting;
using Prometheus.Grid.Tables;

namespace Prometheus.Grid.Cli.Commands;

/// <summary><c>grid models fit</c>: models fitted on the user's own corpus; they live in the data folder beside those of the product.</summary>
internal sealed class ModelsFitCommand : Command
{
    public ModelsFitCommand()
        : base("fit", "Fit a model of your own") => Add(new TextLsa());

    private sealed class TextLsa : GridCommand
    {
        private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

        private readonly Option<string> _corpus = new("--corpus") { Description = "A CSV, or .csv.gz, with a column 'text': one document a row", HelpName = "FILE", Required = true };
        private readonly Option<string> _modelId = Flags.Text("--model-id", "The id of the new model", "text-lsa-own-v1");
        private readonly Option<int?> _dimension = Flags.Positive("--dimension", "Length of the vectors", 80);

        public TextLsa()
            : base("text-lsa", "Fit a text model by latent semantic analysis", "grid models fit text-lsa --corpus descriptions.csv.gz --model-id text-lsa-own-v1")
        {
            foreach (var option in (Option[])[_corpus, _modelId, _dimension])
                Options.Add(option);
        }

        protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
        {
            var choice = StoreChoice.From(context.Parsed);
            var (corpus, modelId, dimension) = (context.Get(_corpus)!, context.Get(_modelId)!, context.Get(_dimension)!.Value);
            ModelCatalog.CheckId(modelId, "--model-id");
            if (GridSession.LoadCatalog(choice).Models.Any(model => model.ModelId == modelId))
                throw new BadInputException("--model-id", modelId, "an id that no model has yet; stored vectors keep the meaning of theirs");

            var documents = await Task.Run(() => Documents(corpus, cancellationToken), cancellationToken);
            context.Messages.Say($"fitting on {documents.Count} documents of {corpus}");
            var (file, terms) = await Task.Run(() => LsaFit.Fit(documents, dimension, Environment.ProcessorCount, cancellationToken), cancellationToken);
            string folder = GridModels.FolderOf(choice.Folder);
            Directory.CreateDirectory(folder);
            string sha256 = Convert.ToHexStringLower(SHA256.HashData(file));
            // The fit first: a manifest without its file would be a model that does not work.
            await File.WriteAllBytesAsync(Path.Combine(folder, $"{modelId}.fit"), file, cancellationToken);
            await File.WriteAllTextAsync(
                Path.Combine(folder, $"{modelId}.json"), Manifest(modelId, dimension, file.Length, sha256, Path.GetFileName(corpus), documents.Count), cancellationToken);

            using var rows = context.Rows("model_id", "documents", "terms", "dimension", "size", "sha256");
            rows.Write(modelId, documents.Count, terms, dimension, file.Length, sha256);
            return ExitCodes.Ok;
        }

        private static List<string> Documents(string corpus, CancellationToken cancellationToken)
        {
            using var table = new CsvTable(new InputFile(corpus), ["text"]);
            return [.. table.Rows(row => row.Text("text"), cancellationToken).Select(document => document.Row)];
        }

        private static string Manifest(string modelId, int dimension, int size, string sha256, string corpus, int documents) => JsonSerializer.Serialize(
            new
            {
                model_id = modelId,
                kind = "text",
                entity = "issuer",
                encoder = "text-lsa",
                dimension,
                files = new[] { new { name = $"{modelId}.fit", size, sha256 } },
                description = "Latent semantic analysis, fitted on a corpus of the user's own.",
                provenance = $"Fitted by 'grid models fit text-lsa' on {documents} documents of {corpus}.",
            },
            s_indented);
    }
}
