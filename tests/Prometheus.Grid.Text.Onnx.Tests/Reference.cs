using System.Text.Json;

namespace Prometheus.Grid.Text.Onnx.Tests;

/// <summary>What Reference/reference.mjs wrote.</summary>
internal sealed record Reference(
    IReadOnlyList<Reference.Tokens> Hard,
    IReadOnlyList<string> Corpus,
    int[][] Unicode17,
    IReadOnlyList<string> Sweep,
    string SmallModel,
    IReadOnlyList<Reference.Embedding> Embeddings,
    string FullSizeModel,
    IReadOnlyList<Reference.CorpusEmbedding> FullSize)
{
    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Texts a digest.</summary>
    public const int DigestSize = 1000;

    public static Reference Read() =>
        JsonSerializer.Deserialize<Reference>(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Reference", "reference.json")), s_json)!;

    public sealed record Tokens(string Text, int[] Ids);

    public sealed record Embedding(string Text, float[] Vector);

    /// <param name="Document">Number of the text in the corpus, from 0.</param>
    /// <param name="Vector">float32, little-endian.</param>
    public sealed record CorpusEmbedding(int Document, byte[] Vector);
}
