using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Models;
using Prometheus.Grid.Text.Onnx.Tokenization;

namespace Prometheus.Grid.Text.Onnx;

/// <summary>A model in memory: its files are there, are those of the manifest, and fit together.</summary>
internal sealed record LoadedModel(SentenceTokenizer Tokenizer, EncoderSession Session)
{
    /// <summary>Checks and loads a model whose files are installed.</summary>
    /// <exception cref="NotFoundException">A file is not installed.</exception>
    /// <exception cref="GridFaultException">A file is not the one that the manifest names, or cannot be used.</exception>
    public static async Task<LoadedModel> LoadAsync(TransformerManifest manifest, TransformerOptions options, CancellationToken cancellationToken)
    {
        CheckPresence(manifest.Model);
        foreach (var file in manifest.Model.Files)
            await CheckFileAsync(manifest.Model, file, cancellationToken);
        string vocabulary = ModelFiles.PathOf(manifest.Model, manifest.Vocabulary.Name);
        string graph = ModelFiles.PathOf(manifest.Model, manifest.Graph.Name);
        var tokenizer = await SentenceTokenizer.ReadAsync(vocabulary, manifest.LowerCase, cancellationToken);
        return new LoadedModel(tokenizer, EncoderSession.Open(graph, manifest, options));
    }

    /// <summary>Checks that a model is installed, without reading it.</summary>
    /// <exception cref="NotFoundException">A file is not installed.</exception>
    public static void CheckPresence(ModelManifest model)
    {
        foreach (var file in model.Files)
        {
            string path = ModelFiles.PathOf(model, file.Name);
            if (!File.Exists(path))
            {
                throw new NotFoundException(
                    $"file of model {model.ModelId}", path, $"install it with grid models pull {model.ModelId}; --model-id text-lsa-v1 needs nothing");
            }
        }
    }

    private static async Task CheckFileAsync(ModelManifest model, ModelFile file, CancellationToken cancellationToken)
    {
        string path = ModelFiles.PathOf(model, file.Name);
        if (await ModelFiles.ProblemAsync(model, file.Name, cancellationToken) is { } problem)
        {
            throw new GridFaultException(
                $"{path} {problem}; grid models pull {model.ModelId} fetches the right one, and another export (int8, fp16) is another model "
                    + "with a manifest of its own");
        }
    }
}
