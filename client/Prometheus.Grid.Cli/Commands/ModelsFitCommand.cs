using System.CommandLine;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using CsvHelper;
using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Core.Encoders.Text;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Cli.Commands;

/// <summary><c>grid models fit</c>: a model of the user's own, beside the data.</summary>
internal sealed class ModelsFitCommand : Command
{
    public ModelsFitCommand()
        : base("fit", "Fit a model of your own") => Add(new TextLsa());

    private sealed class TextLsa : GridCommand
    {
        private readonly Option<string> _corpus = new("--corpus") { Description = "A CSV file, gzip or not, with a column text", HelpName = "FILE", Required = true };
        private readonly Option<string> _modelId = new("--model-id") { Description = "The id of the new model", HelpName = "MODEL_ID", Required = true };
        private readonly Option<int?> _dimension = Flags.Positive("--dimension", $"Length of the vectors, 2 to {LsaFit.MostDimensions}", 80);

        public TextLsa()
            : base("text-lsa", "Latent semantic analysis of a corpus; manifest and fit go to DIR/models",
                "grid models fit text-lsa --corpus descriptions.csv.gz --model-id text-mine-v1")
        {
            foreach (var option in (Option[])[_corpus, _modelId, _dimension])
                Options.Add(option);
        }

        protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
        {
            var choice = StoreChoice.From(context.Parsed);
            var (modelId, corpus) = (context.Get(_modelId)!, context.Get(_corpus)!);
            if (GridSession.LoadCatalog(choice).Models.Any(model => model.ModelId == modelId))
                throw new BadInputException("--model-id", modelId, "an id that no model has yet; what an id computes never changes");
            if (modelId.Length > 64 || !modelId.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
                throw new BadInputException("--model-id", modelId, "1 to 64 lower-case letters, digits and hyphens");
            var documents = await ReadAsync(corpus, cancellationToken);
            context.Messages.Say($"fitting {modelId} on {documents.Count} documents");
            var dimension = context.Get(_dimension)!.Value;
            var (file, terms) = LsaFit.Fit(documents, dimension, Environment.ProcessorCount, cancellationToken);

            var folder = Path.Combine(choice.Folder, "models");
            Directory.CreateDirectory(folder);
            var sha256 = Convert.ToHexStringLower(SHA256.HashData(file));
            // The manifest last: a model whose fit is not there yet does not exist.
            await File.WriteAllBytesAsync(Path.Combine(folder, $"{modelId}.fit"), file, cancellationToken);
            await File.WriteAllTextAsync(Path.Combine(folder, $"{modelId}.json"), Manifest(modelId, dimension, file.Length, sha256, Path.GetFileName(corpus), documents.Count), cancellationToken);
            using var rows = context.Rows("model_id", "documents", "terms", "dimension", "sha256");
            rows.Write(modelId, documents.Count, terms, dimension, sha256);
            return ExitCodes.Ok;
        }

        private static string Manifest(string modelId, int dimension, int size, string sha256, string corpus, int documents) =>
            $$"""
            {
              "model_id": "{{modelId}}",
              "kind": "text",
              "entity": "issuer",
              "encoder": "text-lsa",
              "dimension": {{dimension}},
              "files": [{ "name": "{{modelId}}.fit", "size": {{size}}, "sha256": "{{sha256}}" }],
              "description": "Latent semantic analysis of a corpus of the user's own.",
              "provenance": {{JsonSerializer.Serialize($"Fitted on {documents} documents of {corpus}.")}}
            }

            """;

        private static async Task<List<string>> ReadAsync(string path, CancellationToken cancellationToken)
        {
            if (!File.Exists(path))
                throw new NotFoundException("file", path);
            await using var file = File.OpenRead(path);
            await using Stream plain = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
            using var csv = new CsvReader(new StreamReader(plain), CultureInfo.InvariantCulture);
            var documents = new List<string>();
            if (!await csv.ReadAsync() || !csv.ReadHeader() || csv.HeaderRecord?.Contains("text") != true)
                throw new BadInputException($"{path} column text", "missing", "a CSV file with a header and a column text");
            while (await csv.ReadAsync())
            {
                cancellationToken.ThrowIfCancellationRequested();
                documents.Add(csv.GetField("text") ?? "");
            }
            return documents;
        }
    }
}
