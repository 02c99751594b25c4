using System.Security.Cryptography;
using System.Text.Json;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Tests.Onnx;
using Prometheus.Grid.Text.Onnx;

namespace Prometheus.Grid.Bench.Text;

/// <summary>MiniLM's shape and vocabulary with random weights, as <c>model.onnx</c> in a folder.</summary>
internal sealed class FullSizeModel(ModelManifest manifest)
{
    private const int Seed = 20240229;

    /// <summary>Writes the model, unless it is there from an earlier run.</summary>
    public static FullSizeModel Install(string folder, string vocabulary)
    {
        Directory.CreateDirectory(folder);
        string graph = Path.Combine(folder, "model.onnx");
        if (!File.Exists(graph))
        {
            File.WriteAllBytes(graph + ".partial", BertModel.MiniLm.ToBytes(Seed));
            File.Move(graph + ".partial", graph);
        }
        File.Copy(vocabulary, Path.Combine(folder, "vocab.txt"), overwrite: true);
        return new FullSizeModel(new ModelManifest
        {
            ModelId = "text-bench-v1",
            Kind = BranchKind.Text,
            Entity = EntityKind.Issuer,
            Encoder = TransformerRegistration.EncoderName,
            Dimension = BertModel.MiniLm.Hidden,
            Parameters = JsonDocument.Parse("""{ "pooling": "mean", "max_tokens": 512 }""").RootElement,
            Files = [Described(folder, "model.onnx"), Described(folder, "vocab.txt")],
            Folder = folder,
        });
    }

    public async Task<ITextEncoder> LoadAsync()
    {
        var registry = new EncoderRegistry();
        registry.AddTransformer();
        return await registry.TextAsync(new EncoderContext(manifest, DateOnly.MinValue, null, null!, null!, null!), CancellationToken.None);
    }

    private static ModelFile Described(string folder, string name)
    {
        using var content = File.OpenRead(Path.Combine(folder, name));
        return new ModelFile(name, content.Length, Convert.ToHexStringLower(SHA256.HashData(content)));
    }
}
