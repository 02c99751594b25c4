using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json;
using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Hosting;

namespace Prometheus.Grid.Cli.Commands;

/// <summary><c>grid models fit</c>: models fitted on the user's own corpus; they live in the data folder beside those of the product.</summary>
internal sealed class ModelsFitCommand : Command
{
    public ModelsFitCommand()
        : base("fit", "Fit a model of your own")
    {
        Add(new ModelsFitLsaCommand());
        Add(new ModelsFitClassesCommand());
    }
}

/// <summary>What the fits share: a corpus goes in, a manifest and its file come out.</summary>
internal abstract class ModelsFitTextCommand : GridCommand
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    protected ModelsFitTextCommand(string name, string description, string modelId, string corpus, params string[] examples)
        : base(name, description, examples)
    {
        Corpus = new Option<string>("--corpus") { Description = corpus, HelpName = "FILE", Required = true };
        ModelId = Flags.Text("--model-id", "The id of the new model", modelId);
        Options.Add(Corpus);
        Options.Add(ModelId);
    }

    protected Option<string> Corpus { get; }

    protected Option<string> ModelId { get; }

    /// <summary>The id that the new model is to have.</summary>
    /// <exception cref="BadInputException">It is no id, or there is such a model.</exception>
    protected string NewModelId(CommandContext context)
    {
        string modelId = context.Get(ModelId)!;
        ModelCatalog.CheckId(modelId, "--model-id");
        if (GridSession.LoadCatalog(StoreChoice.From(context.Parsed).WithoutServer("fits a model on this machine")).Models.Any(model => model.ModelId == modelId))
            throw new BadInputException("--model-id", modelId, "an id that no model has yet; stored vectors keep the meaning of theirs");
        return modelId;
    }

    /// <summary>Writes the fit and its manifest into the models of the data folder.</summary>
    /// <returns>The SHA-256 of the fit.</returns>
    protected async Task<string> WriteAsync(
        CommandContext context, string modelId, int dimension, byte[] file, string description, string provenance, IReadOnlyList<string>? coordinates, CancellationToken cancellationToken)
    {
        string folder = GridModels.FolderOf(StoreChoice.From(context.Parsed).Folder);
        Directory.CreateDirectory(folder);
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(file));
        // The fit first: a manifest without its file would be a model that does not work.
        await File.WriteAllBytesAsync(Path.Combine(folder, $"{modelId}.fit"), file, cancellationToken);
        var manifest = new Dictionary<string, object>
        {
            ["model_id"] = modelId,
            ["kind"] = "text",
            ["entity"] = "issuer",
            ["encoder"] = Name,
            ["dimension"] = dimension,
            ["files"] = new[] { new { name = $"{modelId}.fit", size = file.Length, sha256 } },
            ["description"] = description,
            ["provenance"] = provenance,
        };
        if (coordinates is not null)
            manifest.Add("coordinates", coordinates);
        await File.WriteAllTextAsync(Path.Combine(folder, $"{modelId}.json"), JsonSerializer.Serialize(manifest, s_indented), cancellationToken);
        return sha256;
    }
}
