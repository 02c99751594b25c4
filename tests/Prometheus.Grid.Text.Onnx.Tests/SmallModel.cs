using System.Security.Cryptography;
using System.Text.Json;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Tests.Onnx;

namespace Prometheus.Grid.Text.Onnx.Tests;

/// <summary>A small transformer with a vocabulary of its own, in the folder <c>small</c> beside the test program.</summary>
public sealed class SmallModel
{
    internal const int Dimension = 32, MaxTokens = 48, Seed = 20240229;

    internal static BertModel Shape { get; } = new(SmallVocabulary.Tokens.Length, Dimension, Layers: 2, Heads: 4, Positions: MaxTokens);

    public SmallModel()
    {
        Folder = Path.Combine(AppContext.BaseDirectory, "small");
        Manifest = Install("small", Shape.ToBytes(Seed), """{ "pooling": "mean", "max_tokens": 48 }""", Folder);
    }

    internal string Folder { get; }

    internal ModelManifest Manifest { get; }

    /// <summary>Writes a model and returns the manifest that describes it.</summary>
    internal static ModelManifest Install(string modelId, byte[] graph, string parameters, string? folder = null)
    {
        folder ??= Path.Combine(AppContext.BaseDirectory, "made", modelId);
        Directory.CreateDirectory(folder);
        byte[] vocabulary = SmallVocabulary.ToBytes();
        File.WriteAllBytes(Path.Combine(folder, "model.onnx"), graph);
        File.WriteAllBytes(Path.Combine(folder, "vocab.txt"), vocabulary);
        return new ModelManifest
        {
            ModelId = modelId,
            Kind = BranchKind.Text,
            Entity = EntityKind.Issuer,
            Encoder = TransformerRegistration.EncoderName,
            Dimension = Dimension,
            Parameters = JsonDocument.Parse(parameters).RootElement,
            Files = [Described("model.onnx", graph), Described("vocab.txt", vocabulary)],
            Folder = folder,
        };
    }

    /// <summary>The encoder as a host gets it.</summary>
    internal static Task<ITextEncoder> LoadAsync(ModelManifest manifest, TransformerOptions? options = null)
    {
        var registry = new EncoderRegistry();
        registry.AddTransformer(options ?? new TransformerOptions { Workers = 2 });
        return registry.TextAsync(new EncoderContext(manifest, new DateOnly(2024, 2, 29), null, null!, null!, null!), TestContext.Current.CancellationToken);
    }

    internal static async Task<float[][]> EncodeAsync(ITextEncoder encoder, IReadOnlyList<string> texts)
    {
        float[] values = new float[texts.Count * encoder.Dimension];
        await encoder.EncodeAsync(texts, values, TestContext.Current.CancellationToken);
        return [.. values.Chunk(encoder.Dimension)];
    }

    private static ModelFile Described(string name, byte[] content) =>
        new(name, content.Length, Convert.ToHexStringLower(SHA256.HashData(content)));
}
